//! Rules from a file: JSON, or a spreadsheet's CSV (RFC 4180) with a line of field names.

use std::borrow::Cow;

use super::{Field, Given, NewRule, sound};
use crate::error::{Error, Mistake, Result};

/// What Excel may write into a first line of its own, with the separator behind it.
const SEPARATOR: &str = "sep=";

impl NewRule {
    /// The rules in a file, in the form that the export and the API give them, or as CSV.
    pub fn list_from_file(bytes: &[u8]) -> Result<Vec<NewRule>> {
        let text =
            decoded(bytes).ok_or_else(|| refused("it is text in neither UTF-8 nor UTF-16: save it in one of them"))?;
        let text = text.trim_start_matches('\u{feff}');
        let is_json = text.trim_start().starts_with(['[', '{']);
        if is_json { NewRule::list_from_json(text.as_bytes()) } else { rules(text) }
    }
}

/// A text as it is here, or as Windows has it, with a mark at its start.
fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let utf16 = |order: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks(2).map(|pair| order([pair[0], *pair.get(1).unwrap_or(&0)])).collect();
        String::from_utf16(&units).ok().map(Cow::Owned)
    };
    match bytes {
        [0xff, 0xfe, ..] => utf16(u16::from_le_bytes),
        [0xfe, 0xff, ..] => utf16(u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
    }
}

/// The rules in CSV. The separator is the one that the first line names or has: a comma, or what spreadsheets write instead.
fn rules(text: &str) -> Result<Vec<NewRule>> {
    let text = &text.replace("\r\n", "\n").replace('\r', "\n");
    let first = text.lines().next().unwrap_or_default();
    let told = first.strip_prefix(SEPARATOR).and_then(|rest| rest.chars().next());
    let separator = told.or_else(|| [',', ';', '\t'].into_iter().find(|c| first.contains(*c))).unwrap_or(',');
    let counts = |(_, row): &(usize, Vec<String>)| row[0] != SEPARATOR && row.iter().any(|cell| !cell.is_empty());
    let mut rows = rows(text, separator)?.into_iter().filter(counts);
    let (first, names) = rows.next().ok_or_else(|| wrong(1, "there is nothing in it"))?;
    // the number belongs to the database that the rule was exported from
    let column = |name: &String| match name.trim() {
        "id" | "" => Ok(None),
        name => Field::named(name).map(Some).ok_or_else(|| wrong(first, &format!("{name:?} is no field of a rule"))),
    };
    let columns = names.iter().map(column).collect::<Result<Vec<_>>>()?;
    let (mut wishes, mut mistakes) = (Vec::new(), Vec::new());
    for (line, row) in rows {
        let cell = |field| columns.iter().zip(&row).find(|(column, _)| **column == Some(field));
        let (wish, mut said) = NewRule::read(|field| match cell(field) {
            Some((_, text)) if !text.trim().is_empty() => Given::from(&**text),
            _ => Given::Absent,
        });
        if let Some(more) = row.iter().skip(columns.len()).find(|cell| !cell.trim().is_empty()) {
            said.push(Mistake::new("", format!("{more:?} is below no field: put a text with {separator:?} in quotes")));
        }
        mistakes.extend(said.into_iter().map(|mistake| mistake.at(&format!("line {line}"))));
        wishes.push(wish);
    }
    sound((wishes, mistakes))
}

/// The cells of each row, with the number of its first line.
fn rows(text: &str, separator: char) -> Result<Vec<(usize, Vec<String>)>> {
    let mut rows = Vec::new();
    let (mut row, mut cell, mut quoted, mut line, mut begun) = (Vec::new(), String::new(), false, 1, 1);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push((begun, std::mem::take(&mut row)));
                begun = line + 1;
            }
            c if c == separator && !quoted => row.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
        line += usize::from(c == '\n');
    }
    if quoted {
        return Err(wrong(begun, "a quotation is never closed"));
    }
    row.push(cell);
    rows.push((begun, row));
    Ok(rows)
}

fn wrong(line: usize, what: &str) -> Error {
    refused(&format!("line {line} cannot be imported: {what}"))
}

fn refused(sentence: &str) -> Error {
    Error::Invalid(vec![Mistake::new("", sentence.into())])
}
