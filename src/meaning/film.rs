//! The film that a rule means, in each Radarr that has it.

use super::Library;
use crate::{
    model::{Meaning, Movie, Reason, Rule},
    name,
};

/// The film as each Radarr has it, in their order, but those first that have a file. One that cannot be read may have it, and may
/// have it before those after it; unless the rule's link leads to what a later one has.
pub fn films<'a>(rule: &Rule, known: Option<&Meaning>, library: &'a Library) -> Result<Vec<&'a Movie>, Reason> {
    let tmdb_id = rule.wish.tmdb_id;
    let served_by = |instance: usize| known.is_some_and(|known| known.radarr == instance);
    let mut films = Vec::new();
    let mut failed = None;
    for (instance, movies) in library.radarr.iter().enumerate() {
        match movies {
            Ok(movies) if failed.is_none() || served_by(instance) => {
                films.extend(movies.iter().filter(|movie| movie.tmdb_id == tmdb_id));
            }
            Ok(_) => {}
            Err(text) => failed = failed.or(Some(text)),
        }
    }
    films.sort_by_key(|movie| movie.file.is_none());
    match (films.first(), failed) {
        (Some(movie), None) if movie.file.is_some() || !movie.file_untold => Ok(films),
        (Some(movie), _) if movie.file.is_some() => Ok(films),
        (Some(movie), None) => Err(no_file(movie)),
        (_, Some(text)) => Err(Reason::AppFailed(text.clone())),
        (None, None) => Err(Reason::NoMovie { tmdb_id, other: namesake(rule, library) }),
    }
}

/// Why a film has no file.
pub fn no_file(movie: &Movie) -> Reason {
    match movie.file_untold {
        true => Reason::AppFailed(format!("Radarr has a file for {:?} but does not say which", movie.title)),
        false => Reason::NoFile { movie: movie.title.clone() },
    }
}

/// A film with the rule's title and another number: TMDB merges and renumbers.
fn namesake(rule: &Rule, library: &Library) -> Option<(String, i32)> {
    let wanted = name::folded(&rule.wish.movie_title);
    let mut alike = library.radarr.iter().flatten().flatten().filter(|movie| {
        let year = movie.year.map_or(String::new(), |year| year.to_string());
        let title = name::folded(&movie.title);
        !wanted.is_empty() && (title == wanted || format!("{title}{year}") == wanted)
    });
    let movie = alike.next().filter(|_| alike.next().is_none())?;
    let year = movie.year.map_or(String::new(), |year| format!(" ({year})"));
    Some((format!("{:?}{year}", movie.title), movie.tmdb_id))
}
