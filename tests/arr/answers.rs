//! What good answers become.

use plex_linker::{
    arr::{Command, Folders, Lookup, Settings, Status, Told},
    model::{Date, Episode, Film, Movie, MovieFile, Series, Special},
};

use super::*;

fn movie(id: i32, tmdb_id: i32, title: &str, file: Option<(&str, &str)>) -> Movie {
    let file = file.map(|(path, quality)| MovieFile { path: path.into(), quality: quality.into() });
    let year = [(101, 2017), (102, 2020), (103, 2020), (104, 2022), (105, 2013), (106, 2007)];
    let year = year.iter().find(|(film, _)| *film == id).map(|(_, year)| *year);
    Movie { radarr: 0, id, tmdb_id, title: title.into(), year, file }
}

#[test]
fn films() {
    let server = always(Answer::json(fixture("radarr_movies.json")));
    let (movies, folders) = eager(&server.url()).movies(&|_| true).unwrap();
    let expected = [
        movie(
            101,
            413594,
            "Sword Art Online the Movie: Ordinal Scale",
            Some((
                "/data/media/movies/Sword Art Online the Movie - Ordinal Scale (2017)/Sword Art Online the Movie - Ordinal Scale (2017) Bluray-1080p.mkv",
                "Bluray-1080p",
            )),
        ),
        movie(
            102,
            635302,
            "Demon Slayer -Kimetsu no Yaiba- The Movie: Mugen Train",
            Some((
                "/data/media/movies/Demon Slayer -Kimetsu no Yaiba- The Movie - Mugen Train (2020) {tmdb-635302}/Demon Slayer -Kimetsu no Yaiba- The Movie - Mugen Train (2020) {imdb-tt11032374} [Bluray-1080p Proper][DTS-HD MA 5.1][x264]-GRP.mkv",
                "Bluray-1080p",
            )),
        ),
        movie(
            103,
            533514,
            "Violet Evergarden: The Movie",
            Some((
                "/data/media/anime-movies/Violet Evergarden The Movie (2020)/Violet.Evergarden.The.Movie.2020.1080p.NF.WEB-DL.DDP5.1.x264-GRP.mkv",
                "WEBDL-1080p",
            )),
        ),
        movie(104, 900667, "One Piece Film Red", None),
        movie(
            105,
            313106,
            "Doctor Who: The Day of the Doctor",
            Some((
                "/data/media/movies/Doctor Who: The Day of the Doctor (2013)/The Day of the Doctor.mp4",
                "HDTV-720p",
            )),
        ),
        movie(
            106,
            7249,
            "Futurama: Bender's Big Score",
            Some((
                "/data/media/movies/Futurama - Bender's Big Score (2007)/DVD/Futurama - Bender's Big Score (2007) DVD.AVI",
                "DVD",
            )),
        ),
    ];
    assert_eq!(movies, expected);
    let roots = ["/data/media/anime-movies", "/data/media/movies"].map(String::from).to_vec();
    assert_eq!(folders, Folders { count: 6, roots });
}

#[test]
fn only_wanted_films_are_kept_but_all_are_counted() {
    let server = always(Answer::json(fixture("radarr_movies.json")));
    let (movies, folders) = eager(&server.url()).movies(&|tmdb_id| tmdb_id == 7249).unwrap();
    assert_eq!(movies.iter().map(|movie| movie.id).collect::<Vec<_>>(), [106]);
    assert_eq!((folders.count, folders.roots.len()), (6, 2));
}

#[test]
fn films_of_radarr_4() {
    let server = always(Answer::json(fixture("radarr_v4_movies.json")));
    let files: Vec<_> =
        all_movies(&eager(&server.url())).unwrap().into_iter().map(|m| (m.id, m.file.is_some())).collect();
    assert_eq!(files, [(101, true), (104, false)]);
}

