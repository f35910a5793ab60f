//! The sample apps do what the real ones were seen to do.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::apps::{assert_like, assert_like_recorded, command, get_json};
use crate::support::{
    http::{Answer, Server},
    world::{Film, Show, World},
};

const FILM: &str = "movies/Akira (1988)/Akira (1988) DVD.mkv";
const LINK: &str = "tv/Naruto/Season 00/Naruto - S00E03 - The Movie DVD.mkv";
const TO_FILM: &str = "../../../movies/Akira (1988)/Akira (1988) DVD.mkv";

fn film(world: &World) -> Film<'_> {
    world.movie("Akira", 149).file(FILM, "DVD")
}

fn show(world: &World) -> Show<'_> {
    world.series("Naruto", 78857).special(1, "First").special(2, "Second").special(3, "The Movie")
}

/// The film, the show, and a link that Sonarr knows as the file of special 3.
fn linked(world: &World) -> (Film<'_>, Show<'_>) {
    let (film, show) = (film(world), show(world));
    world.link(LINK, TO_FILM);
    show.scan();
    assert_eq!(show.file_of(3).unwrap(), &LINK["tv/Naruto/".len()..]);
    (film, show)
}

/// Number, title, row, TVDB id and whether there is a file.
fn rows(show: Show) -> Vec<(u32, String, i32, i32, bool)> {
    let mut rows = Vec::new();
    show.edit(|series| {
        let row = |row: &crate::support::sonarr::Episode| {
            (row.number, row.title.clone(), row.id, row.tvdb_id, row.file.is_some())
        };
        rows = series.episodes.iter().map(row).collect();
    });
    rows.sort();
    rows
}

/// What a command came to.
fn ended(world: &World, name: &str, show: Show) -> Value {
    let answer = command(&world.sonarr, &json!({"name": name, "seriesId": show.id()}).to_string());
    get_json(&world.sonarr, &format!("/api/v3/command/{}", answer["id"]))
}

#[test]
fn row_and_file_stay_with_the_number_and_the_tvdb_id_with_the_special() {
    let world = World::new();
    let (_, show) = linked(&world);
    let before = rows(show);
    show.tvdb_inserts(3, "Behind the Scenes");
    let after = rows(show);
    let (old, three, four) = (&before[2], &after[2], &after[3]);
    assert_eq!((three.1.as_str(), three.2, three.4), ("Behind the Scenes", old.2, true));
    assert_eq!((four.1.as_str(), four.3, four.4), ("The Movie", old.3, false));
    assert!(three.3 != old.3 && before.iter().all(|row| row.2 != four.2), "{before:?} {after:?}");
    assert_eq!(&before[..2], &after[..2]);
    // a scan reads the number in the name and changes nothing
    show.scan();
    assert_eq!(rows(show), after);
    let answer = get_json(&world.sonarr, &format!("/api/v3/episode?seriesId={}&seasonNumber=0", show.id()));
    assert_eq!(answer[3]["tvdbId"], old.3);
    show.without_tvdb_ids();
    let answer = get_json(&world.sonarr, &format!("/api/v3/episode?seriesId={}&seasonNumber=0", show.id()));
    assert_eq!(answer[3]["tvdbId"], Value::Null);
}

#[test]
fn other_changes_of_tvdb() {
    let world = World::new();
    let (_, show) = linked(&world);
    let before = rows(show);
    show.tvdb_swaps(2, 3);
    let swapped = rows(show);
    assert_eq!(
        (&swapped[1].1, swapped[1].2, swapped[1].3, swapped[1].4),
        (&before[2].1, before[1].2, before[2].3, false)
    );
    assert_eq!(
        (&swapped[2].1, swapped[2].2, swapped[2].3, swapped[2].4),
        (&before[1].1, before[2].2, before[1].3, true)
    );
    show.tvdb_swaps(2, 3);
    assert_eq!(rows(show), before);
    show.tvdb_remakes(3);
    let remade = rows(show);
    assert!(remade[2].3 != before[2].3, "{remade:?}");
    assert_eq!((remade[2].1.as_str(), remade[2].2, remade[2].4), ("The Movie", before[2].2, true));
    show.tvdb_renumbers(3, 9);
    let renumbered = rows(show);
    assert_eq!((renumbered[2].0, renumbered[2].3, renumbered[2].4), (9, remade[2].3, false));
    assert!(renumbered[2].2 != before[2].2);
    show.tvdb_removes_and_closes_up(1);
    let closed = rows(show);
    assert_eq!(closed.iter().map(|row| (row.0, row.1.as_str())).collect::<Vec<_>>(), [(1, "Second"), (8, "The Movie")]);
    assert_eq!((closed[0].2, closed[0].3), (before[0].2, before[1].3));
    show.tvdb_removes(8).tvdb_replaces(1, "Quite another");
    let left = rows(show);
    assert_eq!((left.len(), left[0].1.as_str(), left[0].2), (1, "Quite another", before[0].2));
    assert!(left[0].3 != before[1].3);
}

