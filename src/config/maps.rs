//! What an app's folders are here.

use super::{folder, wrong};
use crate::{error::Result, model::PathMap};

const FORM: &str = "each entry must be FOLDER-IN-THE-APP=FOLDER-HERE, the app's with a slash, a drive (D:/) or \\\\ at its start, \
                    with commas between entries";

/// The maps of a variable that is called so, as its `text` has them.
pub fn path_maps(name: &str, text: &str) -> Result<Vec<PathMap>> {
    let mut maps: Vec<PathMap> = Vec::new();
    for entry in entries(text) {
        let map = path_map(name, entry)?;
        if maps.iter().any(|known| known.app == map.app) {
            return wrong(name, text, &format!("it has {} twice: only the first would count", map.app));
        }
        maps.push(map);
    }
    Ok(maps)
}

/// A comma is part of a folder's name unless a folder begins behind it.
fn entries(text: &str) -> impl Iterator<Item = &str> {
    let ends = text.match_indices(',').map(|(at, _)| at).filter(|&at| {
        let behind = text[at + 1..].trim_start();
        behind.is_empty() || behind.starts_with(',') || begins_a_folder(behind)
    });
    let mut start = 0;
    let entries = ends.chain([text.len()]).map(move |end| {
        let entry = &text[start..end];
        start = end + 1;
        entry.trim()
    });
    entries.filter(|entry| !entry.is_empty())
}

fn path_map(name: &str, entry: &str) -> Result<PathMap> {
    // a folder here begins with a slash, so that either side may have an equals sign in a name
    let whole: Vec<_> =
        entry.match_indices('=').filter(|(at, _)| entry[at + 1..].trim_start().starts_with('/')).collect();
    let sides = match whole[..] {
        [(at, _)] => Some((entry[..at].trim(), entry[at + 1..].trim())),
        [] => entry.split_once('=').map(|(app, local)| (app.trim(), local.trim())),
        _ => None,
    };
    let mut after_semicolons = entry.split(';').skip(1).map(str::trim_start);
    let must = match sides {
        _ if entry.split(['=', ',', ';']).any(|part| part.trim_start().starts_with(['"', '\''])) => {
            "it has quotes in it, which would be part of a folder's name: take them away"
        }
        _ if after_semicolons.any(|behind| behind.is_empty() || begins_a_folder(behind)) => {
            "entries have commas between them, not semicolons"
        }
        Some((app, local)) if begins_a_folder(app) => {
            return Ok(PathMap { app: app.into(), local: folder(name, local)? });
        }
        Some((app, _)) if app.starts_with('\\') || has_drive(app) => {
            "a backslash of it got lost: write folders of Windows with slashes, such as D:/TV or //nas/TV"
        }
        _ => FORM,
    };
    wrong(name, entry, must)
}

fn has_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// With a slash, a drive, or the two backslashes of a Windows share.
fn begins_a_folder(text: &str) -> bool {
    let drive = has_drive(text) && matches!(text.as_bytes().get(2), None | Some(b'/' | b'\\' | b'='));
    text.starts_with('/') || text.starts_with("\\\\") || drive
}
