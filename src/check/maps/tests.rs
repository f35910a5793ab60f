//! Lines that put folders right, and what is said of maps that do not.

use std::{path::PathBuf, time::Duration};

use super::*;
use crate::config::{RADARR, SONARR, Secret};

fn app(name: &str, maps: &[(&str, &str)]) -> App {
    let map = |(app, local): &(&str, &str)| PathMap { app: app.to_string(), local: PathBuf::from(local) };
    App {
        kind: if name.starts_with("radarr") { RADARR } else { SONARR },
        name: name.into(),
        variable: "SONARR_URL".into(),
        url: "http://sonarr".into(),
        api_path: "/api/v3".into(),
        api_key: Secret::new("key"),
        headers: Vec::new(),
        public_url: "http://sonarr".into(),
        timeout: Duration::from_secs(1),
        paths: Paths { maps: maps.iter().map(map).collect(), prefix: "/".into() },
    }
}

type Sides<'a> = &'a [(&'a str, &'a str)];

fn places<'a>(sides: Sides<'a>) -> Vec<Mapped<'a>> {
    sides.iter().map(|(told, here)| (*told, Path::new(*here))).collect()
}

#[test]
fn a_line_puts_every_folder_right() {
    let cases: [(Sides, Sides, Sides, &str); 11] = [
        // maps there are, folders that are lost and where they are, folders that are right
        (&[], &[("/tv", "/m/tv")], &[], "/tv=/m/tv"),
        (&[], &[("/data/tv", "/m/tv")], &[], "/data=/m"),
        (&[], &[("/data/tv", "/m/tv"), ("/data/anime", "/m/anime")], &[], "/data=/m"),
        (
            &[],
            &[("/data/tv", "/m/tv"), ("/data/anime", "/m/more/anime")],
            &[],
            "/data/tv=/m/tv,/data/anime=/m/more/anime",
        ),
        // not above the media root
        (&[], &[("/a/b/m/tv", "/m/tv")], &[], "/a/b/m=/m"),
        (&[], &[("/data/tv", "/other/tv")], &[], "/data/tv=/other/tv"),
        // what serves stays, and stays right
        (&[("/tv", "/m/tv")], &[("/anime", "/m/anime")], &[("/tv", "/m/tv")], "/tv=/m/tv,/anime=/m/anime"),
        (&[("/TV", "/m/tv")], &[("/tv", "/m/tv")], &[], "/tv=/m/tv"),
        (&[("/data/", "/m/old")], &[("/data", "/m/new")], &[], "/data=/m/new"),
        (&[], &[("/data/tv", "/m/tv")], &[("/data/anime", "/m/data/anime")], "/data/tv=/m/tv"),
        (&[], &[("D:\\TV", "/m/it's")], &[], "\"D:/TV=/m/it's\""),
    ];
    let roots = Roots::new([PathBuf::from("/m")]);
    for (maps, lost, right, expected) in cases {
        let mend = mend(&app("sonarr", maps), &roots, &places(lost), &places(right));
        assert_eq!(mend, format!("set SONARR_0_PATH_MAP={expected}"), "{lost:?}");
    }
    assert_eq!(mend(&app("radarr 2", &[]), &roots, &[], &[]), "set RADARR_2_PATH_MAP=");
    let mend = mend(&app("sonarr", &[]), &roots, &places(&[("/tv", "/m/new,/tv")]), &[]);
    assert!(
        mend.starts_with("give a folder another name: SONARR_0_PATH_MAP cannot say /tv=/m/new,/tv, in which"),
        "{mend}"
    );
}

#[test]
fn a_map_that_serves_nothing_is_explained() {
    let radarr = app("radarr", &[]);
    let sonarr = app("sonarr", &[]);
    let cases = [
        (("/tv", "/m/tv"), None),
        (("/", "/m"), None),
        (("/tv/Naruto", "/m/Naruto"), None),
        (("/m/tv", "/tv"), Some("SONARR_0_PATH_MAP has its sides swapped: /tv is sonarr's folder")),
        (("/movies", "/m/movies"), Some("SONARR_0_PATH_MAP names /movies, which is radarr's folder and not sonarr's")),
        (("/TV", "/m/tv"), Some("SONARR_0_PATH_MAP names /TV, but sonarr's folders are /tv and /tv-4k")),
        (("/t", "/m/tv"), Some("SONARR_0_PATH_MAP names /t, but sonarr's folders are /tv and /tv-4k")),
    ];
    for ((side, local), expected) in cases {
        let map = PathMap { app: side.into(), local: local.into() };
        let said = mistake(&sonarr, &map, &["/tv", "/tv-4k"], &[(&radarr, "/movies")]);
        assert_eq!(said.as_deref(), expected, "{side}={local}");
    }
}
