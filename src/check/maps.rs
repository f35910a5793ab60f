//! Path maps: the line that is right, and what is wrong with those that there are; pure.

use std::path::{Path, PathBuf};

use crate::{
    config::{self, App, path_maps},
    model::{PathMap, Paths, Roots},
    name,
};

/// A folder as an app calls it, and what it is here.
pub type Mapped<'a> = (&'a str, &'a Path);

/// The line that puts all these folders right, ready to be pasted, or what must be mended before one can: for those that are `lost` by
/// the maps that there are, and those that must stay where they are. Maps that serve none of them are left out.
pub fn mend(app: &App, roots: &Roots, lost: &[Mapped], right: &[Mapped]) -> String {
    let serving = app.paths.maps.iter().filter(|map| right.iter().any(|(told, _)| serves(map, told)));
    let serving: Vec<PathMap> = serving.cloned().collect();
    let exact: Vec<PathMap> = lost.iter().map(exact).collect();
    let short = with(&serving, exact.iter().map(|map| shortened(map, roots)));
    let paths = Paths { maps: short, prefix: app.paths.prefix.clone() };
    let mut places = lost.iter().chain(right);
    let is_right = places.all(|(told, here)| name::mapped(&paths, roots, told).components().eq(here.components()));
    let maps = if is_right { paths.maps } else { with(&serving, exact) };
    let variable = app.path_map();
    value(&variable, &maps)
        .map_or_else(|problem| problem, |value| format!("set {}", config::assignment(&variable, &value)))
}

/// These maps, with some more that go before those for the same folders.
pub fn with(maps: &[PathMap], more: impl IntoIterator<Item = PathMap>) -> Vec<PathMap> {
    let is_same = |one: &PathMap, other: &PathMap| {
        Path::new(&name::unixed(&one.app)).components().eq(Path::new(&name::unixed(&other.app)).components())
    };
    more.into_iter().fold(maps.to_vec(), |mut maps, map| {
        if !maps.contains(&map) {
            maps.retain(|other| !is_same(other, &map));
            maps.push(map);
        }
        maps
    })
}

/// For this very folder.
pub fn exact((told, here): &Mapped) -> PathMap {
    PathMap { app: name::unixed(told), local: here.to_path_buf() }
}

/// The value that has these maps; an error where none has them, since a name in one of them would be read otherwise.
pub fn value(variable: &str, maps: &[PathMap]) -> Result<String, String> {
    let text = |map: &PathMap| format!("{}={}", name::unixed(&map.app), map.local.display());
    let read = |maps: &[PathMap]| {
        let value = maps.iter().map(text).collect::<Vec<_>>().join(",");
        let same = |read: Vec<PathMap>| read.iter().map(text).eq(maps.iter().map(text));
        // what its user has yet to say is no folder
        let is_open = maps.iter().any(|map| map.local.is_relative());
        (is_open || path_maps(variable, &value).is_ok_and(same)).then_some(value)
    };
    read(maps).ok_or_else(|| {
        let wrong = maps.iter().find(|map| read(std::slice::from_ref(map)).is_none());
        let folders = wrong.or(maps.last()).map(text).unwrap_or_default();
        format!(
            "give a folder another name: {variable} cannot say {folders}, in which a comma, a semicolon, an equals sign or a quotation \
             mark would not be read as a part of it"
        )
    })
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
    of_none(app, map, told)
}

/// That a map names none of the folders `told` by its app.
pub fn of_none(app: &App, map: &PathMap, told: &[&str]) -> Option<String> {
    let name = &app.name;
    let folders = match told {
        [] => return None,
        [told] => format!("{name}'s folder is {told}"),
        [told @ .., last] => format!("{name}'s folders are {} and {last}", told.join(", ")),
    };
    Some(format!("{} names {}, but {folders}", app.path_map(), map.app))
}

/// Whether a map is for a folder, or for something in it.
pub fn serves(map: &PathMap, told: &str) -> bool {
    let (map, told) = (name::unixed(&map.app), name::unixed(told));
    Path::new(&told).starts_with(&map) || Path::new(&map).starts_with(&told)
}

#[cfg(test)]
mod tests;
