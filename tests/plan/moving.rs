//! Moving from the program's old version: with its database, its environment and the links that it made, a first run puts right what
//! was wrong and leaves alone what was right.

use std::{fs, path::PathBuf};

use rusqlite::Connection;

use crate::{
    db::{OLD_SQLITE, records::OURS_OF_4_0},
    support::world::{Show, World},
};

/// A film and a show as they were before, and the link between them.
struct Case {
    title: &'static str,
    tmdb_id: i32,
    /// In the film's folder.
    file: &'static str,
    quality: &'static str,
    special: &'static str,
    /// The name that the old version gave the link: the quality, then whatever follows the last blank in the file's name.
    old_link: &'static str,
    /// Whether Sonarr took the link for the special.
    scanned: bool,
    /// What it is called after the first run.
    link: &'static str,
}

const CASES: [Case; 6] = [
    Case {
        title: "Akira",
        tmdb_id: 149,
        file: "Akira (1988) Bluray-1080p.mkv",
        quality: "Bluray-1080p",
        special: "The Movie",
        old_link: "Akira Show - S00E01 - The Movie Bluray-1080p.mkv",
        scanned: true,
        link: "Akira Show - S00E01 - The Movie Bluray-1080p.mkv",
    },
    Case {
        title: "Paprika",
        tmdb_id: 4977,
        file: "Paprika (2006) Bluray-1080p.mkv",
        quality: "Bluray-1080p",
        special: "Dreams",
        old_link: "Paprika Show - S00E01 - Dreams Bluray-1080p.mkv",
        scanned: false,
        link: "Paprika Show - S00E01 - Dreams Bluray-1080p.mkv",
    },
    // D31: no blank before the extension
    Case {
        title: "Redline",
        tmdb_id: 71883,
        file: "Redline (2009).mkv",
        quality: "Bluray-1080p",
        special: "The Race",
        old_link: "Redline Show - S00E01 - The Race Bluray-1080p(2009).mkv",
        scanned: false,
        link: "Redline Show - S00E01 - The Race Bluray-1080p.mkv",
    },
    Case {
        title: "Mind Game",
        tmdb_id: 22843,
        file: "Mind.Game.2004.DVD.x264-GRP.mkv",
        quality: "DVD",
        special: "Nobody",
        old_link: "Mind Game Show - S00E01 - Nobody DVDMind.Game.2004.x264-GRP.mkv",
        scanned: false,
        link: "Mind Game Show - S00E01 - Nobody DVD.mkv",
    },
    Case {
        title: "Perfect Blue",
        tmdb_id: 10494,
        file: "Perfect Blue (1997) [Bluray-1080p][DTS 5.1][x264]-GRP.mkv",
        quality: "Bluray-1080p",
        special: "One",
        old_link: "Perfect Blue Show - S00E01 - One Bluray-1080p5.1][x264]-GRP.mkv",
        scanned: false,
        link: "Perfect Blue Show - S00E01 - One Bluray-1080p.mkv",
    },
    // Sonarr has taken the link as it is called: it is the right one
    Case {
        title: "Memories",
        tmdb_id: 42994,
        file: "Memories (1995) Bluray-1080p Proper.mkv",
        quality: "Bluray-1080p",
        special: "Three",
        old_link: "Memories Show - S00E01 - Three Bluray-1080pProper.mkv",
        scanned: true,
        link: "Memories Show - S00E01 - Three Bluray-1080pProper.mkv",
    },
];

impl Case {
    fn film(&self) -> String {
        format!("movies/{}/{}", self.title, self.file)
    }

    fn show(&self) -> String {
        format!("{} Show", self.title)
    }

    fn folder(&self) -> String {
        format!("tv/{}/Season 00", self.show())
    }

    fn text(&self) -> String {
        format!("../../../{}", self.film())
    }
}

/// The old version's world: its variables, its database with a rule for each case, and its links.
struct Old {
    world: World,
    database: PathBuf,
}

