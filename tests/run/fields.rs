//! Runs whose apps tell a field otherwise than they should: no link goes because of it, and the run ends well or with a sentence.

use std::sync::Mutex;

use serde_json::{Value, json};

use crate::support::{
    daemon,
    http::{Answer, Server},
    sample::{AKIRA, BOTH, Sample},
    world::World,
};

const FIELDS: [(&str, &[&str]); 3] = [
    ("/api/v3/movie", &["id", "tmdbId", "title", "path", "hasFile", "movieFileId", "movieFile", "rootFolderPath"]),
    ("/api/v3/series", &["id", "tvdbId", "title", "path", "seasonFolder", "seriesType", "rootFolderPath"]),
    ("/api/v3/episode", &["id", "tvdbId", "episodeNumber", "hasFile", "episodeFileId", "episodeFile"]),
];

/// What is told of what, and what instead; `None`: nothing.
type Twist = Mutex<(&'static str, &'static str, Option<Value>)>;
static TWIST: Twist = Mutex::new(("nothing", "", None));

fn twisted(answer: &mut Value) {
    let (_, field, other) = &*TWIST.lock().unwrap();
    let one = |item: &mut Value| match (item, other) {
        (Value::Object(fields), Some(other)) => drop(fields.insert(field.to_string(), other.clone())),
        (Value::Object(fields), None) => drop(fields.remove(*field)),
        _ => {}
    };
    match answer {
        Value::Array(items) => items.iter_mut().for_each(one),
        item => one(item),
    }
}

/// Stands in front of an app.
fn in_front(world: &World, variable: &str) -> Server {
    let (app, key) = match variable {
        "SONARR_0_URL" => (world.sonarr.address(), world.sonarr.key().to_string()),
        _ => (world.radarr.address(), world.radarr.key().to_string()),
    };
    let server = Server::start(move |request| {
        let headers = [("X-Api-Key", &*key), ("Content-Type", "application/json")];
        let body = String::from_utf8_lossy(&request.body);
        let answer = daemon::ask(app, &request.method, &request.target(), &headers, &body).unwrap();
        let mut told: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        if answer.status == 200 && request.path.starts_with(TWIST.lock().unwrap().0) {
            twisted(&mut told);
        }
        Answer::json(told.to_string()).code(answer.status)
    });
    world.set(variable, &server.url());
    server
}

#[test]
fn no_link_goes_because_of_a_field() {
    for is_there in [true, false] {
        let world = World::new();
        Sample::linked(&world);
        let _apps = ["SONARR_0_URL", "RADARR_0_URL"].map(|variable| in_front(&world, variable));
        if !is_there {
            // its folder is no empty mount point
            world.put("movies/Akira (1988)/Akira (1988)-trailer.mkv");
            world.remove(AKIRA);
        }
        for (path, fields) in FIELDS {
            for field in fields {
                for other in [None, Some(json!(null)), Some(json!("")), Some(json!({}))] {
                    *TWIST.lock().unwrap() = (path, field, other.clone());
                    let outcome = world.run(&["once"]).never_says("panicked");
                    let well = matches!(outcome.code(), Some(0 | 1));
                    world.assert(well, &format!("{path}: {field} is {other:?}: it should end well or with a sentence"));
                    world.assert_links(&BOTH);
                }
            }
        }
    }
}