#[test]
fn one_file_is_all_its_specials() {
    let world = World::new();
    film(&world);
    let show = show(&world);
    world.link("tv/Naruto/Season 00/Naruto - S00E01-E03 - Film DVD.mkv", TO_FILM);
    show.scan();
    let files: Vec<_> = (1..=3).map(|number| show.row(number).unwrap().file.unwrap()).collect();
    assert!(files.windows(2).all(|two| two[0] == two[1]), "{files:?}");
    assert_eq!(files[0].size, fs::metadata(world.path(FILM)).unwrap().len());
    let answer = get_json(&world.sonarr, &format!("/api/v3/episodefile?seriesId={}", show.id()));
    assert_eq!((answer.as_array().unwrap().len(), &answer[0]["releaseType"]), (1, &json!("multiEpisode")));
    // a file of fewer episodes does not take its place
    world.link("tv/Naruto/Season 00/Naruto - S00E02 - Second DVD.mkv", TO_FILM);
    show.scan();
    assert_eq!(show.row(2).unwrap().file.unwrap(), files[0]);
    show.delete_file(2);
    assert!((1..=3).all(|number| show.file_of(number).is_none()));
    assert!(
        world.path(FILM).exists() && !world.path("tv/Naruto/Season 00/Naruto - S00E01-E03 - Film DVD.mkv").is_symlink()
    );
}

#[test]
fn a_known_link_that_dangles_fails_the_rescan_after_the_import() {
    let world = World::new();
    let (film, show) = linked(&world);
    world.movie("Paprika", 4977).file("movies/Paprika/Paprika.mkv", "DVD");
    world.link("tv/Naruto/Season 00/Naruto - S00E01 - First DVD.mkv", "../../../movies/Paprika/Paprika.mkv");
    world.link("tv/Naruto/Season 00/Naruto - S00E02 - Second DVD.mkv", "../../../movies/nowhere.mkv");
    world.put("tv/Naruto/Season 00/Naruto - S00E03 - The Movie DVD.en.srt");
    film.file_vanishes();
    let rescan = ended(&world, "RescanSeries", show);
    assert_like(&rescan, "sonarr_command_failed");
    assert_eq!((&rescan["status"], &rescan["result"]), (&json!("failed"), &json!("unknown")));
    assert!(rescan["exception"].as_str().unwrap().starts_with("System.IO.FileNotFoundException"), "{rescan}");
    // imported, though; what never was whole is passed over, the known one is kept, extras are left out
    assert!(show.file_of(1).is_some() && show.file_of(2).is_none() && show.file_of(3).is_some());
    assert_eq!(show.subtitles(), []);
    // what goes is noticed, too, and a refresh says that all is well
    world.remove("tv/Naruto/Season 00/Naruto - S00E01 - First DVD.mkv");
    let refresh = ended(&world, "RefreshSeries", show);
    assert_eq!((&refresh["status"], &refresh["message"]), (&json!("completed"), &json!("Completed")));
    assert_eq!(show.file_of(1), None);
    // whole again: a link is imported then, sizes and extras are taken
    world.put("movies/nowhere.mkv");
    fs::write(world.path(FILM), "longer than it was before it went").unwrap();
    assert_eq!(ended(&world, "RescanSeries", show)["status"], "completed");
    assert!(show.file_of(2).is_some());
    assert_eq!(show.row(3).unwrap().file.unwrap().size, 33);
    assert_eq!(show.subtitles().len(), 1);
}

