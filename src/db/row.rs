//! What a statement answers, the same for both databases: rows, or why there are none.

use std::{mem, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value as Json};

use crate::model::Given;

/// A row, with the names of its columns.
pub struct Row {
    columns: Arc<[String]>,
    values: Vec<Given>,
}

/// Why a statement failed: the cause, without the database's name.
#[derive(Debug)]
pub struct Failure {
    pub class: Class,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A rule with this film and this show is there.
    Unique,
    /// The database lets nobody write, or not us.
    ReadOnly,
    Other,
}

impl Row {
    pub fn new(columns: &Arc<[String]>, values: Vec<Given>) -> Row {
        Row { columns: columns.clone(), values }
    }

    /// What is in a column, whatever that is.
    pub fn take(&mut self, column: &str) -> Given {
        let at = self.columns.iter().position(|name| name == column);
        at.map_or(Given::Absent, |at| mem::replace(&mut self.values[at], Given::Absent))
    }

    /// The row as a value whose fields are called as its columns are.
    pub fn fields<T: DeserializeOwned>(self) -> Result<T, String> {
        let fields = self.columns.iter().cloned().zip(self.values.into_iter().map(json));
        serde_json::from_value(fields.collect()).map_err(|cause| cause.to_string())
    }

    /// The row as a tuple, in the statement's order.
    pub fn values<T: DeserializeOwned>(self) -> Result<T, String> {
        serde_json::from_value(self.values.into_iter().map(json).collect()).map_err(|cause| cause.to_string())
    }
}

fn json(value: Given) -> Json {
    match value {
        Given::Absent => Json::Null,
        Given::Number(number) => number.into(),
        Given::Text(text) => text.into(),
        // no field of ours takes a list
        Given::Other(text) => Json::Array(vec![text.into()]),
    }
}

/// A record as a row of its table, whose columns are called as the record's fields are.
pub fn columns(record: &impl Serialize) -> Result<Vec<(String, Given)>, Failure> {
    let value = |value: Json| match value {
        Json::Bool(yes) => Given::Number(yes.into()),
        value => (&value).into(),
    };
    let fields = serde_json::to_value(record).and_then(serde_json::from_value::<Map<_, _>>);
    let fields = fields.map_err(|cause| cause.to_string())?;
    Ok(fields.into_iter().map(|(name, field)| (name, value(field))).collect())
}

impl From<String> for Failure {
    fn from(text: String) -> Failure {
        Failure { class: Class::Other, text }
    }
}

impl From<&str> for Failure {
    fn from(text: &str) -> Failure {
        text.to_string().into()
    }
}