impl Old {
    fn new() -> Old {
        // of Sonarr's paths a prefix is cut; what remains, and Radarr's whole paths, are below the media root
        let world = World::with_mounts(&[("/data/tv", "tv"), ("/data/movies", "movies")], &[("/movies", "movies")]);
        for name in ["SONARR_0_PATH_MAP", "RADARR_0_PATH_MAP", "MEDIA_ROOT", "STATE_DIRECTORY"] {
            world.unset(name);
        }
        let folder = world.state().join("data");
        fs::create_dir(&folder).unwrap();
        let database = folder.join("plex_linker.db");
        world.set("DOCKER_MEDIA_PATH", &world.media().display().to_string());
        world.set("SONARR_ROOT_PATH_PREFIX", "/data");
        world.set("DATABASE_URL", &format!("sqlite:///{}", database.display()));
        world.set("SONARR_0_API_PATH", "/api/v3");
        world.set("PLEX_LINKER_SCAN_INTERVAL_MINUTES", "15");
        for unused in ["PLEX_URL", "PLEX_API_KEY", "TZ", "PLEX_LINKER", "CONFIG_ARCHIVES"] {
            world.set(unused, "anything");
        }
        let old = Old { world, database };
        old.sql(OLD_SQLITE);
        old.sql("INSERT INTO settings VALUES ('theme', 'dark')");
        fs::write(old.world.state().join("pid.lock"), "").unwrap();
        old
    }

    fn sql(&self, text: &str) {
        Connection::open(&self.database).unwrap().execute_batch(text).unwrap();
    }

    /// The old version's tables, as text.
    fn tables(&self) -> String {
        let connection = Connection::open(&self.database).unwrap();
        let mut text = String::new();
        for select in [
            "SELECT sql FROM sqlite_master WHERE tbl_name IN ('link_rules', 'settings') AND sql IS NOT NULL ORDER BY name",
            "SELECT id || movie_title || tmdb_id || show_name || episode || season || quote(episode_id) || quote(series_id)
                || quote(tvdb_id) FROM link_rules ORDER BY id",
            "SELECT key || value FROM settings",
        ] {
            let mut statement = connection.prepare(select).unwrap();
            let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
            text.extend(rows.map(|row| row.unwrap() + "\n"));
        }
        text
    }

    /// The film, the show, the rule, and the link as the old version made it.
    fn add(&self, case: &Case) -> Show<'_> {
        let world = &self.world;
        world.movie(case.title, case.tmdb_id).file(&case.film(), case.quality);
        let show = world.series(&case.show(), case.tmdb_id + 1).special(1, case.special);
        self.sql(&format!(
            "INSERT INTO link_rules (movie_title, tmdb_id, show_name, episode, season) VALUES ('{}', {}, '{}', 1, '00')",
            case.title,
            case.tmdb_id,
            case.show()
        ));
        world.link(&format!("{}/{}", case.folder(), case.old_link), case.text());
        if case.scanned {
            show.scan();
            assert_eq!(show.file_of(1), Some(format!("Season 00/{}", case.old_link)));
        }
        show
    }

    /// Everything that is no link.
    fn files(&self) -> String {
        self.world.tree().lines().filter(|line| !line.contains(" -> ")).collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn a_first_run_takes_over_what_the_old_version_left() {
    let old = Old::new();
    let world = &old.world;
    let shows: Vec<Show> = CASES.iter().map(|case| old.add(case)).collect();
    let (tables, files) = (old.tables(), old.files());
    world.run(&["rules", "list"]).succeeds().says("6  Memories (tmdb 42994)");

    world.run(&["once"]).succeeds().says("6 of 6 rules linked");
    let expected: Vec<(String, String)> =
        CASES.iter().map(|case| (format!("{}/{}", case.folder(), case.link), case.text())).collect();
    world.assert_links_of(&expected);
    for (case, show) in CASES.iter().zip(shows) {
        let known = show.file_of(1).unwrap_or_default();
        let seen = case.old_link != case.link || case.scanned;
        world.assert(
            !seen || known == format!("Season 00/{}", case.link),
            &format!("Sonarr has {known} for {}", case.title),
        );
    }
    world.assert_same("what is no link", &old.files(), &files);
    world.assert_same("the old version's tables", &old.tables(), &tables);
    world.assert(world.state().join("pid.lock").exists(), "a file that is not ours should stay");

    world.assert_settled();
}

/// As the old version's API lists them.
#[test]
fn rules_can_be_copied_by_the_old_versions_api() {
    let world = World::new();
    let listed = r#"[{"id":7,"movie_title":"Akira","tmdb_id":149,"show_name":"Naruto","episode":5,"season":null,"episode_id":null,
        "series_id":null,"tvdb_id":78857}]"#;
    let file = world.state().join("listed.json");
    fs::write(&file, listed).unwrap();
    let mut command = world.command(&["rules", "import", "-"]);
    command.stdin(fs::File::open(file).unwrap());
    world.finish(command).succeeds().says("1 added");
    world.run(&["rules", "list"]).succeeds().says("1  Akira (tmdb 149)  Naruto S00E05");
}

