//! Rules from a spreadsheet: CSV (RFC 4180) with a line of field names.

use crate::{
    error::{Error, Mistake, Result},
    model::{Field, Given, NewRule, sound},
};

/// The rules in `text`. The separator is a comma, or a semicolon where spreadsheets write that.
pub fn rules(text: &str) -> Result<Vec<NewRule>> {
    let first = text.lines().next().unwrap_or_default();
    let separator = if first.contains(';') && !first.contains(',') { ';' } else { ',' };
    let mut rows = rows(text, separator)?.into_iter().filter(|(_, row)| row.iter().any(|cell| !cell.is_empty()));
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
            '\r' if !quoted => {}
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
    Error::Config(format!("line {line} cannot be imported: {what}"))
}
