//! The special that a rule means, or the several that are one film.

use strsim::normalized_damerau_levenshtein;

use crate::{
    model::{Episode, KnownSpecial, Meaning, Reason, Rule, Series},
    name,
};

pub type Specials<'a> = Vec<&'a Episode>;

/// How much two titles must have in common for one to be the other, mended.
const MENDED: f64 = 0.75;

/// The specials that are remembered, wherever TheTVDB has put them; else those with the rule's numbers.
pub fn specials<'a>(
    rule: &Rule,
    known: Option<&Meaning>,
    series: &Series,
    season: i32,
    episodes: &'a [Episode],
) -> Result<Specials<'a>, Reason> {
    let Some(known) = known.filter(|known| !known.specials.is_empty()) else {
        return typed(rule, series, season, episodes);
    };
    let mut found = known.specials.iter().map(|special| follow(special, episodes)).collect::<Result<Specials, _>>()?;
    found.sort_by_key(|episode| episode.number);
    let first = found.first().map_or(0, |episode| episode.number);
    match (first..).zip(&found).find(|(number, episode)| *number != episode.number) {
        None => Ok(found),
        // one file is the file of consecutive specials alone (*observed §4*)
        Some((_, stray)) => Err(Reason::Changed {
            number: known.specials[0].number,
            was: known.specials[0].title.clone(),
            is: Some(stray.title.clone()),
            now: None,
        }),
    }
}

fn follow<'a>(special: &KnownSpecial, episodes: &'a [Episode]) -> Result<&'a Episode, Reason> {
    let by_tvdb_id = episodes.iter().find(|episode| special.tvdb_id.is_some() && episode.tvdb_id == special.tvdb_id);
    if let Some(episode) = by_tvdb_id {
        return Ok(episode);
    }
    let at_number = episodes.iter().find(|episode| episode.number == special.number);
    if let Some(episode) = at_number.filter(|episode| is_same_title(&special.title, &episode.title)) {
        return Ok(episode);
    }
    let titled = |episode: &&Episode| name::folded(&episode.title) == name::folded(&special.title);
    let mut elsewhere = episodes.iter().filter(titled).filter(|_| !is_placeholder(&special.title));
    let elsewhere = elsewhere.next().filter(|_| elsewhere.next().is_none());
    match (elsewhere, special.tvdb_id) {
        // an old Sonarr, where titles are all that there is
        (Some(episode), None) if episode.tvdb_id.is_none() => Ok(episode),
        _ => Err(Reason::Changed {
            number: special.number,
            was: special.title.clone(),
            is: at_number.map(|episode| episode.title.clone()),
            now: elsewhere.map(|episode| episode.number),
        }),
    }
}

/// A title may get another spelling, and one that was not known yet may become known. Another number in it is another film.
fn is_same_title(was: &str, is: &str) -> bool {
    let (was_folded, is_folded) = (name::folded(was), name::folded(is));
    let numbers = |folded: &str| folded.chars().filter(char::is_ascii_digit).collect::<String>();
    let mended = normalized_damerau_levenshtein(&was_folded, &is_folded) >= MENDED
        && numbers(&was_folded) == numbers(&is_folded);
    is_placeholder(was) || was_folded == is_folded || mended
}

/// What TheTVDB has before it has a title.
fn is_placeholder(title: &str) -> bool {
    let folded = name::folded(title);
    let numbered = folded.strip_prefix("episode").or_else(|| folded.strip_prefix("special"));
    folded.is_empty()
        || folded == "tba"
        || folded == "tbd"
        || numbered.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
}

fn typed<'a>(rule: &Rule, series: &Series, season: i32, episodes: &'a [Episode]) -> Result<Specials<'a>, Reason> {
    let wish = &rule.wish;
    let numbered = |number: i32| episodes.iter().find(|episode| episode.number == number);
    let missing =
        |number: Option<i32>| Reason::NoEpisode { series: series.title.clone(), season, number, known: episodes.len() };
    let by_id = wish.episode_id.and_then(|id| episodes.iter().find(|episode| episode.id == id));
    let Some(first) = wish.episode else { return by_id.map(|episode| vec![episode]).ok_or_else(|| missing(None)) };
    let last = wish.last_episode.unwrap_or(first);
    if let Some(one) = by_id.filter(|episode| !(first..=last).contains(&episode.number))
        && let Some(other) = numbered(first)
    {
        let described = |episode: &Episode| format!("special {} ({:?})", episode.number, episode.title);
        return Err(Reason::Contradiction {
            field: "episode_id",
            id: one.id,
            one: described(one),
            other: described(other),
        });
    }
    match (first..=last).map(|number| numbered(number).ok_or_else(|| missing(Some(number)))).collect() {
        Err(_) if by_id.is_some() && first == last => Ok(by_id.into_iter().collect()),
        found => found,
    }
}