#[test]
fn subtitles_beside_a_link() {
    let world = World::new();
    let (_, show) = linked(&world);
    let base = LINK.strip_suffix(".mkv").unwrap();
    for end in ["en.srt", "en.forced.srt", "de.ass", "idx", "sub", "nfo", "fr.sup"] {
        world.put(&format!("{base}.{end}"));
    }
    world.put("tv/Naruto/Season 00/Naruto - S00E02 - Second DVD.en.srt");
    show.scan();
    let found = show.subtitles();
    let ends: Vec<_> =
        found.iter().map(|(path, tags)| (&path[base.len() - "tv/Naruto/".len()..], tags.join(" "))).collect();
    let expected = [(".de.ass", "de"), (".en.forced.srt", "en forced"), (".en.srt", "en"), (".idx", ""), (".sub", "")];
    assert_eq!(ends, expected.map(|(end, tags)| (end, tags.to_string())));
}

#[test]
fn a_better_real_file_takes_the_special_from_the_link() {
    let world = World::new();
    let (_, show) = linked(&world);
    show.file("Season 00/Naruto - S00E03 - worse SDTV.mkv");
    assert_eq!(show.file_of(3).unwrap(), &LINK["tv/Naruto/".len()..]);
    show.file("Season 00/Naruto - S00E03 - better Bluray-1080p.mkv");
    assert_eq!(show.file_of(3).unwrap(), "Season 00/Naruto - S00E03 - better Bluray-1080p.mkv");
    show.scan();
    assert_eq!(show.file_of(3).unwrap(), "Season 00/Naruto - S00E03 - better Bluray-1080p.mkv");
}

#[test]
fn a_deleted_special_leaves_the_film() {
    let world = World::new();
    let (_, show) = linked(&world);
    show.delete_file_into(3, "bin");
    assert_eq!(show.file_of(3), None);
    let bin = world.path("bin").join(Path::new(LINK).file_name().unwrap());
    assert_eq!(fs::read_link(bin).unwrap(), world.path(FILM));
    assert!(!world.path(LINK).is_symlink() && world.path(FILM).exists());
}

#[test]
fn a_show_moves() {
    let world = World::new();
    let (_, show) = linked(&world);
    show.moved_to("anime/deep/Naruto");
    let moved = LINK.replace("tv/", "anime/deep/");
    world.assert_links(&[(&moved, TO_FILM)]);
    assert!(!world.path(&moved).exists());
    show.moved_to("tv/Naruto").moved_to_other_disk("anime/deep/Naruto");
    let text = format!("{}/tv/Naruto/Season 00/{TO_FILM}", world.media().display());
    world.assert_links(&[(&moved, &text)]);
    assert!(world.path(&moved).exists());
    show.scan();
}

#[test]
fn a_show_is_added_again() {
    let world = World::new();
    let (_, show) = linked(&world);
    let (id, before) = (show.id(), rows(show));
    show.added_again();
    let after = rows(show);
    assert!(
        show.id() != id && before.iter().zip(&after).all(|(before, after)| before.2 != after.2 && before.3 == after.3)
    );
    assert!(after[2].4);
}

#[test]
fn a_new_show_has_no_folder() {
    let world = World::new();
    let show = world.series_without_folder("Naruto", 78857).special(3, "The Movie");
    world.assert_tree(&["tv/"]);
    assert_eq!(ended(&world, "RescanSeries", show)["status"], "completed");
}

