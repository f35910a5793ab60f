//! `plex-linker setup`: from the apps' own settings to the first link.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::PathBuf,
    process::Command,
};

use crate::support::{
    http::Answer,
    skip,
    terminal::talk,
    world::{Outcome, World},
};

const FILM: &str = "movies/Bender/Bender.mkv";
const LINK: &str = "tv/Futurama/Season 00/Futurama - S00E01 - Bender's Big Score DVD.mkv";
const TARGET: &str = "../../../movies/Bender/Bender.mkv";

/// A film that is hardly anything else than a special, and apps of which nothing is set; they call their folders `/data/tv` and
/// `/data/movies`.
fn fresh() -> World {
    let world = World::with_app_roots("/data/tv", "/data/movies");
    world.movie("Futurama: Bender's Big Score", 7249).file(FILM, "DVD").edit(|movie| {
        movie.in_cinemas = Some("2007-11-27T00:00:00Z".into());
        movie.runtime = 89;
    });
    world.series("Futurama", 73871).special(1, "Bender's Big Score").edit(|series| {
        series.episodes[0].air_date = Some("2007-11-27".into());
        series.episodes[0].runtime = 88;
    });
    for app in ["SONARR", "RADARR"] {
        ["URL", "API_KEY", "PATH_MAP"].iter().for_each(|what| world.unset(&format!("{app}_0_{what}")));
    }
    for (name, app) in [("sonarr", &*world.sonarr), ("radarr", &*world.radarr)] {
        let (port, key) = (app.address().port(), app.key());
        let xml = format!(
            "<Config>\n  <BindAddress>*</BindAddress>\n  <Port>{port}</Port>\n  <ApiKey>{key}</ApiKey>\n  <UrlBase></UrlBase>\n</Config>\n"
        );
        fs::write(own(&world, name), xml).unwrap();
    }
    world
}

/// An app's own settings.
fn own(world: &World, app: &str) -> PathBuf {
    world.state().join(format!("{app}.xml"))
}

fn file(world: &World) -> PathBuf {
    world.state().join("settings.env")
}

fn command(world: &World, words: &[&str]) -> Command {
    let mut command = world.command(&["--config"]);
    command.arg(file(world)).args(["setup", "--sonarr-config"]).arg(own(world, "sonarr"));
    command.arg("--radarr-config").arg(own(world, "radarr")).args(words);
    command
}

fn setup<'w>(world: &'w World, words: &[&str]) -> Outcome<'w> {
    world.finish(command(world, words))
}

fn nothing_was_done(world: &World) {
    world.assert(!file(world).exists(), "no settings should be written");
    world.assert_links(&[]);
    world.assert_posts(&[]);
}

/// What the file says, with short paths and without the apps' keys.
fn settings(world: &World) -> String {
    let text = fs::read_to_string(file(world)).unwrap();
    let text = text.replace(&world.sonarr.url(), "SONARR").replace(&world.radarr.url(), "RADARR");
    let text = text.replace(world.sonarr.key(), "KEY-OF-SONARR").replace(world.radarr.key(), "KEY-OF-RADARR");
    text.replace(&world.media().display().to_string(), "MEDIA").replace(&world.state().display().to_string(), "STATE")
}

/// What the environment says in every world.
const OF_WORLD: &str = "DATABASE_URL=sqlite:///STATE/plex_linker.db\nPLEX_LINKER_PORT=9\nSTATE_DIRECTORY=STATE";

#[test]
fn one_command_leads_to_the_first_link() {
    let world = fresh();
    let said = setup(&world, &["--yes"]).succeeds();
    let (media, sonarr) = (world.media().display().to_string(), own(&world, "sonarr").display().to_string());
    let said = said
        .says(&format!("Sonarr answers at {}, as {sonarr} says; its key is as {sonarr} says", world.sonarr.url()))
        .says(&format!("Sonarr's folder /data/tv is {media}/tv here: 1 of 1 that were looked for are in it"))
        .says(&format!("Radarr's folder /data/movies is {media}/movies here"))
        .says("Futurama: Bender's Big Score is Futurama S00E01 Bender's Big Score")
        .says("1 added, 0 changed")
        // it has no unit of systemd
        .says(&format!("let \"plex-linker --config {} serve\" run at every boot", file(&world).display()));
    drop(said);
    world.assert_same(
        "the settings",
        settings(&world).trim_end(),
        &format!(
            "SONARR_0_URL=SONARR\nSONARR_0_API_KEY=KEY-OF-SONARR\nRADARR_0_URL=RADARR\nRADARR_0_API_KEY=KEY-OF-RADARR\n\
             SONARR_0_PATH_MAP=/data/tv=MEDIA/tv\nRADARR_0_PATH_MAP=/data/movies=MEDIA/movies\n{}",
            OF_WORLD.replacen('\n', "\nMEDIA_ROOT=MEDIA\n", 1)
        ),
    );
    assert_eq!(fs::metadata(file(&world)).unwrap().permissions().mode() & 0o7777, 0o640);
    world.assert_links(&[(LINK, TARGET)]);

    // once more: it is there, and stays as it is
    let before = fs::metadata(file(&world)).unwrap().ino();
    setup(&world, &["--yes"]).succeeds().says("has all of this already");
    assert_eq!(fs::metadata(file(&world)).unwrap().ino(), before);
}

