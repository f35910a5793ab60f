//! Settings written into a configuration file: what else is in it stays as it is.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs,
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
    path::{self, Path, PathBuf},
};

use super::{Environment, PACKAGED_FILE, PACKAGED_STATE, environment::ENVIRONMENT, file::parse, is_for_file};
use crate::error::{Error, Result};

/// Of a new one, and of the package's at least: its user alone may change it, and its group may read the keys in it.
const MODE: u32 = 0o640;
/// An old one keeps its mode, but those who are neither its user nor in its group are not to read the keys.
const NO_OTHERS: u32 = 0o770;

impl Environment {
    /// The file that settings go into: the one they are read from, for root else the one that the package's units read.
    pub fn target(&self, named: Option<PathBuf>, root: bool) -> Result<PathBuf> {
        let usual = root.then(|| PACKAGED_FILE.into());
        named.or_else(|| self.path.clone()).or(usual).ok_or_else(|| {
            Error::Config("no file for the settings is known: name one with --config FILE, or use sudo".into())
        })
    }

    /// What the environment of this process says, and the file does not: what is started later would not know it.
    pub fn unwritten(&self) -> Vec<(String, String)> {
        let counts = |name: &str| is_for_file(name) && self.is_set(name) && self.comes_from(name, ENVIRONMENT);
        let set = self.variables.iter().filter(|(name, _)| counts(name)).map(|(name, (value, _))| {
            // a file is to be found from other folders, too
            let whole = path::absolute(value.trim()).ok().filter(|_| name.ends_with("_FILE"));
            (name.clone(), whole.map_or_else(|| value.clone(), |path| path.display().to_string()))
        });
        set.filter(|(name, value)| self.in_file.get(name) != Some(value)).collect()
    }
}

/// Who reads the settings in this file, user and group, if it is the package's.
pub fn packaged_owner(file: &Path) -> Option<(u32, u32)> {
    let owner = fs::metadata(PACKAGED_STATE).ok().filter(|_| file == Path::new(PACKAGED_FILE))?;
    Some((owner.uid(), owner.gid()))
}

/// Writes these variables into a file, which is the old or the new one at every moment. It is for `group` to read, but where it has another one already.
pub fn write(path: &Path, set: &[(String, String)], group: Option<u32>) -> Result<()> {
    let put = || -> io::Result<()> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let (old, text) = match fs::metadata(&path) {
            Ok(old) => (Some(old), fs::read_to_string(&path)?),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => (None, String::new()),
            Err(cause) => return Err(cause),
        };
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut name = OsString::from(&path);
        name.push(format!(".{}", std::process::id()));
        let new = PathBuf::from(name);
        // left by one that was killed: in a container the next one often has its number again
        _ = fs::remove_file(&new);
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        let own = old.as_ref().map(MetadataExt::gid).filter(|gid| *gid != 0);
        let least = if group.is_some() { MODE } else { 0 };
        let mode = old.as_ref().map_or(MODE, |old| old.mode() & NO_OTHERS | least);
        let give = |group| match fchown(&file, None, group) {
            // another group would read it otherwise
            Err(cause) if mode & 0o070 != 0 => Err(io::Error::other(format!(
                "you cannot keep its group {} ({cause}): be root, give it a group of yours (chgrp), or take the group's rights (chmod g=)",
                group.unwrap_or_default()
            ))),
            _ => Ok(()),
        };
        let put = (&file)
            .write_all(edited(&text, set).as_bytes())
            .and_then(|()| fchown(&file, old.as_ref().map(MetadataExt::uid), None))
            .and_then(|()| give(own.or(group)))
            .and_then(|()| file.set_permissions(fs::Permissions::from_mode(mode)))
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&new, &path));
        put.inspect_err(|_| _ = fs::remove_file(&new))
    };
    put().map_err(|cause| Error::Disk(format!("cannot write the settings into {}: {cause}", path.display())))
}

