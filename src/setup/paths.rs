//! What the apps' folders are here, as settings; pure.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{
    model::{PathMap, Paths, Roots},
    name,
};

/// Folders in which disks and users are: what holds both films and shows lies further down.
const TOO_WIDE: [&str; 6] = ["/", "/mnt", "/media", "/srv", "/home", "/share"];

/// The folder that holds all of these, else the first one, beside which the others need a map.
pub fn media_root(folders: &[&Path]) -> Option<PathBuf> {
    let first = *folders.first()?;
    let holds_all = |above: &&Path| folders.iter().all(|folder| folder.starts_with(above));
    let above =
        first.ancestors().find(holds_all).filter(|above| !TOO_WIDE.iter().any(|wide| above == &Path::new(wide)));
    Some(
        match above {
            // one library alone: another one will be beside it
            Some(above) if above == first => {
                first.parent().filter(|above| !TOO_WIDE.iter().any(|wide| above == &Path::new(wide))).unwrap_or(first)
            }
            Some(above) => above,
            None => first,
        }
        .to_path_buf(),
    )
}

/// The maps that an app needs, so that each of its folders is what was found here; `None` if those that it has will do.
pub fn maps(known: &Paths, media_root: &Path, found: &BTreeMap<String, PathBuf>) -> Option<String> {
    let roots = Roots::new([media_root.to_path_buf()]);
    let mut paths = known.clone();
    for (told, local) in found {
        if !name::mapped(&paths, &roots, told).components().eq(local.components()) {
            paths.maps.retain(|map| map.app.trim_end_matches('/') != told.trim_end_matches('/'));
            paths.maps.push(PathMap { app: told.clone(), local: local.clone() });
        }
    }
    let text = |map: &PathMap| format!("{}={}", map.app, map.local.display());
    (paths != *known).then(|| paths.maps.iter().map(text).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_root_holds_all_libraries() {
        let cases: [(&[&str], &str); 8] = [
            (&["/mnt/media/tv", "/mnt/media/movies"], "/mnt/media"),
            (&["/mnt/media/tv", "/mnt/media/anime", "/mnt/media/films/new"], "/mnt/media"),
            (&["/data/media/tv", "/data/films"], "/data"),
            (&["/volume1/tv", "/volume1/movies"], "/volume1"),
            (&["/tv", "/movies"], "/tv"),
            (&["/mnt/a/tv", "/mnt/b/movies"], "/mnt/a/tv"),
            (&["/mnt/media/all", "/mnt/media/all"], "/mnt/media"),
            (&["/mnt/tv"], "/mnt/tv"),
        ];
        for (folders, root) in cases {
            let folders: Vec<_> = folders.iter().map(Path::new).collect();
            assert_eq!(media_root(&folders).unwrap(), Path::new(root), "{folders:?}");
        }
        assert_eq!(media_root(&[]), None);
    }

    #[test]
    fn a_map_is_made_only_where_a_folder_has_another_name_here() {
        type Pairs = &'static [(&'static str, &'static str)];
        let cases: [(&str, Pairs, Pairs, Option<&str>); 9] = [
            ("/mnt/media", &[], &[("/tv", "/mnt/media/tv")], None),
            ("/mnt/media", &[], &[("/mnt/media/tv", "/mnt/media/tv")], None),
            ("/mnt/media", &[], &[("/data/tv", "/mnt/media/tv")], Some("/data/tv=/mnt/media/tv")),
            ("/mnt/media", &[], &[("/tv", "/mnt/media/tv"), ("/anime", "/mnt/media/a")], Some("/anime=/mnt/media/a")),
            ("/mnt/media", &[], &[("/movies", "/movies")], Some("/movies=/movies")),
            ("/mnt/media", &[("/tv", "/mnt/media/shows")], &[("/tv", "/mnt/media/shows")], None),
            ("/mnt/media", &[("/tv/", "/mnt/old")], &[("/tv", "/mnt/new")], Some("/tv=/mnt/new")),
            ("/mnt/media", &[("/x", "/mnt/x")], &[("/tv", "/srv/tv")], Some("/x=/mnt/x,/tv=/srv/tv")),
            ("/mnt/media", &[], &[("D:\\TV", "/mnt/media/tv")], Some("D:\\TV=/mnt/media/tv")),
        ];
        for (root, known, found, wanted) in cases {
            let map = |(app, local): &(&str, &str)| PathMap { app: app.to_string(), local: local.into() };
            let known = Paths { maps: known.iter().map(map).collect(), prefix: "/".into() };
            let found: BTreeMap<_, _> =
                found.iter().map(|(told, local)| (told.to_string(), PathBuf::from(local))).collect();
            assert_eq!(maps(&known, Path::new(root), &found).as_deref(), wanted, "{known:?} {found:?}");
        }
    }
}