/// What the README says of them.
#[test]
fn what_the_old_version_left_behind_is_removed_only_where_it_is_broken() {
    let old = Old::new();
    let world = &old.world;
    old.add(&CASES[0]);
    let folder = CASES[0].folder();
    let text = CASES[0].text();
    // an upgraded film's, a deleted rule's, a title's with a slash in it, and a user's own
    world.link(&format!("{folder}/Akira Show - S00E01 - TBA DVD.mkv"), "../../../movies/Akira/Akira DVD.mkv");
    world.put("movies/Red/Red.mkv");
    let kept = [
        (format!("{folder}/Akira Show - S00E09 - Gone DVD.mkv"), "../../../movies/Red/Red.mkv".to_string()),
        (format!("{folder}/Akira Show - S00E01 - Part 1/2 DVD.mkv"), format!("../{text}")),
        ("tv/notes".into(), "/nowhere/at/all".into()),
        (format!("{folder}/{}", CASES[0].link), text),
    ];
    for (path, text) in &kept[..3] {
        world.link(path, text);
    }
    world.run(&["once"]).succeeds();
    world.assert_links_of(&kept);
}

/// What 4.0 named otherwise than this version would, but so that Sonarr reads it, stays as it is: nothing is renamed, nobody is told.
#[test]
fn the_links_of_version_4_0_stay_as_they_are() {
    let long = "映".repeat(70);
    let cases = [
        ("Plain", "The Movie", "Bluray-1080p", "Plain - S00E05 - The Movie Bluray-1080p.mkv".to_string()),
        ("Long", &*long, "DVD", format!("Long - S00E05 - {long} DVD.mkv")),
        ("Disk", "The Movie", "BR-DISK", "Disk - S00E05 - The Movie BR-DISK.mkv".into()),
        ("Regional", "The Movie", "DVD-R", "Regional - S00E05 - The Movie DVD-R.mkv".into()),
        ("Part", "The Movie (2)", "DVD", "Part - S00E05 - The Movie DVD.mkv".into()),
        ("Quality", "The Remux", "DVD", "Quality - S00E05 - The Remux DVD.mkv".into()),
    ];
    // Radarr has had a repack of it all along
    let world = World::new();
    let mut records = String::from(OURS_OF_4_0);
    for (number, (title, special, quality, name)) in (1..).zip(&cases) {
        assert!(name.len() <= 255, "{name}");
        let film = format!("movies/{title}/{title}.mkv");
        let movie = world.movie(&format!("Film {number}"), number).file(&film, quality);
        movie.edit(|movie| movie.file.as_mut().unwrap().version = 2);
        let show = world.series(title, 100 + number).special(5, special);
        world.rule(movie, show, 5);
        let (link, target) = (format!("tv/{title}/Season 00/{name}"), format!("../../../{film}"));
        let path = world.link(&link, &target).display().to_string();
        show.scan();
        records += &format!(
            "INSERT INTO pl_links VALUES ('{path}', {number}, '{path}', '{target}', NULL, 0, {}, 0, {}, 0, 1, 5);",
            show.id(),
            movie.id()
        );
    }
    let database = world.variable("DATABASE_URL").unwrap();
    rusqlite::Connection::open(database.trim_start_matches("sqlite:///")).unwrap().execute_batch(&records).unwrap();
    let before = world.tree();
    for _ in 0..2 {
        world.run(&["once"]).succeeds().says("nothing changed: 6 of 6 rules linked");
        world.assert_same("the tree", &world.tree(), &before);
        world.assert_posts(&[]);
    }
    // with Sonarr renaming, too
    world.sonarr.set_renames(true);
    world.run(&["once"]).succeeds().says("nothing changed");
    world.assert_same("the tree", &world.tree(), &before);
    // what is named anew later has its name of this version
    world.sonarr.set_renames(false);
    world.known_movie(1).upgrade("movies/Plain/Plain 2.mkv", "WEBDL-2160p");
    world.run(&["once"]).succeeds().says("1 change");
}