#[test]
fn a_rename_to_another_folder_breaks_relative_links() {
    let world = World::new();
    let (_, show) = linked(&world);
    let base = LINK.strip_suffix(".mkv").unwrap();
    world.put(&format!("{base}.en.srt"));
    show.scan();
    let preview = || get_json(&world.sonarr, &format!("/api/v3/rename?seriesId={}", show.id()));
    world.sonarr.set_renames(true);
    let new = "Specials/Naruto - S00E03 - The Movie DVD.mkv";
    assert_eq!(preview()[0]["newPath"], new);
    assert_eq!(preview()[0]["episodeNumbers"], json!([3]));
    let moved = show.renamed_by_sonarr();
    assert_eq!(moved, [(LINK["tv/Naruto/".len()..].to_string(), new.to_string())]);
    let text = format!("{}/tv/Naruto/Season 00/{TO_FILM}", world.media().display());
    world.assert_links(&[(&format!("tv/Naruto/{new}"), &text)]);
    assert!(!world.path("tv/Naruto/Season 00").exists() && !world.path(&format!("tv/Naruto/{new}")).exists());
    assert!(world.path("tv/Naruto/Specials/Naruto - S00E03 - The Movie DVD.en.srt").exists());
    assert_eq!(preview(), json!([]));
    // by its text the path is right, but the folder on its way is gone: a kernel and Sonarr find nothing there
    assert_eq!(ended(&world, "RescanSeries", show)["status"], "failed");
    // somebody makes the folder anew
    world.folder("tv/Naruto/Season 00");
    assert_eq!(ended(&world, "RescanSeries", show)["status"], "completed");
}

#[test]
fn a_rename_within_a_folder_keeps_the_text() {
    let world = World::new();
    film(&world);
    let show = show(&world);
    world.link("tv/Naruto/Specials/x S00E01-E02 Remux-1080p.mkv", TO_FILM);
    show.scan();
    assert!(show.renamed_by_sonarr().is_empty());
    world.sonarr.set_renames(true);
    show.renamed_by_sonarr();
    world.assert_links(&[("tv/Naruto/Specials/Naruto - S00E01-E02 - First + Second Bluray-1080p Remux.mkv", TO_FILM)]);
    assert!(world.path("tv/Naruto/Specials/Naruto - S00E01-E02 - First + Second Bluray-1080p Remux.mkv").exists());
    assert!(show.renamed_by_sonarr().is_empty());
}

#[test]
fn naming_in_both_versions() {
    let world = World::new();
    let status = |target: &str| super::apps::status(&world.sonarr, target);
    assert_eq!(get_json(&world.sonarr, "/api"), json!({"current": "v3", "deprecated": []}));
    assert_eq!(status("/api/v5/settings/naming"), 404);
    assert_eq!(get_json(&world.sonarr, "/api/v3/config/naming")["renameEpisodes"], false);
    world.sonarr.become_develop();
    world.sonarr.set_renames(true);
    assert_eq!(get_json(&world.sonarr, "/api"), json!({"current": "v5", "deprecated": ["v3"]}));
    for path in ["/api/v3/config/naming", "/api/v5/settings/naming"] {
        let naming = get_json(&world.sonarr, path);
        assert_eq!(naming["renameEpisodes"], true);
        assert_like_recorded(&naming, "sonarr_config_naming");
    }
    for path in ["config/naming", "config/mediamanagement"] {
        assert_eq!(status(&format!("/api/v5/{path}")), 404);
    }
    assert_like_recorded(&get_json(&world.sonarr, "/api/v3/system/status"), "sonarr_system_status");
}

#[test]
fn errors_are_the_recorded_ones() {
    let world = World::new();
    world.sonarr.become_develop();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/recorded/errors.json");
    let errors: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let mut seen = 0;
    for (name, error) in errors.as_object().unwrap() {
        // that one was run without its pages
        if name == "html index" {
            continue;
        }
        let (method, target) = error["request"].as_str().unwrap().split_once(' ').unwrap();
        let app = if target.contains("movie") { &*world.radarr } else { &*world.sonarr };
        let key = if name.ends_with("key") { "wrong" } else { app.key() };
        let body = match name.as_str() {
            "unknown command" => r#"{"name":"Nope"}"#,
            "rescan of unknown series" => r#"{"name":"RescanSeries","seriesId":9999}"#,
            "bad json" => r#"{"name":"#,
            _ => "",
        };
        let (head, body) = super::apps::send(app, method, target, key, body);
        assert!(head.starts_with(&format!("HTTP/1.1 {} ", error["status"])), "{name}: {head}");
        for header in ["Content-Type", "Allow"] {
            if let Some(value) = error["headers"][header].as_str() {
                assert!(head.contains(&format!("\r\n{header}: {value}\r\n")), "{name}: {head}");
            }
        }
        match &error["body"] {
            Value::String(text) if text.is_empty() => assert_eq!(body, "", "{name}"),
            Value::Object(members) if error["status"] != 201 => {
                let ours: Value = serde_json::from_str(&body).unwrap();
                for (member, value) in members.iter().filter(|(member, _)| *member != "traceId") {
                    assert_eq!(&ours[member], value, "{name}");
                }
            }
            _ => {}
        }
        seen += 1;
    }
    assert_eq!(seen, 13);
    // the command for a show that is not there was taken, and came to nothing
    assert_eq!(get_json(&world.sonarr, "/api/v3/command")[0]["status"], "failed");
}

