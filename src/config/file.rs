//! The configuration file: KEY=VALUE lines by systemd's rules for `EnvironmentFile=` (systemd.exec(5)), never read by a shell.

use std::{collections::HashMap, fs, io, path::Path};

use crate::error::{Error, Result};

/// The variables in `path`. A variable that is there twice has its last value.
pub fn read(path: &Path) -> Result<HashMap<String, String>> {
    let text = fs::read_to_string(path).map_err(|cause| {
        let denied = cause.kind() == io::ErrorKind::PermissionDenied;
        let then = if denied { ": try again with sudo, or as a user who may read it" } else { "" };
        unreadable(&cause, format!("cannot read the configuration file {}: {cause}{then}", path.display()))
    })?;
    parse(&text)
        .map_err(|line| Error::Config(format!("cannot use line {line} of {}: it must be KEY=VALUE", path.display())))
}

/// A file that is not there may come with its disk; what else is wrong stays so.
pub(super) fn unreadable(cause: &io::Error, sentence: String) -> Error {
    if cause.kind() == io::ErrorKind::NotFound { Error::Disk(sentence) } else { Error::Config(sentence) }
}

/// The assignments in `text`, or the number of the first line that is none.
pub(super) fn parse(text: &str) -> std::result::Result<HashMap<String, String>, usize> {
    let mut found = HashMap::new();
    let mut rest = text.trim_start_matches('\u{feff}');
    let line_of = |rest: &str| text[..text.len() - rest.len()].matches('\n').count() + 1;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(found);
        }
        if rest.starts_with(['#', ';']) {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
            continue;
        }
        let line = line_of(rest);
        let end = rest.find(['=', '\n']).filter(|&end| rest.as_bytes()[end] == b'=').ok_or(line)?;
        // `export` is no part of systemd's rules, but of files that a shell reads too
        let name = rest[..end].trim();
        let name = name.strip_prefix("export ").unwrap_or(name).trim();
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(line);
        }
        let value;
        (value, rest) = assigned(&rest[end + 1..]).ok_or(line)?;
        found.insert(name.to_string(), value);
    }
}

/// The value at the start of `text`, and what follows its line; `None` if a quotation is never closed.
fn assigned(text: &str) -> Option<(String, &str)> {
    let (mut value, mut rest) = (String::new(), "");
    let mut kept = 0; // length up to the last character that is not a blank outside quotes
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (None, '\n') => {
                rest = &text[at + 1..];
                break;
            }
            (None, '\r') => continue,
            (None, ' ' | '\t') => {
                if !value.is_empty() {
                    value.push(c);
                }
                continue;
            }
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None | Some('"'), '\\') => match chars.next().map(|(_, next)| next) {
                Some('\n') => {}
                // inside double quotes a backslash stands for itself before anything but these
                Some(next) if quote.is_none() || matches!(next, '"' | '\\' | '`' | '$') => value.push(next),
                Some(next) => value.extend(['\\', next]),
                None => value.push('\\'),
            },
            _ => value.push(c),
        }
        kept = value.len();
    }
    value.truncate(kept);
    quote.is_none().then_some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_follow_systemds_rules() {
        let cases = [
            ("A=b", "b"),
            ("A=b c  \n", "b c"),
            ("A= b", "b"),
            ("A=\"b  \"", "b  "),
            ("A='b $x \\n'", "b $x \\n"),
            ("A=\"b \\\"c\\\" \\$x \\n\"", "b \"c\" $x \\n"),
            ("A=b\\\nc", "bc"),
            ("A=b # c", "b # c"),
            ("A=b\\ c", "b c"),
            ("A=one' 'two", "one two"),
            ("A=", ""),
            ("A=p$w=x;y#z", "p$w=x;y#z"),
            ("  A=b\r\n", "b"),
            ("export A=b", "b"),
            ("\u{feff}A=b", "b"),
            ("A=x\nA=b", "b"),
            ("A='two\nlines'", "two\nlines"),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).map(|found| found["A"].clone()), Ok(expected.to_string()), "{text:?}");
        }
    }

    #[test]
    fn comments_and_empty_lines_are_skipped_and_bad_lines_are_named() {
        assert_eq!(parse("# a\n\n; b\nA=b\n").unwrap().len(), 1);
        assert_eq!(parse("A=b\nnot a variable\n"), Err(2));
        assert_eq!(parse("\n\nA=\"never closed\n"), Err(3));
        assert_eq!(parse("A B=c"), Err(1));
    }
}
