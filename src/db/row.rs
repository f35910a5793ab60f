//! What a statement answers, the same for both databases: rows.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value as Json};

use crate::model::Given;

/// A row, with the names of its columns.
pub struct Row {
    pub columns: Arc<[String]>,
    pub values: Vec<Given>,
}

impl Row {
    /// What is in a column, whatever that is.
    pub fn get(&self, column: &str) -> Given {
        let at = self.columns.iter().position(|name| name == column);
        at.map_or(Given::Absent, |at| self.values[at].clone())
    }

    /// The row as a value whose fields are called as its columns are.
    pub fn fields<T: DeserializeOwned>(self) -> Result<T, String> {
        let fields = self.columns.iter().cloned().zip(self.values.into_iter().map(json));
        serde_json::from_value(fields.collect()).map_err(|cause| cause.to_string())
    }

    /// Its only column, or a tuple in the statement's order.
    pub fn value<T: DeserializeOwned>(self) -> Result<T, String> {
        let mut values: Vec<Json> = self.values.into_iter().map(json).collect();
        let value = if values.len() == 1 { values.swap_remove(0) } else { values.into() };
        serde_json::from_value(value).map_err(|cause| cause.to_string())
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
pub fn columns(record: impl Serialize) -> Vec<(String, Given)> {
    let fields = serde_json::to_value(record).and_then(serde_json::from_value::<Map<_, _>>).unwrap_or_default();
    let value = |value: Json| match value {
        Json::Bool(yes) => Given::Number(yes.into()),
        value => (&value).into(),
    };
    fields.into_iter().map(|(name, field)| (name, value(field))).collect()
}
