//! The configuration file: KEY=VALUE lines by systemd's rules for `EnvironmentFile=` (systemd.exec(5)), never read by a shell.

use std::{collections::HashMap, fs, io, path::Path};

use crate::error::{Error, Result};

/// The variables in `path`. A variable that is there twice has its last value.
pub fn read(path: &Path) -> Result<HashMap<String, String>> {
    let text = fs::read_to_string(path).map_err(|cause| {
        let denied = cause.kind() == io::ErrorKind::PermissionDenied;
        let then = if denied { ": try again with sudo, or as a user who may read it" } else { "" };
        Error::Config(format!("cannot read the configuration file {}: {cause}{then}", path.display()))
    })?;
    parse(&text).map_err(|(line, must)| Error::Config(format!("cannot use line {line} of {}: {must}", path.display())))
}

const FORM: &str = "it must be KEY=VALUE";
const EATEN: &str = "a backslash does not count there: write folders of Windows with slashes, such as D:/TV, or the whole value in \
                     single quotes";

/// The assignments in `text`, or the number of the first line that is none, and what it must be.
pub(super) fn parse(text: &str) -> std::result::Result<HashMap<String, String>, (usize, &'static str)> {
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
        let end = rest.find(['=', '\n']).filter(|&end| rest.as_bytes()[end] == b'=').ok_or((line, FORM))?;
        // `export` is no part of systemd's rules, but of files that a shell reads too
        let name = rest[..end].trim();
        let name = name.strip_prefix("export ").unwrap_or(name).trim();
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err((line, FORM));
        }
        let read = value(&rest[end + 1..]).ok_or((line, FORM))?;
        if name.ends_with("_PATH_MAP") && read.loses_a_backslash {
            return Err((line, EATEN));
        }
        found.insert(name.to_string(), read.value);
        rest = read.rest;
    }
}

/// A value, what follows its line, and whether a backslash is lost that a person of Windows has typed, as in `D:\TV` outside quotes and
/// `\\nas` outside single ones.
struct Assigned<'a> {
    value: String,
    rest: &'a str,
    loses_a_backslash: bool,
}

/// The value at the start of `text`; `None` if a quotation is never closed.
fn value(text: &str) -> Option<Assigned<'_>> {
    let mut read = Assigned { value: String::new(), rest: "", loses_a_backslash: false };
    let mut kept = 0; // length up to the last character that is not a blank outside quotes
    let mut quote = None;
    let mut begins = true; // a folder
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (None, '\n') => {
                read.rest = &text[at + 1..];
                break;
            }
            (None, '\r') => continue,
            (None, ' ' | '\t') => {
                if !read.value.is_empty() {
                    read.value.push(c);
                }
                continue;
            }
            (None, '\'' | '"') => {
                quote = Some(c);
                kept = read.value.len();
                continue;
            }
            (Some(open), c) if open == c => quote = None,
            (None | Some('"'), '\\') => {
                let next = chars.next().map(|(_, next)| next);
                // two stand for one, which begins no folder
                let half = begins && next == Some('\\') && chars.peek().is_none_or(|(_, next)| *next != '\\');
                read.loses_a_backslash |= half || quote.is_none() && next.is_some_and(char::is_alphanumeric);
                match next {
                    Some('\n') => {}
                    // inside double quotes a backslash stands for itself before anything but these
                    Some(next) if quote.is_none() || matches!(next, '"' | '\\' | '`' | '$') => read.value.push(next),
                    Some(next) => read.value.extend(['\\', next]),
                    None => read.value.push('\\'),
                }
            }
            _ => read.value.push(c),
        }
        kept = read.value.len();
        begins = c == ',' || begins && c.is_whitespace();
    }
    read.value.truncate(kept);
    quote.is_none().then_some(read)
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
        assert_eq!(parse("A=b\nnot a variable\n"), Err((2, FORM)));
        assert_eq!(parse("\n\nA=\"never closed\n"), Err((3, FORM)));
        assert_eq!(parse("A B=c"), Err((1, FORM)));
    }

    #[test]
    fn a_map_that_loses_a_backslash_is_not_taken() {
        let lost = [
            r"D:\TV=/tv",
            r"\\nas\tv=/tv",
            r"\\nas/tv=/tv",
            r#""\\nas/tv=/tv""#,
            r"/a=/b,D:\TV=/tv",
            r"/a=/b, \\nas/tv=/tv",
        ];
        for value in lost {
            assert_eq!(parse(&format!("A=b\nSONARR_0_PATH_MAP={value}\nB=c")), Err((2, EATEN)), "{value}");
        }
        let kept = [
            (r"D:/TV=/tv", "D:/TV=/tv"),
            (r"'D:\TV=/tv'", r"D:\TV=/tv"),
            (r#""D:\TV=/tv""#, r"D:\TV=/tv"),
            (r"D:\\TV=/tv", r"D:\TV=/tv"),
            (r"\\\\nas\\tv=/tv", r"\\nas\tv=/tv"),
            (r"'\\nas\tv=/tv'", r"\\nas\tv=/tv"),
            (r"//nas/tv=/tv", "//nas/tv=/tv"),
            (r"/My\ Shows=/tv", "/My Shows=/tv"),
        ];
        for (value, meant) in kept {
            let found = parse(&format!("SONARR_0_PATH_MAP={value}\n")).map(|found| found["SONARR_0_PATH_MAP"].clone());
            assert_eq!(found.as_deref(), Ok(meant), "{value}");
        }
        assert!(parse(r"KEY=D:\TV").is_ok());
    }
}
