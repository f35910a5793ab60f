//! What goes into a statement and what comes out of it, the same for both databases.

use std::{fmt, vec};

use crate::model::Given;

/// A value of a column or of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Int(i64),
    Text(String),
    /// Something that no column of ours holds, told for people: the old program's SQLite columns take anything.
    Other(String),
}

/// A row that is read column by column, in the statement's order.
pub struct Row(vec::IntoIter<Value>);

/// Why a statement failed: the cause, without the database's name.
#[derive(Debug)]
pub struct Failure {
    pub kind: Kind,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A rule with this film and this show is there.
    Unique,
    /// The database lets nobody write, or not us.
    ReadOnly,
    Other,
}

impl Row {
    pub fn new(values: Vec<Value>) -> Row {
        Row(values.into_iter())
    }

    /// The next column. The error is a sentence that begins with its name.
    pub fn next<T: TryFrom<Value, Error = Wrong>>(&mut self, column: &str) -> Result<T, String> {
        let value = self.value();
        T::try_from(value).map_err(|Wrong { value, must }| format!("{column} is {value}: it must be {must}"))
    }

    /// The next column, whatever is in it.
    pub fn value(&mut self) -> Value {
        self.0.next().unwrap_or(Value::Null)
    }
}

/// A value of another kind than the one that was asked for.
pub struct Wrong {
    value: Value,
    must: &'static str,
}

impl From<String> for Failure {
    fn from(text: String) -> Failure {
        Failure { kind: Kind::Other, text }
    }
}

impl From<&str> for Failure {
    fn from(text: &str) -> Failure {
        text.to_string().into()
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        Given::from(self.clone()).fmt(f)
    }
}

impl From<Value> for Given {
    fn from(value: Value) -> Given {
        match value {
            Value::Null => Given::Absent,
            Value::Int(number) => Given::Number(number),
            Value::Text(text) => Given::Text(text),
            Value::Other(text) => Given::Other(text),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Int(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Value {
        Value::Int(number.into())
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Value {
        Value::Int(yes.into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, T::into)
    }
}

impl TryFrom<Value> for String {
    type Error = Wrong;

    fn try_from(value: Value) -> Result<String, Wrong> {
        match value {
            Value::Text(text) => Ok(text),
            value => Err(Wrong { value, must: "text" }),
        }
    }
}

impl TryFrom<Value> for i64 {
    type Error = Wrong;

    fn try_from(value: Value) -> Result<i64, Wrong> {
        match value {
            Value::Int(number) => Ok(number),
            value => Err(Wrong { value, must: "a whole number" }),
        }
    }
}

impl TryFrom<Value> for i32 {
    type Error = Wrong;

    fn try_from(value: Value) -> Result<i32, Wrong> {
        let number = i64::try_from(value)?;
        i32::try_from(number).map_err(|_| Wrong { value: Value::Int(number), must: "at most 2147483647" })
    }
}

impl TryFrom<Value> for usize {
    type Error = Wrong;

    fn try_from(value: Value) -> Result<usize, Wrong> {
        let number = i64::try_from(value)?;
        usize::try_from(number).map_err(|_| Wrong { value: Value::Int(number), must: "at least 0" })
    }
}

impl TryFrom<Value> for bool {
    type Error = Wrong;

    fn try_from(value: Value) -> Result<bool, Wrong> {
        Ok(i64::try_from(value)? != 0)
    }
}

impl TryFrom<Value> for Option<i32> {
    type Error = Wrong;

    fn try_from(value: Value) -> Result<Option<i32>, Wrong> {
        if value == Value::Null { Ok(None) } else { i32::try_from(value).map(Some) }
    }
}

impl TryFrom<Value> for Option<String> {
    type Error = Wrong;

    fn try_from(value: Value) -> Result<Option<String>, Wrong> {
        if value == Value::Null { Ok(None) } else { String::try_from(value).map(Some) }
    }
}