#[test]
fn a_file_counts_only_if_it_is_the_present_one() {
    let file = r#""movieFile":{"id":7,"path":"/m/a.mkv"}"#;
    for (fields, counts) in [
        (format!(r#""hasFile":true,"movieFileId":7,{file}"#), true),
        (format!(r#""hasFile":true,"movieFileId":8,{file}"#), false),
        (format!(r#""hasFile":true,"movieFileId":0,{file}"#), false),
        (format!(r#""hasFile":false,"movieFileId":7,{file}"#), false),
        (format!(r#""movieFileId":7,{file}"#), true),
        (format!(r#""hasFile":true,{file}"#), true),
        (format!(r#""hasFile":null,{file}"#), false),
        (file.to_string(), false),
        (r#""hasFile":true,"movieFileId":7"#.to_string(), false),
        (r#""hasFile":true,"movieFileId":7,"movieFile":null"#.to_string(), false),
        (r#""hasFile":true,"movieFileId":7,"movieFile":{"id":7}"#.to_string(), false),
    ] {
        let server = always(Answer::json(format!(r#"[{{"id":1,"tmdbId":2,{fields}}}]"#)));
        let movies = all_movies(&eager(&server.url())).unwrap();
        let expected = counts.then(|| MovieFile { path: "/m/a.mkv".into(), quality: "Unknown".into() });
        assert_eq!(movies[0].file, expected, "{fields}");
    }
}

#[test]
fn films_without_a_number_are_left_out() {
    let list = r#"[{"id":1,"title":"new"},{"tmdbId":5},{},{"id":2,"tmdbId":0},{"id":3,"tmdbId":9,"path":"/films/x"}]"#;
    let server = always(Answer::json(list));
    let (movies, folders) = eager(&server.url()).movies(&|_| true).unwrap();
    assert_eq!(movies, [movie(3, 9, "", None)]);
    assert_eq!(folders, Folders { count: 5, roots: vec!["/films".into()] });
}

#[test]
fn roots_of_an_app_that_names_none() {
    let list = r#"[{"path":"D:\\Films\\A"},{"path":"/films/B/"},{"path":"C"},{"rootFolderPath":"","path":"/films/D"}]"#;
    let server = always(Answer::json(list));
    let (_, folders) = eager(&server.url()).movies(&|_| true).unwrap();
    assert_eq!(folders.roots, ["/films", "D:\\Films"]);
}

#[test]
fn an_empty_library_is_an_answer() {
    for list in ["[]", " [ ] \n"] {
        let server = always(Answer::json(list));
        assert_eq!(eager(&server.url()).movies(&|_| true).unwrap(), (vec![], Folders::default()));
        assert_eq!(eager(&server.url()).series().unwrap(), (vec![], Folders::default()));
    }
}

#[test]
fn items_of_any_size() {
    // longer and shorter than what is read at once, so that items end anywhere in it
    let item = |id: usize| {
        let overview = r#"{[\"]},"#.repeat(id * id * 40 % 50_021);
        format!(r#"{{"overview":"{overview}","id":{id},"tmdbId":{id}}}"#)
    };
    let list: Vec<_> = (1..60).map(item).collect();
    let server = always(Answer::json(format!("[{}\n]", list.join(" ,\r\n\t"))));
    let ids: Vec<_> = all_movies(&eager(&server.url())).unwrap().into_iter().map(|movie| movie.id).collect();
    assert_eq!(ids, (1..60).collect::<Vec<_>>());
}

#[test]
fn shows() {
    let server = always(Answer::json(fixture("sonarr_series.json")));
    let (series, folders) = eager(&server.url()).series().unwrap();
    let show = |id, tvdb_id, title: &str, path: &str, anime, season_folder| Series {
        sonarr: 0,
        id,
        tvdb_id,
        title: title.into(),
        alternate_titles: Vec::new(),
        path: path.into(),
        anime,
        season_folder,
    };
    let mut expected = [
        show(11, 259640, "Sword Art Online", "/data/media/anime/Sword Art Online", true, true),
        show(12, 330139, "Violet Evergarden", "/data/media/anime/Violet Evergarden", true, true),
        show(13, 78804, "Doctor Who (2005)", "/data/media/tv/Doctor Who (2005)", false, true),
        show(14, 73871, "Futurama", "/data/media/tv/Futurama", false, false),
    ];
    let others = ["SAO", "Sword Art Online II", "Sword Art Online - Alicization", "Sword Art Online Extra Edition"];
    expected[0].alternate_titles = others.map(String::from).to_vec();
    assert_eq!(series, expected);
    let roots = ["/data/media/anime", "/data/media/tv"].map(String::from).to_vec();
    assert_eq!(folders, Folders { count: 4, roots });
}

#[test]
fn shows_without_a_folder_are_left_out() {
    let server = always(Answer::json(r#"[{"id":1,"title":"A"},{"title":"B","path":"/b"},{"id":3,"path":"/c"}]"#));
    let (series, folders) = eager(&server.url()).series().unwrap();
    assert_eq!((series.len(), folders.count), (0, 3));
}

#[test]
fn episodes_with_their_files() {
    let server = always(Answer::json(fixture("sonarr_episodes_s00_13_with_files.json")));
    let episodes = eager(&server.url()).episodes(13, 0).unwrap();
    assert_eq!(episodes, doctor_who());
    let asked: Vec<_> = server.requests().iter().map(Request::target).collect();
    assert_eq!(asked, ["/api/v3/episode?seriesId=13&seasonNumber=0&includeEpisodeFile=true"]);
}

#[test]
fn episodes_of_sonarr_3_whose_files_come_apart() {
    let server = routes(vec![
        ("/api/v3/episode", Answer::json(fixture("sonarr_episodes_s00_13.json"))),
        ("/api/v3/episodefile", Answer::json(fixture("sonarr_episodefile_13.json"))),
    ]);
    assert_eq!(eager(&server.url()).episodes(13, 0).unwrap(), doctor_who());
    assert_eq!(server.requests()[1].target(), "/api/v3/episodefile?seriesId=13");
}

fn doctor_who() -> [Episode; 3] {
    let file = |name: &str| Some(format!("/data/media/tv/Doctor Who (2005)/Specials/Doctor Who (2005) - {name}"));
    let episode = |id, number, title: &str, file| Episode { id, number, title: title.into(), file };
    [
        episode(2201, 1, "The Christmas Invasion", file("S00E01 - The Christmas Invasion HDTV-720p.mkv")),
        episode(2274, 74, "The Day of the Doctor", file("S00E74 - The Day of the Doctor HDTV-720p.mp4")),
        episode(2300, 100, "The Night of the Doctor / Minisode: Part 1", None),
    ]
}

#[test]
fn search_hits_that_are_in_the_library() {
    for (name, hits) in [("sonarr_lookup_in_library.json", 1), ("sonarr_lookup_first_hit_not_owned.json", 2)] {
        let server = always(Answer::json(fixture(name)));
        let found = eager(&server.url()).lookup("Sword Art: 50% & more\u{e9}").unwrap();
        assert_eq!(found, Lookup { hits, owned: vec![11] }, "{name}");
        let request = &server.requests()[0];
        assert_eq!(request.target(), "/api/v3/series/lookup?term=Sword%20Art%3A%2050%25%20%26%20more%C3%A9");
    }
}

#[test]
fn the_specials_folder() {
    for (answer, expected) in [
        (fixture("sonarr_naming.json"), "Specials"),
        (fixture("sonarr_naming_trash.json"), "Season 00"),
        ("{}".into(), "Specials"),
        (r#"{"specialsFolderFormat":""}"#.into(), "Specials"),
    ] {
        let server = always(Answer::json(answer));
        assert_eq!(eager(&server.url()).specials_folder_format().unwrap(), expected);
        assert_eq!(server.requests()[0].target(), "/api/v3/config/naming");
    }
}

#[test]
fn films_with_all_that_may_make_them_specials() {
    let server = always(Answer::json(fixture("radarr_movies.json")));
    let films = eager(&server.url()).films(&|film| film.tmdb_id == 635302).unwrap();
    let expected = Film {
        tmdb_id: 635302,
        title: "Demon Slayer -Kimetsu no Yaiba- The Movie: Mugen Train".into(),
        other_titles: ["劇場版「鬼滅の刃」無限列車編", "Kimetsu no Yaiba Movie: Mugen Ressha-hen"]
            .map(String::from)
            .into(),
        collection: Some("Demon Slayer Collection".into()),
        runtime: Some(117),
        year: Some(2020),
        in_cinemas: Date::new(2020, 10, 16),
        released: ["2021-06-22", "2021-06-16"].iter().filter_map(|text| Date::parse(text)).collect(),
    };
    assert_eq!(films, [expected]);
    let list = r#"[{"tmdbId":5},{"title":"A"},{"tmdbId":6,"title":"B","runtime":0,"year":0,"inCinemas":"0001-01-01T00:00:00Z",
        "originalTitle":"B","alternateTitles":[{"title":""}]}]"#;
    let server = always(Answer::json(list));
    let nothing = Film { tmdb_id: 6, title: "B".into(), ..Film::default() };
    assert_eq!(eager(&server.url()).films(&|_| true).unwrap(), [nothing]);
}

#[test]
fn specials() {
    let server = always(Answer::json(fixture("sonarr_episodes_s00_13.json")));
    let special = |number, title: &str, aired, runtime, has_file| Special {
        number,
        title: title.into(),
        aired: Date::parse(aired),
        runtime: Some(runtime),
        has_file,
    };
    let expected = [
        special(1, "The Christmas Invasion", "2005-12-25", 60, true),
        special(74, "The Day of the Doctor", "2013-11-23", 77, true),
        special(100, "The Night of the Doctor / Minisode: Part 1", "2013-11-14", 7, false),
    ];
    assert_eq!(eager(&server.url()).specials(13).unwrap(), expected);
    assert_eq!(server.requests()[0].target(), "/api/v3/episode?seriesId=13&seasonNumber=0");
    let server = always(Answer::json(r#"[{"episodeNumber":3,"episodeFileId":7},{"title":"no number"}]"#));
    assert_eq!(
        eager(&server.url()).specials(13).unwrap(),
        [Special { number: 3, has_file: true, ..Special::default() }]
    );
}

#[test]
fn what_an_app_tells_about_itself() {
    let server = always(Answer::json(fixture("sonarr_system_status.json")));
    let expected = Status { app_name: "Sonarr".into(), version: "4.0.19.2979".into(), is_windows: false };
    assert_eq!(eager(&server.url()).status().unwrap(), expected);
    assert_eq!(server.requests()[0].target(), "/api/v3/system/status");
}

#[test]
fn settings_of_sonarr() {
    let server = routes(vec![
        ("/api/v3/config/naming", Answer::json(fixture("sonarr_naming_trash.json"))),
        ("/api/v3/config/mediamanagement", Answer::json(fixture("sonarr_mediamanagement.json"))),
    ]);
    let expected = Settings { renames: true, specials_folder: "Season 00".into(), sets_permissions: false };
    assert_eq!(eager(&server.url()).settings().unwrap(), expected);
}

#[test]
fn a_file_as_the_app_sees_it() {
    for (answer, seen) in [(r#"{"type":"file"}"#, true), (r#"{"type":"folder"}"#, false), ("{}", false)] {
        let server = always(Answer::json(answer));
        assert_eq!(eager(&server.url()).sees_file("/films/A & B/é.mkv").unwrap(), seen);
        assert_eq!(server.requests()[0].target(), "/api/v3/filesystem/type?path=%2Ffilms%2FA%20%26%20B%2F%C3%A9.mkv");
    }
}

#[test]
fn commands_always_name_what_they_are_for() {
    let server = always(Answer::json(fixture("sonarr_command_queued.json")).code(201));
    let arr = eager(&server.url());
    for (command, body) in [
        (Command::RescanSeries(11), r#"{"name":"RescanSeries","seriesId":11}"#),
        (Command::RefreshSeries(11), r#"{"name":"RefreshSeries","seriesId":11}"#),
        (Command::RescanMovie(101), r#"{"name":"RescanMovie","movieId":101}"#),
    ] {
        server.forget();
        assert_eq!(arr.command(command).unwrap(), Told::Queued);
        let request = &server.requests()[0];
        assert_eq!(request.to_string(), format!("POST /api/v3/command {body}"));
        assert_eq!(request.header("content-type"), Some("application/json"));
    }
    server.forget();
    for command in [Command::RescanSeries(0), Command::RefreshSeries(-1), Command::RescanMovie(0)] {
        assert!(arr.command(command).is_err(), "{command:?}");
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn an_older_command_is_told_from_ours_by_the_apps_own_clock() {
    let started = fixture("sonarr_command_started.json");
    let queued = fixture("sonarr_command_queued.json");
    for (body, date, expected) in [
        (&queued, Some("Wed, 01 Jul 2026 13:00:00 GMT"), Told::Queued),
        (&started, Some("Wed, 01 Jul 2026 12:00:40 GMT"), Told::Queued),
        (&started, Some("Wed, 01 Jul 2026 12:00:41 GMT"), Told::Queued),
        (&started, Some("Wed, 01 Jul 2026 12:00:42 GMT"), Told::AlreadyRunning),
        (&started, Some("Wed, 01 Jul 2026 13:00:00 GMT"), Told::AlreadyRunning),
        (&started, Some("nonsense"), Told::Queued),
        (&started, None, Told::Queued),
        (&"{}".to_string(), Some("Wed, 01 Jul 2026 13:00:00 GMT"), Told::Queued),
    ] {
        let mut answer = Answer::json(body.as_str()).code(201);
        if let Some(date) = date {
            answer = answer.header("Date", date);
        }
        let server = always(answer);
        assert_eq!(eager(&server.url()).command(Command::RescanSeries(11)).unwrap(), expected, "{date:?} {body}");
    }
}

#[test]
fn what_is_sent() {
    let server = always(Answer::json("[]"));
    let app = App { url: format!("{}/base", server.url()), ..app("") };
    Arr::new(&app, 0, None, Patience::default()).unwrap().movies(&|_| true).unwrap();
    let request = &server.requests()[0];
    assert_eq!(request.to_string(), "GET /base/api/v3/movie?excludeLocalCovers=true");
    assert_eq!(request.header("x-api-key"), Some(KEY));
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("user-agent"), Some(concat!("plex-linker/", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn one_connection_serves_many_requests() {
    let server = always(Answer::json("[]"));
    let arr = eager(&server.url());
    for series in 1..10 {
        arr.episodes(series, 0).unwrap();
    }
    assert_eq!((server.requests().len(), server.connections()), (9, 1));
}

#[test]
fn headers_of_the_user_go_with_every_request_and_are_never_shown() {
    const BASIC: &str = "Basic dXNlcjpwYXNzd29yZA==";
    let server = Server::start(|request: &Request| match request.header("authorization") {
        Some(BASIC) if request.header("x-api-key") == Some(KEY) => Answer::json("[]"),
        other => Answer::json(format!(r#"{{"message":"no {}"}}"#, other.unwrap_or_default())).code(400),
    });
    let with = |value: &str| {
        let headers = vec![("Authorization".to_string(), Secret::new(value))];
        Arr::new(&App { headers, ..app(&server.url()) }, 0, None, Patience::default()).unwrap()
    };
    assert_eq!(with(BASIC).movies(&|_| true).unwrap().0, []);
    let said = with("Basic d3Jvbmc6cGFzc3dvcmQ=").movies(&|_| true).unwrap_err().to_string();
    assert!(said.contains("(key)") && !said.contains("d3Jvbmc6cGFzc3dvcmQ"), "{said}");
}
