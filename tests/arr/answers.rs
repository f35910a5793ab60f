//! What good answers become.

use plex_linker::{
    arr::{RootFolders, Status},
    model::{Date, Episode, Film, Movie, MovieFile, Naming, Series, Special},
};

use super::*;

fn movie(id: i32, tmdb_id: i32, title: &str, file: Option<(&str, &str)>) -> Movie {
    // a Proper and a second version
    let revision = if [102, 103].contains(&id) { 2 } else { 1 };
    let file = file.map(|(path, quality)| MovieFile { path: path.into(), quality: quality.into(), revision });
    let year = [(101, 2017), (102, 2020), (103, 2020), (104, 2022), (105, 2013), (106, 2007)];
    let year = year.iter().find(|(film, _)| *film == id).map(|(_, year)| *year);
    let folder = match (id, &file) {
        (3, _) => Some("/films/x".into()),
        (104, _) => Some("/data/media/movies/One Piece Film Red (2022)".into()),
        (_, Some(file)) => file.path.match_indices('/').nth(4).map(|(end, _)| file.path[..end].to_string()),
        (_, None) => None,
    };
    Movie { radarr: 0, id, tmdb_id, title: title.into(), year, folder, file, file_untold: false }
}

#[test]
fn films() {
    let server = always(Answer::json(fixture("radarr_movies.json")));
    let (movies, folders) = eager(&server.url()).radarr.movies(|_| true).unwrap();
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
    let roots = ["/data/media/anime-movies", "/data/media/movies"].map(String::from).into();
    assert_eq!(folders, RootFolders { count: 6, roots });
}

