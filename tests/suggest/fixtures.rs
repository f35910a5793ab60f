//! Suggestions from sample answers of the apps.

use std::time::Duration;

use plex_linker::{
    arr::{Connection, Patience, Radarr, Sonarr},
    config::{App, RADARR, Secret},
    model::Paths,
    suggest::NamedShows,
};

use crate::support::http::{Answer, Request, Server};

const FILMS: &str = include_str!("../fixtures/radarr_movies.json");
const SERIES: &str = include_str!("../fixtures/sonarr_series.json");
const SPECIALS: [(&str, &str); 4] = [
    ("11", include_str!("../fixtures/sonarr_episodes_s00_11.json")),
    ("12", include_str!("../fixtures/sonarr_episodes_s00_12.json")),
    ("13", include_str!("../fixtures/sonarr_episodes_s00_13.json")),
    ("14", include_str!("../fixtures/sonarr_episodes_s00_14.json")),
];

fn answer(request: &Request) -> Answer {
    let specials = |id: String| SPECIALS.iter().find(|(series, _)| *series == id).map(|(_, list)| *list);
    match request.path.as_str() {
        "/api/v3/movie" => Answer::json(FILMS),
        "/api/v3/series" => Answer::json(SERIES),
        _ => Answer::json(request.param("seriesId").and_then(specials).unwrap()),
    }
}

#[test]
fn films_of_the_sample_answers_find_their_specials() {
    let server = Server::start(answer);
    let app = App {
        kind: RADARR,
        name: "app".into(),
        variable: "RADARR_0_URL".into(),
        url: server.url(),
        public_url: String::new(),
        api_path: "/api/v3".into(),
        api_key: Secret::new("key"),
        headers: Vec::new(),
        timeout: Duration::from_secs(600),
        paths: Paths::default(),
    };
    let connection = || Connection::new(&app, None, Patience::default()).unwrap();
    let (radarr, sonarr) = (Radarr::new(connection(), 0), Sonarr::new(connection(), 0));
    let (series, _) = sonarr.series().unwrap();
    let films = radarr.films(|film| film).unwrap();
    let specials: Vec<_> = series.iter().map(|show| sonarr.specials(show.id, 0).unwrap()).collect();
    let found = NamedShows::new(&series).suggest(&films, &specials, &[], &Default::default());
    let found: Vec<_> =
        found.iter().map(|one| (one.movie_title.as_str(), one.show_name.as_str(), one.episode, one.likely)).collect();
    let expected = [
        ("Sword Art Online the Movie: Ordinal Scale", "Sword Art Online", 22, true),
        ("Futurama: Bender's Big Score", "Futurama", 1, true),
        ("Violet Evergarden: The Movie", "Violet Evergarden", 3, true),
    ];
    assert_eq!(found, expected, "The Day of the Doctor has a file already");
}