#[test]
fn root_folders_are_those_of_the_items() {
    let world = World::new();
    film(&world);
    show(&world);
    let root = |below: &str| world.path(below).display().to_string();
    world.radarr.become_develop();
    let roots = get_json(&world.radarr, "/api/v3/rootfolder");
    assert_like_recorded(&roots, "radarr_rootfolder");
    assert_eq!((roots.as_array().unwrap().len(), &roots[0]["path"]), (1, &json!(root("movies"))));
    world.sonarr.become_develop();
    let roots = get_json(&world.sonarr, "/api/v3/rootfolder");
    assert_like_recorded(&roots, "sonarr_rootfolder");
    assert_eq!(roots[0]["path"], root("tv"));
}

#[test]
fn commands_that_take_time() {
    let world = World::new();
    let (_, show) = linked(&world);
    let other = world.series("Bleach", 74796);
    world.remove(LINK);
    world.sonarr.commands_take(1);
    let post = |name: &str, show: Show| {
        command(&world.sonarr, &json!({"name": name, "seriesId": show.id()}).to_string())["id"].clone()
    };
    let look = |id: &Value| get_json(&world.sonarr, &format!("/api/v3/command/{id}"))["status"].clone();
    let rescan = post("RescanSeries", show);
    // an equal one is the same, one of another show is another
    assert_eq!(post("RescanSeries", show), rescan);
    let elsewhere = post("RefreshSeries", other);
    assert!(elsewhere != rescan && show.file_of(3).is_some());
    assert_eq!(get_json(&world.sonarr, "/api/v3/command")[0]["status"], "queued");
    assert_eq!([look(&rescan), look(&rescan), look(&rescan)], ["started", "completed", "completed"]);
    assert_eq!(show.file_of(3), None);
    world.sonarr.hold_commands();
    let refresh = post("RefreshSeries", show);
    assert_eq!([look(&refresh), look(&refresh)], ["started", "started"]);
    world.sonarr.finish_commands();
    assert_eq!([look(&refresh), look(&elsewhere)], ["completed", "completed"]);
    assert!(world.sonarr.commands().iter().all(|(_, _, ended)| *ended) && world.sonarr.violations().is_empty());
}

#[test]
fn two_scans_of_one_show_at_once_are_a_violation() {
    let dropped = std::panic::catch_unwind(|| {
        let world = World::new();
        let show = show(&world);
        world.sonarr.hold_commands();
        for name in ["RescanSeries", "RefreshSeries"] {
            command(&world.sonarr, &json!({"name": name, "seriesId": show.id()}).to_string());
        }
    });
    let text = *dropped.unwrap_err().downcast::<String>().unwrap();
    assert!(text.starts_with("two scans at once! Sonarr: POST /api/v3/command {\"name\":\"RefreshSeries\""), "{text}");
}

#[test]
fn connections_can_be_made() {
    let world = World::new();
    let ours = Server::start(|_| Answer::json("{}"));
    for (app, name) in [(&*world.radarr, "radarr"), (&*world.sonarr, "sonarr")] {
        let mut schema = get_json(app, "/api/v3/notification/schema");
        assert_like_recorded(&schema[0], &format!("{name}_notification_schema_webhook"));
        assert_eq!(get_json(app, "/api/v3/notification"), json!([]));
        schema[0]["name"] = json!("plex-linker");
        schema[0]["fields"][0]["value"] = json!(format!("{}/api/webhook", ours.url()));
        schema[0]["fields"][3]["value"] = json!("secret");
        let made = super::apps::post(app, "/api/v3/notification", &schema[0].to_string());
        assert_eq!(made["fields"][3]["value"], json!("********"));
        assert_eq!((&made["id"], &made["implementation"]), (&json!(1), &json!("Webhook")));
        assert_eq!(get_json(app, "/api/v3/notification")[0], made);
    }
}