#[test]
fn only_wanted_films_are_kept_but_all_are_counted() {
    let server = always(Answer::json(fixture("radarr_movies.json")));
    let (movies, folders) = eager(&server.url()).radarr.movies(|movie| movie.tmdb_id == 7249).unwrap();
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
    let (known, none, untold) = ((true, false), (false, false), (false, true));
    for (fields, expected) in [
        (format!(r#""hasFile":true,"movieFileId":7,{file}"#), known),
        (format!(r#""hasFile":true,"movieFileId":8,{file}"#), untold),
        (format!(r#""hasFile":true,"movieFileId":0,{file}"#), none),
        (format!(r#""hasFile":false,"movieFileId":7,{file}"#), none),
        (format!(r#""movieFileId":7,{file}"#), known),
        (format!(r#""movieFileId":8,{file}"#), untold),
        (format!(r#""movieFileId":0,{file}"#), none),
        (format!(r#""hasFile":true,{file}"#), known),
        (format!(r#""hasFile":null,{file}"#), untold),
        (file.to_string(), untold),
        (r#""hasFile":true"#.to_string(), untold),
        (r#""hasFile":true,"movieFileId":0"#.to_string(), untold),
        (r#""hasFile":true,"movieFileId":7"#.to_string(), untold),
        (r#""hasFile":true,"movieFileId":7,"movieFile":null"#.to_string(), untold),
        (r#""hasFile":true,"movieFileId":7,"movieFile":{"id":7}"#.to_string(), untold),
        (r#""movieFileId":7"#.to_string(), untold),
        (r#""hasFile":false"#.to_string(), none),
        (r#""hasFile":false,"movieFileId":0"#.to_string(), none),
        (r#""movieFileId":0"#.to_string(), none),
        (r#""title":"A""#.to_string(), untold),
    ] {
        let server = always(Answer::json(format!(r#"[{{"id":1,"tmdbId":2,{fields}}}]"#)));
        let movies = all_movies(&eager(&server.url())).unwrap();
        let file = MovieFile { path: "/m/a.mkv".into(), quality: "Unknown".into(), revision: 1 };
        assert_eq!(
            (movies[0].file.clone(), movies[0].file_untold),
            (expected.0.then_some(file), expected.1),
            "{fields}"
        );
    }
}

#[test]
fn films_without_a_number_are_left_out() {
    let list = r#"[{"id":1,"tmdbId":0,"title":"new"},{"id":0,"tmdbId":5},{"id":3,"tmdbId":9,"path":"/films/x"}]"#;
    let server = always(Answer::json(list));
    let (movies, folders) = eager(&server.url()).radarr.movies(|_| true).unwrap();
    assert_eq!(movies, [Movie { file_untold: true, ..movie(3, 9, "", None) }]);
    assert_eq!(folders, RootFolders { count: 3, roots: ["/films".into()].into() });
    // it may be any film
    for film in [r#"{"id":1}"#, r#"{"tmdbId":5}"#, r#"{"id":1,"tmdbId":null}"#, "{}"] {
        let server = always(Answer::json(format!(r#"[{{"id":3,"tmdbId":9}},{film}]"#)));
        assert!(sentence(all_movies(&eager(&server.url()))).contains("its answer is not the JSON expected"));
    }
}

#[test]
fn roots_of_an_app_that_names_none() {
    let list = [
        r#""path":"D:\\Films\\A""#,
        r#""path":"/films/B/""#,
        r#""path":"C""#,
        r#""rootFolderPath":"","path":"/films/D""#,
    ]
    .map(|film| format!(r#"{{"id":1,"tmdbId":2,{film}}}"#));
    let server = always(Answer::json(format!("[{}]", list.join(","))));
    let (_, folders) = eager(&server.url()).radarr.movies(|_| true).unwrap();
    assert_eq!(folders.roots, ["/films", "D:\\Films"].map(String::from).into());
}

#[test]
fn an_empty_library_is_an_answer() {
    for list in ["[]", " [ ] \n"] {
        let server = always(Answer::json(list));
        assert_eq!(eager(&server.url()).radarr.movies(|_| true).unwrap(), (vec![], RootFolders::default()));
        assert_eq!(eager(&server.url()).sonarr.series().unwrap(), (vec![], RootFolders::default()));
    }
}

#[test]
fn items_of_any_size() {
    // longer and shorter than what is read at once, so that items end anywhere in it
    let item = |id: usize| {
        let overview = r#"{[\"]},"#.repeat(id * id * 40 % 50_021);
        format!(r#"{{"overview":"{overview}","ratings":[-7.25e-3,{{}},-0.5],"id":{id},"tmdbId":{id}}}"#)
    };
    let list: Vec<_> = (1..60).map(item).collect();
    let server = always(Answer::json(format!("[{}\n]", list.join(" ,\r\n\t"))));
    let ids: Vec<_> = all_movies(&eager(&server.url())).unwrap().into_iter().map(|movie| movie.id).collect();
    assert_eq!(ids, (1..60).collect::<Vec<_>>());
}

#[test]
fn shows() {
    let server = always(Answer::json(fixture("sonarr_series.json")));
    let (series, folders) = eager(&server.url()).sonarr.series().unwrap();
    let show = |id, tvdb_id, title: &str, path: &str, year, anime, season_folder, runtime| Series {
        year: Some(year),
        sonarr: 0,
        id,
        tvdb_id,
        title: title.into(),
        alternate_titles: Vec::new(),
        path: path.into(),
        anime,
        season_folder,
        slug: Some(title.to_lowercase().replace(['(', ')'], "").replace(' ', "-")),
        runtime: Some(runtime),
    };
    let mut expected = [
        show(11, 259640, "Sword Art Online", "/data/media/anime/Sword Art Online", 2012, true, true, 24),
        show(12, 330139, "Violet Evergarden", "/data/media/anime/Violet Evergarden", 2018, true, true, 24),
        show(13, 78804, "Doctor Who (2005)", "/data/media/tv/Doctor Who (2005)", 2005, false, true, 45),
        show(14, 73871, "Futurama", "/data/media/tv/Futurama", 1999, false, false, 25),
    ];
    let others = ["SAO", "Sword Art Online II", "Sword Art Online - Alicization", "Sword Art Online Extra Edition"];
    expected[0].alternate_titles = others.map(String::from).to_vec();
    assert_eq!(series, expected);
    let roots = ["/data/media/anime", "/data/media/tv"].map(String::from).into();
    assert_eq!(folders, RootFolders { count: 4, roots });
}

#[test]
fn shows_without_a_folder_are_left_out() {
    let server = always(Answer::json(r#"[{"id":1,"title":"A"},{"title":"B","path":"/b"},{"id":3,"path":"/c"}]"#));
    let (series, folders) = eager(&server.url()).sonarr.series().unwrap();
    assert_eq!((series.len(), folders.count), (0, 3));
}

#[test]
fn episodes_with_their_files() {
    let server = always(Answer::json(fixture("sonarr_episodes_s00_13_with_files.json")));
    let episodes = eager(&server.url()).sonarr.episodes(13, 0).unwrap();
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
    assert_eq!(eager(&server.url()).sonarr.episodes(13, 0).unwrap(), doctor_who());
    assert_eq!(server.requests()[1].target(), "/api/v3/episodefile?seriesId=13");
}

fn doctor_who() -> [Episode; 3] {
    let file = |name: &str| Some(format!("/data/media/tv/Doctor Who (2005)/Specials/Doctor Who (2005) - {name}"));
    let episode = |id, tvdb_id, number, title: &str, file| Episode { id, tvdb_id, number, title: title.into(), file };
    [
        episode(2201, Some(294612), 1, "The Christmas Invasion", file("S00E01 - The Christmas Invasion HDTV-720p.mkv")),
        episode(2274, Some(4691234), 74, "The Day of the Doctor", file("S00E74 - The Day of the Doctor HDTV-720p.mp4")),
        episode(2300, Some(5123456), 100, "The Night of the Doctor / Minisode: Part 1", None),
    ]
}

#[test]
fn only_a_search_with_one_hit_tells_the_show() {
    let not_owned = r#"[{"title":"Elsewhere"}]"#.to_string();
    for (hits, expected) in [
        (fixture("sonarr_lookup_in_library.json"), Some(11)),
        (fixture("sonarr_lookup_first_hit_not_owned.json"), None),
        (not_owned, None),
        ("[]".into(), None),
    ] {
        let server = always(Answer::json(hits.clone()));
        let found = eager(&server.url()).sonarr.lookup("Sword Art: 50% & more\u{e9}").unwrap();
        assert_eq!(found, expected, "{hits}");
        let request = &server.requests()[0];
        assert_eq!(request.target(), "/api/v3/series/lookup?term=Sword%20Art%3A%2050%25%20%26%20more%C3%A9");
    }
}

#[test]
fn how_sonarr_names() {
    let naming = |renames, specials: &str, season: &str| Naming {
        renames,
        specials_folder: specials.into(),
        season_folder: season.into(),
    };
    for (answer, expected) in [
        (recorded("sonarr_config_naming.json"), naming(false, "Specials", "Season {season}")),
        (fixture("sonarr_naming_trash.json"), naming(true, "Season 00", "Season {season:00}")),
        ("{}".into(), naming(false, "Specials", "Season {season}")),
        (
            r#"{"specialsFolderFormat":"","seasonFolderFormat":" "}"#.into(),
            naming(false, "Specials", "Season {season}"),
        ),
    ] {
        for (api, path) in [("/api/v3", "/api/v3/config/naming"), ("/api/v5", "/api/v5/settings/naming")] {
            let server = routes(vec![(path, Answer::json(answer.clone()))]);
            let app = App { api_path: api.into(), ..app(&server.url()) };
            assert_eq!(both(&app, None, &Patience::default()).unwrap().sonarr.naming().unwrap(), expected);
        }
    }
}

#[test]
fn films_with_all_that_may_make_them_specials() {
    let server = always(Answer::json(fixture("radarr_movies.json")));
    let mut films = eager(&server.url()).radarr.films(|film| film).unwrap();
    films.retain(|film| film.tmdb_id == 635302);
    let expected = Film {
        tmdb_id: 635302,
        title: "Demon Slayer -Kimetsu no Yaiba- The Movie: Mugen Train".into(),
        other_titles: ["劇場版「鬼滅の刃」無限列車編", "Kimetsu no Yaiba Movie: Mugen Ressha-hen"]
            .map(String::from)
            .into(),
        collection: Some("Demon Slayer Collection".into()),
        runtime: Some(117),
        year: Some(2020),
        in_cinemas: Date::parse("2020-10-16"),
        released: ["2021-06-22", "2021-06-16"].iter().filter_map(|text| Date::parse(text)).collect(),
    };
    assert_eq!(films, [expected]);
    let list = r#"[{"id":1,"tmdbId":5},{"id":2,"tmdbId":0,"title":"A"},{"id":3,"tmdbId":6,"title":"B","runtime":0,"year":0,"inCinemas":"0001-01-01T00:00:00Z",
        "originalTitle":"B","alternateTitles":[{"title":""}]}]"#;
    let server = always(Answer::json(list));
    let nothing = Film { tmdb_id: 6, title: "B".into(), ..Film::default() };
    assert_eq!(eager(&server.url()).radarr.films(|film| film).unwrap(), [nothing]);
}

#[test]
fn specials() {
    let server = always(Answer::json(fixture("sonarr_episodes_s00_13.json")));
    let special = |tvdb_id, number, title: &str, aired, runtime, has_file| Special {
        tvdb_id: Some(tvdb_id),
        number,
        title: title.into(),
        aired: Date::parse(aired),
        runtime: Some(runtime),
        has_file,
    };
    let expected = [
        special(294_612, 1, "The Christmas Invasion", "2005-12-25", 60, true),
        special(4_691_234, 74, "The Day of the Doctor", "2013-11-23", 77, true),
        special(5_123_456, 100, "The Night of the Doctor / Minisode: Part 1", "2013-11-14", 7, false),
    ];
    assert_eq!(eager(&server.url()).sonarr.specials(13, 0).unwrap(), expected);
    assert_eq!(server.requests()[0].target(), "/api/v3/episode?seriesId=13&seasonNumber=0");
    let server = always(Answer::json(r#"[{"episodeNumber":3,"episodeFileId":7},{"title":"no number"}]"#));
    assert_eq!(
        eager(&server.url()).sonarr.specials(13, 0).unwrap(),
        [Special { number: 3, has_file: true, ..Special::default() }]
    );
}

#[test]
fn what_an_app_tells_about_itself() {
    let server = always(Answer::json(fixture("sonarr_system_status.json")));
    let expected = Status { app_name: "Sonarr".into(), version: "4.0.19.2979".into(), is_windows: false };
    assert_eq!(eager(&server.url()).sonarr.status().unwrap(), expected);
    assert_eq!(server.requests()[0].target(), "/api/v3/system/status");
}

#[test]
fn whether_sonarr_sets_permissions() {
    for (answer, expected) in [
        (recorded("sonarr_config_mediamanagement.json"), Some(false)),
        (r#"{"setPermissionsLinux":true}"#.into(), Some(true)),
        ("{}".into(), None),
    ] {
        let server = routes(vec![("/api/v3/config/mediamanagement", Answer::json(answer))]);
        assert_eq!(eager(&server.url()).sonarr.sets_permissions().unwrap(), expected);
        let v5 = App { api_path: "/api/v5".into(), ..app(&server.url()) };
        server.forget();
        assert_eq!(both(&v5, None, &Patience::default()).unwrap().sonarr.sets_permissions().unwrap(), None);
        assert_eq!(server.requests().len(), 0);
    }
}

#[test]
fn a_file_as_the_app_sees_it() {
    for (answer, seen) in [(r#"{"type":"file"}"#, true), (r#"{"type":"folder"}"#, false), ("{}", false)] {
        let server = always(Answer::json(answer));
        assert_eq!(eager(&server.url()).sonarr.sees_file("/films/A & B/é.mkv").unwrap(), seen);
        assert_eq!(server.requests()[0].target(), "/api/v3/filesystem/type?path=%2Ffilms%2FA%20%26%20B%2F%C3%A9.mkv");
    }
}

#[test]
fn what_is_sent() {
    let server = always(Answer::json("[]"));
    let app = App { url: format!("{}/base", server.url()), ..app("") };
    both(&app, None, &Patience::default()).unwrap().radarr.movies(|_| true).unwrap();
    let request = &server.requests()[0];
    assert_eq!(request.to_string(), "GET /base/api/v3/movie?excludeLocalCovers=true");
    assert_eq!(request.header("x-api-key"), Some(KEY));
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("user-agent"), Some(concat!("plex-linker/", env!("CARGO_PKG_VERSION"))));
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
        both(&App { headers, ..app(&server.url()) }, None, &Patience::default()).unwrap().radarr
    };
    assert_eq!(with(BASIC).movies(|_| true).unwrap().0, []);
    let said = with("Basic d3Jvbmc6cGFzc3dvcmQ=").movies(|_| true).unwrap_err().to_string();
    assert!(said.contains("(key)") && !said.contains("d3Jvbmc6cGFzc3dvcmQ"), "{said}");
}
