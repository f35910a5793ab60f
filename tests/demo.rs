//! `make demo`: the real program on a small sample library, with a sample Radarr and Sonarr, shown as one would type it.

use std::{collections::HashSet, process::ExitCode};

use nix::sys::signal::{SigSet, Signal};
use plex_linker::model::NewRule;
use support::{rules, tree, world::World};

#[path = "support/mod.rs"]
mod support;

const WIDTH: usize = 79;

/// Film, TMDB id, show and special. The last two cannot be met yet.
const RULES: [(&str, i32, &str, i32); 6] = [
    ("Sword Art Online the Movie: Ordinal Scale", 413_594, "Sword Art Online", 22),
    ("Violet Evergarden: The Movie", 533_514, "Violet Evergarden", 3),
    ("Doctor Who: The Day of the Doctor", 313_106, "Doctor Who (2005)", 74),
    ("Futurama: Bender's Big Score", 7249, "Futurama", 1),
    ("Demon Slayer: Mugen Train", 635_302, "Demon Slayer: Kimetsu no Yaiba", 2),
    ("One Piece Film Red", 900_667, "One Piece", 46),
];
const MET: usize = 4;

fn main() -> ExitCode {
    let world = sample_library();
    title("plex-linker on a small sample library");
    say(
        "Seven films in a sample Radarr and five shows in a sample Sonarr, in a temporary folder. Most of the films are \
         specials of the shows: Sonarr and Plex look for them in the show's folder, but only Radarr has them. One of \
         them has a subtitle file, which comes along.",
    );
    settings(&world);

    title("The library before");
    let before = show_tree(&world, &HashSet::new());

    title("Rules: this film is that show's special number so-and-so");
    for (movie_title, tmdb_id, show_name, episode) in RULES {
        let rule = NewRule {
            movie_title: movie_title.into(),
            tmdb_id,
            show_name: show_name.into(),
            episode: Some(episode),
            ..NewRule::default()
        };
        let words = rules::arguments(&rule);
        run(&world, &words.iter().map(String::as_str).collect::<Vec<_>>());
    }
    run(&world, &["rules", "list"]);

    title("A preview, which changes nothing");
    run(&world, &["once", "--dry-run"]);
    let mut sound = check("the preview changed nothing", world.links().is_empty() && world.posts().is_empty());

    title("The run");
    run(&world, &["once"]);
    sound &= check("each rule that can be met has its link, and the subtitle one", world.links().len() == MET + 1);

    title("The library after");
    show_tree(&world, &before);

    title("What Sonarr has now");
    sound &= check("Sonarr has a file for each of them", show_specials(&world) == MET);

    title("A second run, which has nothing to do");
    world.forget();
    let after = world.tree();
    run(&world, &["once"]);
    let told = world.posts().len();
    say(&format!("It asked {} questions, told the apps {told} times and changed nothing.", world.requests() - told));
    sound &= check("the second run changed nothing", told == 0 && world.tree() == after);

    title("TheTVDB renumbers its specials");
    say("A special is inserted before number 22 of Sword Art Online: the rule goes on meaning its film.");
    world.known_series(259_640).tvdb_inserts(22, "Sword Art Offline");
    run(&world, &["once"]);
    run(&world, &["rules", "list"]);
    sound &= check(
        "the link has moved to number 23, and no other has",
        world.links().iter().filter(|(link, _)| link.contains("S00E023")).count() == 1
            && world.links().len() == MET + 1,
    );

    title("Films that look like specials");
    run(&world, &["suggest"]);

    title("The page");
    match std::env::var_os("SERVE") {
        Some(_) => sound &= serve(&world),
        None => say("\"make demo SERVE=1\" stays and serves the page for this library until Ctrl-C."),
    }
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Serves the page until Ctrl-C, which ends the daemon and leaves the cleaning up to us.
fn serve(world: &World) -> bool {
    SigSet::from_iter([Signal::SIGINT]).thread_block().unwrap();
    say("$ plex-linker serve --host 127.0.0.1 --port 8080");
    say("Open http://127.0.0.1:8080/ in a browser; Ctrl-C ends it and removes the library.");
    world.command(&["serve", "--host", "127.0.0.1", "--port", "8080"]).status().unwrap().success()
}

fn sample_library() -> World {
    let world = World::new();
    let film = |(title, tmdb_id, ..): (&str, i32, &str, i32), file: &str, quality: &str| {
        world.movie(title, tmdb_id).file(&format!("movies/{file}"), quality);
    };
    let [ordinal_scale, violet, doctor, futurama, mugen_train, (red, red_id, ..)] = RULES;
    let name = "Sword Art Online the Movie - Ordinal Scale (2017)";
    film(ordinal_scale, &format!("{name}/{name} Bluray-1080p.mkv"), "Bluray-1080p");
    let name = "Violet Evergarden The Movie (2020)";
    film(violet, &format!("{name}/Violet.Evergarden.The.Movie.2020.1080p.NF.WEB-DL.mkv"), "WEBDL-1080p");
    world.put(&format!("movies/{name}/Violet.Evergarden.The.Movie.2020.1080p.NF.WEB-DL.en.srt"));
    film(doctor, "Doctor Who: The Day of the Doctor (2013)/The Day of the Doctor.mp4", "HDTV-720p");
    let name = "Futurama - Bender's Big Score (2007)";
    film(futurama, &format!("{name}/DVD/{name} DVD.AVI"), "DVD");
    let name = "Demon Slayer Mugen Train (2020)";
    film(mugen_train, &format!("{name}/{name} Bluray-1080p.mkv"), "Bluray-1080p");
    world.movie(red, red_id);
    let name = "Sword Art Online - Extra Edition (2013)";
    world.movie("Sword Art Online: Extra Edition", 255_413).file(&format!("movies/{name}/{name}.mkv"), "DVD").edit(
        |film| {
            film.in_cinemas = Some("2013-12-31T00:00:00Z".into());
            film.runtime = 101;
        },
    );

    world
        .series("Sword Art Online", 259_640)
        .anime()
        .special(10, "Extra Edition")
        .special(22, "Sword Art Online the Movie: Ordinal Scale")
        .edit(|series| {
            series.episodes[0].air_date = Some("2013-12-31".into());
            series.episodes[0].runtime = 101;
        });
    world.series("Violet Evergarden", 330_139).anime().special(3, "Violet Evergarden: The Movie");
    world.series("Doctor Who (2005)", 78804).special(74, "The Day of the Doctor");
    world
        .series("Futurama", 73871)
        .edit(|series| series.season_folder = false)
        .episode(1, 1, "Space Pilot 3000")
        .special(1, "Bender's Big Score")
        .file("Futurama - S01E01 - Space Pilot 3000 DVD.mkv");
    world.series("One Piece", 81797).anime().special(46, "One Piece Film: Red");
    world
}

/// The variables that the program finds.
fn settings(world: &World) {
    println!();
    for name in ["MEDIA_ROOT", "RADARR_0_URL", "RADARR_0_API_KEY", "SONARR_0_URL", "SONARR_0_API_KEY", "DATABASE_URL"] {
        println!("$ export {name}={}", world.variable(name).unwrap());
    }
}

/// Shows a command and what it says, and ends the demonstration if it fails.
fn run(world: &World, arguments: &[&str]) {
    let mut words = vec!["$".to_string(), "plex-linker".into()];
    let mut option = false;
    for word in arguments {
        let plain = word.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_./:".contains(letter));
        let word = if plain { word.to_string() } else { format!("\"{word}\"") };
        match words.last_mut() {
            // an option and its value stay together
            Some(last) if option => *last += &format!(" {word}"),
            _ => words.push(word),
        }
        option = !option && words.last().is_some_and(|word| word.starts_with("--"));
    }
    println!();
    print_folded(words, "    ", " \\");
    let outcome = world.run(arguments);
    outcome.output().lines().for_each(|line| print_text(line, "    "));
    outcome.succeeds();
}

/// Shows the tree with a mark at each path that is not among `known`; returns all paths.
fn show_tree(world: &World, known: &HashSet<String>) -> HashSet<String> {
    let entries = tree::entries(&world.media());
    for entry in &entries {
        let mark = if known.is_empty() || known.contains(&entry.path) { " " } else { "+" };
        let indent = "  ".repeat(entry.path.matches('/').count());
        let name = entry.path.rsplit('/').next().unwrap_or_default();
        let (name, target) = (format!("{mark} {indent}{name}"), entry.tail());
        match target.strip_prefix(' ') {
            None => print_text(&format!("{name}{target}"), &format!("      {indent}")),
            Some(target) => {
                print_text(&name, &format!("      {indent}"));
                print_text(&format!("    {indent}{target}"), &format!("       {indent}"));
            }
        }
    }
    entries.into_iter().map(|entry| entry.path).collect()
}

/// Shows every special of every show with Sonarr's file for it; returns how many have one.
fn show_specials(world: &World) -> usize {
    let mut found = 0;
    for series in world.sonarr.series() {
        for special in series.episodes.iter().filter(|episode| episode.season == 0) {
            let file = special.file.as_ref().map_or("no file", |file| file.relative_path.as_str());
            found += usize::from(special.file.is_some());
            print_text(&format!("{}, special {}:", series.title, special.number), "");
            print_text(&format!("    {file}"), "      ");
        }
    }
    found
}

fn title(text: &str) {
    println!("\n{text}\n{}", "-".repeat(text.chars().count()));
}

fn say(text: &str) {
    print_text(text, "");
}

/// Complains if the demonstration shows something else than it says.
fn check(what: &str, holds: bool) -> bool {
    if !holds {
        println!("\nTHIS IS WRONG: it should be that {what}");
    }
    holds
}

/// Prints a text in lines of at most `WIDTH`; further lines begin with `indent`.
fn print_text(text: &str, indent: &str) {
    let start = text.len() - text.trim_start().len();
    let mut words: Vec<_> = text[start..].split(' ').map(String::from).collect();
    words[0].insert_str(0, &text[..start]);
    print_folded(words, indent, "");
}

/// The same with words that are never broken; a line that goes on in the next one ends with `end`.
fn print_folded(words: Vec<String>, indent: &str, end: &str) {
    let mut words = words.into_iter();
    let mut line = words.next().unwrap_or_default();
    for word in words {
        if line.chars().count() + 1 + word.chars().count() + end.chars().count() > WIDTH {
            println!("{line}{end}");
            line = format!("{indent}{word}");
        } else {
            line += &format!(" {word}");
        }
    }
    println!("{line}");
}
