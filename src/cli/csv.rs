//! Rules from a spreadsheet: CSV (RFC 4180) with a line of field names.

use crate::{
    error::{Error, Result},
    model::NewRule,
};

/// The rules in `text`. The separator is a comma, or a semicolon where spreadsheets write that.
pub fn rules(text: &str) -> Result<Vec<NewRule>> {
    let first = text.lines().next().unwrap_or_default();
    let separator = if first.contains(';') && !first.contains(',') { ';' } else { ',' };
    let mut rows = rows(text, separator)?.into_iter().filter(|(_, row)| row.iter().any(|cell| !cell.is_empty()));
    let (_, names) = rows.next().ok_or_else(|| wrong(1, "there is nothing in it"))?;
    rows.map(|(line, row)| rule(line, &names, &row)).collect()
}

fn rule(line: usize, names: &[String], row: &[String]) -> Result<NewRule> {
    let mut wish = NewRule::default();
    for (name, cell) in names.iter().zip(row.iter().map(|cell| cell.trim())) {
        let number = || match cell {
            "" => Ok(None),
            _ => cell.parse().map(Some).map_err(|_| wrong(line, &format!("{name} is {cell:?}: it must be a number"))),
        };
        match name.trim() {
            "movie_title" => wish.movie_title = cell.into(),
            "tmdb_id" => wish.tmdb_id = number()?.unwrap_or_default(),
            "show_name" => wish.show_name = cell.into(),
            "episode" => wish.episode = number()?,
            "season" => wish.season = Some(cell.to_string()).filter(|cell| !cell.is_empty()),
            "episode_id" => wish.episode_id = number()?,
            "series_id" => wish.series_id = number()?,
            "tvdb_id" => wish.tvdb_id = number()?,
            "id" => {}
            other => return Err(wrong(1, &format!("{other:?} is no field of a rule"))),
        }
    }
    Ok(wish)
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
    Error::Usage(format!("line {line} cannot be imported: {what}"))
}