#[test]
fn what_is_in_the_file_stays() {
    let world = fresh();
    let before = format!(
        "# mine\nMEDIA_ROOT={}\n#SONARR_0_URL=\nRADARR_0_API_KEY=\n\nexport RADARR_URL='{}/'\nRADARR_0_PATH_MAP=/old=/srv/old\nPLEX_LINKER_LOG=debug\n",
        world.media().display(),
        world.radarr.url()
    );
    world.unset("MEDIA_ROOT");
    fs::write(file(&world), before).unwrap();
    setup(&world, &["--yes"]).succeeds();
    world.assert_same(
        "the settings",
        settings(&world).trim_end(),
        &format!(
            "# mine\nMEDIA_ROOT=MEDIA\nSONARR_0_URL=SONARR\nRADARR_0_API_KEY=KEY-OF-RADARR\n\nexport RADARR_URL='RADARR/'\n\
             RADARR_0_PATH_MAP=/old=/srv/old,/data/movies=MEDIA/movies\nPLEX_LINKER_LOG=debug\nSONARR_0_API_KEY=KEY-OF-SONARR\n\
             SONARR_0_PATH_MAP=/data/tv=MEDIA/tv\n{OF_WORLD}"
        ),
    );
    world.assert_links(&[(LINK, TARGET)]);
}

#[test]
fn what_the_environment_says_is_written() {
    let world = fresh();
    let key = world.state().join("key");
    fs::write(&key, world.sonarr.key()).unwrap();
    let before = format!(
        "SONARR_0_URL={}\nRADARR_0_URL=http://127.0.0.1:1\nRADARR_0_API_KEY={}\n",
        world.sonarr.url(),
        world.radarr.key()
    );
    fs::write(file(&world), before).unwrap();
    let media = world.media().display().to_string();
    world.set("RADARR_0_URL", &world.radarr.url());
    world.set("SONARR_0_API_KEY_FILE", "key");
    world.set("SONARR_0_PATH_MAP", &format!("/data/tv={media}/tv"));
    // what is found beside it must not be hidden by it
    world.set("RADARR_0_PATH_MAP", "/old=/srv/old");
    world.set("PLEX_LINKER_CLEAN", "off");
    world.set("PLEX_LINKER_SUBTITLES", "");
    setup(&world, &["--yes"]).succeeds().says("1 added, 0 changed");
    world.assert_same(
        "the settings",
        settings(&world).trim_end(),
        "SONARR_0_URL=SONARR\nRADARR_0_URL=RADARR\nRADARR_0_API_KEY=KEY-OF-RADARR\n\
         RADARR_0_PATH_MAP=/old=/srv/old,/data/movies=MEDIA/movies\nDATABASE_URL=sqlite:///STATE/plex_linker.db\nMEDIA_ROOT=MEDIA\n\
         PLEX_LINKER_CLEAN=off\nPLEX_LINKER_PORT=9\nSONARR_0_API_KEY_FILE=STATE/key\nSONARR_0_PATH_MAP=/data/tv=MEDIA/tv\n\
         STATE_DIRECTORY=STATE",
    );
    let mut alone = world.command(&["--config"]);
    alone.arg(file(&world)).arg("check").env_clear();
    world.finish(alone).succeeds();
}

#[test]
fn a_film_in_parts_is_told_with_all_of_them() {
    let world = fresh();
    let show = world.known_series(73871);
    let show = show.special(2, "Bender's Big Score (2)").special(3, "Bender's Big Score (3)");
    show.edit(|series| {
        for episode in &mut series.episodes {
            (episode.air_date, episode.runtime) = (Some("2007-11-27".into()), 30);
        }
        series.episodes[0].title = "Bender's Big Score (1)".into();
    });
    setup(&world, &["--yes"])
        .succeeds()
        .says("Futurama: Bender's Big Score is Futurama S00E01-E03 Bender's Big Score (1)");
    world.run(&["rules", "list"]).succeeds().says("S00E01-E03");
}

