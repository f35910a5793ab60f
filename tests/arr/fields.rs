//! Every field that is read of an answer, when it is none, missing, zero or empty: what no link depends on is as if it were not told,
//! and the rest ends in one sentence. A film that has a file is never one that has none.

use serde_json::{Value, json};

use super::*;

type Ask = fn(&Both) -> Result<String>;

/// The answer, what is asked, and what is read of it: what links depend on, and what else.
const READ: [(&str, Ask, &[&str], &[&str]); 13] = [
    (
        "radarr_movie_list.json",
        |apps| apps.radarr.movies(|_| true).map(|(films, _)| film(films.into_iter().next())),
        &["id", "tmdbId", "title", "path", "hasFile", "movieFileId", "movieFile", "movieFile/id", "movieFile/path"],
        &[
            "year",
            "rootFolderPath",
            "movieFile/quality",
            "movieFile/quality/quality",
            "movieFile/quality/quality/name",
            "movieFile/quality/revision",
            "movieFile/quality/revision/version",
            "originalTitle",
            "alternateTitles",
            "collection",
            "runtime",
            "inCinemas",
            "digitalRelease",
            "physicalRelease",
        ],
    ),
    (
        "radarr_movie_by_tmdb.json",
        |apps| apps.radarr.movie_by_tmdb(920001).map(|found| film(found.map(|(film, _)| film))),
        &["id", "tmdbId", "title", "path", "hasFile", "movieFileId", "movieFile", "movieFile/id", "movieFile/path"],
        &["year", "rootFolderPath", "movieFile/quality", "alternateTitles", "collection", "runtime", "inCinemas"],
    ),
    (
        "radarr_movie_list.json",
        |apps| apps.radarr.films(|film| film).map(shown),
        &["id", "tmdbId", "title", "path", "hasFile", "movieFileId", "movieFile"],
        &["year", "originalTitle", "alternateTitles", "collection", "runtime", "inCinemas", "digitalRelease"],
    ),
    (
        "radarr_history_movie.json",
        |apps| apps.radarr.why_no_file(4).map(shown),
        &["eventType", "date"],
        &["data", "data/reason"],
    ),
    (
        "sonarr_series.json",
        |apps| apps.sonarr.series().map(shown),
        &["id", "tvdbId", "title", "path"],
        &["titleSlug", "alternateTitles", "year", "rootFolderPath", "seriesType", "seasonFolder", "runtime"],
    ),
    (
        "sonarr_series_by_id.json",
        |apps| apps.sonarr.show(4).map(shown),
        &["id", "tvdbId", "title", "path"],
        &["titleSlug", "alternateTitles", "year", "rootFolderPath", "seriesType", "seasonFolder", "runtime"],
    ),
    (
        "sonarr_episode_special_with_file.json",
        |apps| Ok(shown((apps.sonarr.episodes(4, 0)?, apps.sonarr.specials(4, 0)?))),
        &[
            "id",
            "tvdbId",
            "episodeNumber",
            "title",
            "hasFile",
            "episodeFileId",
            "episodeFile",
            "episodeFile/id",
            "episodeFile/path",
        ],
        &["airDate", "runtime", "episodeFile/quality"],
    ),
    (
        "sonarr_command_rescan_completed.json",
        |apps| apps.sonarr.command(92).map(shown),
        &["id"],
        &["name", "status", "body", "body/seriesId"],
    ),
    (
        "radarr_rootfolder.json",
        |apps| apps.radarr.root_folders().map(shown),
        &[],
        &["path", "accessible", "unmappedFolders"],
    ),
    (
        "sonarr_config_naming.json",
        |apps| apps.sonarr.naming().map(shown),
        &[],
        &["renameEpisodes", "specialsFolderFormat", "seasonFolderFormat"],
    ),
    (
        "sonarr_config_mediamanagement.json",
        |apps| apps.sonarr.sets_permissions().map(shown),
        &[],
        &["setPermissionsLinux"],
    ),
    (
        "radarr_notification.json",
        |apps| apps.radarr.webhooks().map(|hooks| shown(hooks.iter().map(|hook| hook.url()).collect::<Vec<_>>())),
        &[],
        &["id", "name", "implementation", "fields", "fields/0", "fields/0/name", "fields/0/value"],
    ),
    ("sonarr_system_status.json", |apps| apps.sonarr.status().map(shown), &[], &["appName", "version", "isWindows"]),
];

fn shown(told: impl Debug) -> String {
    format!("{told:?}")
}

/// Whether it may be taken for one without a file.
fn film(found: Option<Movie>) -> String {
    let has_none = found.as_ref().is_some_and(|film| film.file.is_none() && !film.file_untold);
    if has_none { "no file".into() } else { shown(found) }
}

/// An answer whose first item, or the whole of it, has something else in this field.
fn with(answer: &Value, field: &str, value: Option<&Value>) -> Value {
    let mut answer = answer.clone();
    let item = if answer.is_array() { &mut answer[0] } else { &mut answer };
    let (parent, name) = field.rsplit_once('/').unwrap_or(("", field));
    let parent = if parent.is_empty() { item } else { item.pointer_mut(&format!("/{parent}")).unwrap() };
    match (parent, value) {
        (Value::Object(fields), Some(value)) => drop(fields.insert(name.into(), value.clone())),
        (Value::Object(fields), None) => drop(fields.remove(name)),
        (Value::Array(items), value) => items[name.parse::<usize>().unwrap()] = value.cloned().unwrap_or_default(),
        (other, _) => panic!("{field} of {other}"),
    }
    answer
}

#[test]
fn no_field_that_is_not_as_it_should_be_is_fatal() {
    let others = [
        None,
        Some(json!(null)),
        Some(json!(0)),
        Some(json!("")),
        Some(json!({})),
        Some(json!([])),
        Some(json!(1.5)),
        Some(json!([{}, null, { "title": 5, "name": 5 }])),
    ];
    for (name, ask, needed, loose) in READ {
        let answer: Value = serde_json::from_str(&recorded(name)).unwrap();
        for (field, is_needed) in
            needed.iter().map(|field| (field, true)).chain(loose.iter().map(|field| (field, false)))
        {
            for other in &others {
                let server = always(Answer::json(with(&answer, field, other.as_ref()).to_string()));
                let what = format!("{name}: {field} is {other:?}");
                match ask(&curt(&server.url())) {
                    Ok(told) => {
                        // no file has the number 0
                        let is_told = *field == "movieFileId" && other == &Some(json!(0));
                        assert!(is_told || told != "no file", "{what}");
                    }
                    Err(problem) => {
                        assert!(is_needed, "{what}: {problem}");
                        assert!(problem.to_string().starts_with("cannot ask radarr "), "{what}: {problem}");
                    }
                }
            }
        }
    }
}