/// `text` with these variables set: in the line that sets one now, or where the sample has it behind a `#`, else at the end.
fn edited(text: &str, set: &[(String, String)]) -> String {
    set.iter().fold(text.to_string(), |text, (name, value)| {
        let line = assignment(name, value) + "\n";
        let mut wanted = parse(&text).unwrap_or_default();
        wanted.insert(name.clone(), value.clone());
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let at = |start: String| lines.iter().position(|line| line.starts_with(&start));
        let replaced = at(format!("{name}=")).or_else(|| at(format!("#{name}="))).map(|at| {
            let before_and_after = [&lines[..at].concat(), &line, &lines[at + 1..].concat()];
            before_and_after.map(String::as_str).concat()
        });
        // a value of several lines, one that is set again further down, or a last line that goes on in the next one
        let added = ["", "\n", "\n\n"].map(|end| format!("{text}{end}{line}"));
        let last = added[2].clone();
        replaced.into_iter().chain(added).find(|text| parse(text).as_ref() == Ok(&wanted)).unwrap_or(last)
    })
}

/// What sets a variable in the file, with quotes only where it needs them.
pub fn assignment(name: &str, value: &str) -> String {
    let escaped: String =
        value.chars().flat_map(|c| "\"\\`$".contains(c).then_some('\\').into_iter().chain([c])).collect();
    let forms = [value.to_string(), format!("'{value}'"), format!("\"{escaped}\"")];
    let lines = forms.map(|form| format!("{name}={form}"));
    let wanted = HashMap::from([(name.to_string(), value.to_string())]);
    lines.iter().find(|line| parse(&format!("{line}\n")).as_ref() == Ok(&wanted)).unwrap_or(&lines[2]).clone()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.into(), value.into())]
    }

    #[test]
    fn a_line_is_put_where_its_variable_stands() {
        let cases = [
            ("# The folder.\n#A=\n\n# More.\n#B=1\n", "# The folder.\nA=new\n\n# More.\n#B=1\n"),
            ("A=old\n# mine\nB=x\n", "A=new\n# mine\nB=x\n"),
            ("B=x", "B=x\nA=new\n"),
            ("", "A=new\n"),
            ("A='two\nlines'\nB=x\n", "A='two\nlines'\nB=x\nA=new\n"),
            ("A=1\nA=2\n", "A=1\nA=2\nA=new\n"),
            ("B='\n#A=\n'\n", "B='\n#A=\n'\nA=new\n"),
            ("B=x\r\n#A=\r\n", "B=x\r\nA=new\n"),
            ("B=x\\\n", "B=x\\\n\nA=new\n"),
        ];
        for (before, after) in cases {
            assert_eq!(edited(before, &set("A", "new")), after, "{before:?}");
        }
    }

    #[test]
    fn a_file_keeps_its_mode_and_what_a_killed_setup_left_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.env");
        let left = folder.path().join(format!("settings.env.{}", std::process::id()));
        for (before, after) in [(0o600, 0o600), (0o660, 0o660), (0o644, 0o640)] {
            fs::write(&file, "A=old\n").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(before)).unwrap();
            fs::write(&left, "A=half").unwrap();
            write(&file, &set("A", "new"), None).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), "A=new\n");
            assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, after, "{before:o}");
            assert!(!left.exists());
        }
    }

    proptest! {
        #[test]
        fn every_value_is_read_as_it_was_written(
            value in r#"([ a-z/=,'"\\$`#;:é]|\n){0,12}"#, before in r#"(#[AB]=[a-z ']*\n|[AB]=([a-z ]|\\\n|'[a-z#=\n]*'){0,3}\n|# [a-z]*\n|\n){0,5}"#
        ) {
            let mut wanted = parse(&before).unwrap();
            wanted.insert("A".into(), value.clone());
            prop_assert_eq!(parse(&edited(&before, &set("A", &value))), Ok(wanted));
        }
    }
}