#[test]
fn a_file_that_its_group_may_not_read_any_more_is_not_written() {
    if !plex_linker::disk::is_root() {
        return skip("settings of another group were not tested: this is not root");
    }
    const NOBODY: u32 = 65534;
    let world = fresh();
    fs::write(file(&world), "# mine\n").unwrap();
    let chown_all = Command::new("chown").args(["-R", "65534:65534"]).arg(world.state()).arg(world.media()).status();
    assert!(chown_all.unwrap().success());
    chown(file(&world), None, Some(54321)).unwrap();
    let mode = |mode| fs::set_permissions(file(&world), fs::Permissions::from_mode(mode)).unwrap();
    let as_nobody = || {
        let mut wrapped =
            world.command_below(&["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], &["--config"]);
        wrapped.args(command(&world, &["--yes"]).get_args().skip(1));
        world.finish(wrapped)
    };
    mode(0o640);
    as_nobody().exits(1).says("you cannot keep its group 54321").says("chmod g=");
    world.assert_same("the settings", &settings(&world), "# mine\n");
    mode(0o600);
    as_nobody().succeeds();
    let written = fs::metadata(file(&world)).unwrap();
    assert_eq!((written.uid(), written.gid(), written.mode() & 0o7777), (NOBODY, NOBODY, 0o600));
}

#[test]
fn a_dry_run_shows_what_would_be_written() {
    let world = fresh();
    setup(&world, &["--dry-run"])
        .succeeds()
        .says(&format!("SONARR_0_URL={}", world.sonarr.url()))
        .says("SONARR_0_API_KEY=(secret)")
        .says("DATABASE_URL=(secret)")
        .says("nothing was written: this was a dry run");
    nothing_was_done(&world);
}

#[test]
fn where_nobody_is_there_a_question_ends_it() {
    let world = fresh();
    setup(&world, &[]).exits(2).says("nobody is there to answer").says("--yes says yes to everything");
    nothing_was_done(&world);

    // the other app's settings, and none at all
    fs::copy(own(&world, "radarr"), own(&world, "sonarr")).unwrap();
    setup(&world, &["--yes"]).exits(2).says("SONARR_0_URL leads to Radarr, not to Sonarr").says("set SONARR_0_URL");
    for (text, sentence) in [(None, "cannot read"), (Some("<Config></Config>"), "has no ApiKey")] {
        fs::remove_file(own(&world, "sonarr")).unwrap();
        text.iter().for_each(|text| fs::write(own(&world, "sonarr"), text).unwrap());
        setup(&world, &["--yes"]).exits(2).says(sentence);
        fs::write(own(&world, "sonarr"), "").unwrap();
    }
    nothing_was_done(&world);
}

#[test]
fn a_folder_that_is_nowhere_or_twice_is_asked_for() {
    let world = fresh();
    fs::rename(world.path("movies"), world.state().join("elsewhere")).unwrap();
    setup(&world, &["--yes"])
        .exits(2)
        .says("What is Radarr's folder /data/movies called on this machine?")
        .says("set RADARR_0_PATH_MAP=/data/movies=FOLDER-HERE");
    for copy in ["a/films", "b/films"] {
        world.put(&format!("{copy}/Bender/Bender.mkv"));
    }
    let (a, b) = (world.path("a/films"), world.path("b/films"));
    setup(&world, &["--yes"]).exits(2).says(&format!("may be {} or {}", a.display(), b.display()));
    nothing_was_done(&world);
}

#[test]
fn a_setting_that_is_wrong_is_told_and_not_changed() {
    let world = fresh();
    let settings = "SONARR_0_URL=http://127.0.0.1:1\nSONARR_0_API_KEY=0123456789abcdef\n";
    fs::write(file(&world), settings).unwrap();
    setup(&world, &["--yes"]).exits(1).says("cannot ask sonarr what it is");
    world.sonarr.on("*", Answer::status(401));
    fs::write(file(&world), settings.replace("http://127.0.0.1:1", &world.sonarr.url())).unwrap();
    setup(&world, &["--yes"]).exits(1).says("it refuses the key");
    world.assert_links(&[]);
}

#[test]
fn what_is_written_and_does_not_do_is_told() {
    let world = fresh();
    // Sonarr does not see the films
    world.sonarr.on("GET /api/v3/filesystem/type", Answer::json(r#"{"type":"folder"}"#));
    setup(&world, &["--yes"]).exits(1).says("and it sees no file there").says("mend what is wrong");
    world.assert_links(&[]);
}

#[test]
fn a_person_is_asked_for_what_cannot_be_found() {
    let world = fresh();
    world.unset("MEDIA_ROOT");
    fs::rename(world.path("tv"), world.path("series")).unwrap();
    // the stand-in Sonarr sees its own folder there
    world.folder("tv");
    fs::write(own(&world, "sonarr"), "<Config><Port>1</Port><ApiKey>wrong</ApiKey></Config>").unwrap();
    let (series, movies) = (world.path("series").display().to_string(), world.path("movies").display().to_string());
    let answers = [
        ("Where does Sonarr's page open in a browser", world.sonarr.url().replace("http://", "")),
        ("What is its key, from its Settings, General?", world.sonarr.key().to_string()),
        ("What is Sonarr's folder /data/tv called on this machine?", format!("{series}/nowhere")),
        ("What is Sonarr's folder /data/tv called on this machine?", series.clone()),
        ("What is Radarr's folder /data/movies called on this machine?", movies),
        ("Write this into", String::new()),
        ("Make a rule of each of these?", "n".into()),
        ("Do a first run now?", "n".into()),
    ];
    let answers: Vec<_> = answers.iter().map(|(question, answer)| (*question, answer.as_str())).collect();
    let Some((shown, code)) = talk(&world, &command(&world, &[]), &answers) else { return };
    world.assert(!shown.contains(world.sonarr.key()), &format!("the key should not be shown:\n{shown}"));
    world.assert(code == Some(0) && shown.contains("/nowhere is no folder here"), &format!("{code:?}\n{shown}"));
    let written = settings(&world);
    world.assert(written.contains("MEDIA_ROOT=MEDIA\nSONARR_0_PATH_MAP=/data/tv=MEDIA/series\n"), &written);
    world.assert(written.contains("SONARR_0_URL=SONARR\nSONARR_0_API_KEY=KEY-OF-SONARR\n"), &written);
}

#[test]
fn a_terminal_shows_what_is_typed_when_the_question_for_a_key_was_broken_off() {
    let world = fresh();
    fs::write(own(&world, "sonarr"), "<Config><Port>1</Port><ApiKey>wrong</ApiKey></Config>").unwrap();
    world.set("SONARR_0_URL", &world.sonarr.url());
    let words = command(&world, &[]);
    let words: Vec<_> =
        [words.get_program()].into_iter().chain(words.get_args()).map(|w| w.to_str().unwrap()).collect();
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("trap : INT; {}; stty -a; echo done", words.join(" "))]);
    world.set("PATH", "/usr/bin:/bin");
    let Some((shown, _)) = talk(&world, &shell, &[("What is its key, from its Settings, General?", "\u{3}")]) else {
        return;
    };
    world.assert(shown.contains("done") && shown.split_whitespace().any(|word| word == "echo"), &shown);
    nothing_was_done(&world);
}

#[test]
fn a_person_may_say_no() {
    let world = fresh();
    let Some((shown, code)) = talk(&world, &command(&world, &[]), &[("Write this into", "n")]) else { return };
    world.assert(code == Some(0) && shown.contains("nothing was written\n"), &format!("{code:?}\n{shown}"));
    nothing_was_done(&world);

    let answers = [("Write this into", "y"), ("Make a rule of each of these?", "n"), ("Do a first run now?", "No")];
    let Some((shown, code)) = talk(&world, &command(&world, &[]), &answers) else { return };
    world.assert(code == Some(0), &format!("{code:?}\n{shown}"));
    world.run(&["rules", "list"]).succeeds().says("there are no rules yet");
    world.assert_links(&[]);
}

#[test]
fn a_media_root_that_is_not_there_is_told_before_anything_is_looked_for() {
    let world = fresh();
    let missing = world.path("not-here");
    world.set("MEDIA_ROOT", missing.to_str().unwrap());
    setup(&world, &["--yes"])
        .exits(2)
        .says(&format!("MEDIA_ROOT is {}, which is no folder here", missing.display()))
        .never_says("PATH_MAP");
    nothing_was_done(&world);
}

#[test]
fn a_folder_that_no_map_can_name_is_told() {
    let world = fresh();
    fs::create_dir(world.path("new,")).unwrap();
    fs::rename(world.path("movies"), world.path("new,/films")).unwrap();
    let folder = world.path("new,/films").display().to_string();
    setup(&world, &["--yes"])
        .exits(2)
        .says(&format!("give a folder another name: RADARR_0_PATH_MAP cannot say /data/movies={folder}"));
    nothing_was_done(&world);
}
