//! Path maps: the line that is right, and what is wrong with those that there are; pure.

use std::path::{Path, PathBuf};

use crate::{
    config::App,
    model::{PathMap, Paths, Roots},
    name,
};

/// A folder as an app calls it, and what it is here.
pub type Place<'a> = (&'a str, &'a Path);

/// The line that puts all these folders right, ready to be pasted: those that are `lost` by the maps that there are, and those that
/// must stay where they are. Maps that serve none of them are left out.
pub fn line(app: &App, roots: &Roots, lost: &[Place], right: &[Place]) -> String {
    let exact = |(told, here): &Place| PathMap { app: name::unixed(told), local: here.to_path_buf() };
    let exact: Vec<PathMap> = lost.iter().map(exact).collect();
    let short = exact.iter().map(|map| shortened(map, roots)).collect();
    let serves = |map: &&PathMap| right.iter().any(|(told, _)| serves(map, told));
    let with = |new: Vec<PathMap>| {
        let mut maps: Vec<PathMap> = app.paths.maps.iter().filter(serves).cloned().collect();
        maps.retain(|map| new.iter().all(|new| !is_same(&new.app, &map.app)));
        for map in new {
            if !maps.contains(&map) {
                maps.push(map);
            }
        }
        Paths { maps, prefix: app.paths.prefix.clone() }
    };
    let is_right = |paths: &Paths| {
        lost.iter().chain(right).all(|(told, here)| name::mapped(paths, roots, told).components().eq(here.components()))
    };
    let paths = Some(with(short)).filter(is_right).unwrap_or_else(|| with(exact));
    let maps = paths.maps.iter().map(|map| format!("{}={}", name::unixed(&map.app), map.local.display()));
    format!("{}={}", app.path_map(), quoted(&maps.collect::<Vec<_>>().join(",")))
}

/// Without the folders at its end that have one name on both sides, as long as it leads below the media root or to it.
fn shortened(map: &PathMap, roots: &Roots) -> PathMap {
    let (mut app, mut local) = (Path::new(&map.app), map.local.as_path());
    while let (Some(above), Some(here)) = (app.parent(), local.parent())
        && app.file_name() == local.file_name()
        && above.file_name().is_some()
        && roots.iter().any(|root| here.starts_with(&**root))
    {
        (app, local) = (above, here);
    }
    PathMap { app: app.display().to_string(), local: local.to_path_buf() }
}

/// In the configuration file as in an environment: with quotes only where the file needs them.
fn quoted(value: &str) -> String {
    if !value.contains(['\'', '"', '\\']) {
        return value.to_string();
    }
    let escaped: String =
        value.chars().flat_map(|c| ['\\'].into_iter().filter(move |_| "\"\\`$".contains(c)).chain([c])).collect();
    format!("\"{escaped}\"")
}

/// Why a map serves none of the folders `told` by its app; a sentence. `others` are the folders of other apps.
pub fn mistake(app: &App, map: &PathMap, told: &[&str], others: &[(&App, &str)]) -> Option<String> {
    if told.iter().any(|told| serves(map, told)) {
        return None;
    }
    let (name, variable) = (&app.name, app.path_map());
    let PathMap { app: side, local } = map;
    let turned = PathMap { app: local.display().to_string(), local: PathBuf::from(side) };
    if told.iter().any(|told| serves(&turned, told)) {
        return Some(format!("{variable} has its sides swapped: {} is {name}'s folder", turned.app));
    }
    if let Some((other, _)) = others.iter().find(|(_, told)| serves(map, told)) {
        return Some(format!("{variable} names {side}, which is {}'s folder and not {name}'s", other.name));
    }
    let folders = match told {
        [] => return None,
        [told] => format!("{name}'s folder is {told}"),
        [told @ .., last] => format!("{name}'s folders are {} and {last}", told.join(", ")),
    };
    Some(format!("{variable} names {side}, but {folders}"))
}

/// Whether a map is for a folder, or for something in it.
pub fn serves(map: &PathMap, told: &str) -> bool {
    let (map, told) = (name::unixed(&map.app), name::unixed(told));
    Path::new(&told).starts_with(&map) || Path::new(&map).starts_with(&told)
}

fn is_same(one: &str, other: &str) -> bool {
    Path::new(&name::unixed(one)).components().eq(Path::new(&name::unixed(other)).components())
}

#[cfg(test)]
mod tests;