#[test]
fn radarr_believes_in_a_film_until_it_scans() {
    let world = World::new();
    let film = film(&world);
    let scan = || {
        let answer = command(&world.radarr, &json!({"name": "RescanMovie", "movieId": film.id()}).to_string());
        let ended = get_json(&world.radarr, &format!("/api/v3/command/{}", answer["id"]));
        (ended["status"].as_str().unwrap().to_string(), ended["message"].clone())
    };
    let reasons = || {
        let history = get_json(&world.radarr, &format!("/api/v3/history/movie?movieId={}", film.id()));
        history.as_array().unwrap().iter().map(|event| event["data"]["reason"].clone()).collect::<Vec<_>>()
    };
    // its root folder missing, then empty, then with a marker in it
    fs::rename(world.path("movies"), world.path("away")).unwrap();
    for _ in 0..2 {
        assert_eq!(scan(), ("completed".into(), Value::Null));
        assert!(film.has_file());
        world.folder("movies");
    }
    world.put("movies/.NOT_MOUNTED");
    assert_eq!(scan().0, "completed");
    assert!(!film.has_file());
    assert_eq!(reasons(), ["MissingFromDisk"]);
    // back again
    world.remove("movies");
    fs::rename(world.path("away"), world.path("movies")).unwrap();
    scan();
    assert!(film.has_file());
    // the film itself a link whose end is away
    fs::rename(world.path(FILM), world.path("elsewhere.mkv")).unwrap();
    world.link(FILM, "../../elsewhere.mkv");
    assert_eq!(scan().0, "completed");
    world.remove("elsewhere.mkv");
    assert_eq!(scan().0, "failed");
    assert!(film.has_file());
    world.remove(FILM);
    scan();
    assert!(!film.has_file());
    assert_eq!(reasons(), ["MissingFromDisk", "MissingFromDisk"]);
}

#[test]
fn radarr_tells_a_films_past() {
    let world = World::new();
    let film = film(&world);
    film.upgrade_begins();
    assert!(!film.has_file() && !world.path(FILM).exists());
    film.upgrade_ends("movies/Akira (1988)/Akira 2160p.mkv", "WEBDL-2160p").rename_file("Akira (1988) WEBDL-2160p.mkv");
    assert!(world.path("movies/Akira (1988)/Akira (1988) WEBDL-2160p.mkv").exists());
    film.move_folder("films/Akira").delete_file().file(FILM, "DVD").file_vanishes().scan().unwrap();
    let history = get_json(&world.radarr, &format!("/api/v3/history/movie?movieId={}", film.id()));
    assert_like_recorded(&history, "radarr_history_movie");
    let events = history.as_array().unwrap().iter();
    let events: Vec<_> = events
        .map(|event| (event["eventType"].as_str().unwrap(), event["data"]["reason"].as_str().unwrap_or_default()))
        .collect();
    let deleted = |reason| ("movieFileDeleted", reason);
    let expected = [
        deleted("MissingFromDisk"),
        deleted("Manual"),
        ("movieFileRenamed", ""),
        ("downloadFolderImported", ""),
        deleted("Upgrade"),
    ];
    assert_eq!(events, expected);
    assert_eq!(get_json(&world.radarr, "/api/v3/history/movie?movieId=9999"), json!([]));
    film.delete();
    assert_eq!(get_json(&world.radarr, "/api/v3/movie?tmdbId=149"), json!([]));
}

#[test]
fn radarr_tells_the_files_of_some_films() {
    let world = World::new();
    let film = film(&world);
    let other = world.movie("Paprika", 4977).file("movies/Paprika/Paprika.mkv", "DVD");
    let none = world.movie("Red", 900_667);
    let target = format!("/api/v3/moviefile?movieId={}&movieId={}&movieId={}", film.id(), other.id(), none.id());
    let files = get_json(&world.radarr, &target);
    let ids: Vec<_> = files.as_array().unwrap().iter().map(|file| file["movieId"].as_i64().unwrap()).collect();
    assert_eq!(ids, [i64::from(film.id()), i64::from(other.id())]);
}
