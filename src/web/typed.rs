//! What somebody typed into the form of a rule, and the rule that it means.

use crate::{
    error::{Error, Mistake, Result},
    model::{Catalog, CatalogMovie, CatalogShow, Episode, NewRule, Rule, counted},
};

/// The fields of the form: those of a rule. `episode` is a number, or the special's title.
pub const FIELDS: [(&str, &str); 8] = [
    ("movie_title", "Film"),
    ("tmdb_id", "TMDB number"),
    ("show_name", "Show"),
    ("tvdb_id", "TVDB number"),
    ("episode", "Special"),
    ("season", "Season"),
    ("episode_id", "Sonarr's number of the episode"),
    ("series_id", "Sonarr's number of the show"),
];

/// What stands between number and title where the form completes a special.
const DOT: &str = " · ";

#[derive(Debug, Clone, Default)]
pub struct Typed([String; FIELDS.len()]);

impl Typed {
    pub fn new(pairs: &[(String, String)]) -> Typed {
        let value = |(field, _)| pairs.iter().find(|(name, _)| name == field).map(|(_, text)| text.trim().to_string());
        Typed(FIELDS.map(|field| value(field).unwrap_or_default()))
    }

    pub fn from_rule(Rule { wish, .. }: &Rule) -> Typed {
        let number = |number: Option<i32>| number.map(|number| number.to_string()).unwrap_or_default();
        Typed([
            wish.movie_title.clone(),
            wish.tmdb_id.to_string(),
            wish.show_name.clone(),
            number(wish.tvdb_id),
            number(wish.episode),
            wish.season.clone().unwrap_or_default(),
            number(wish.episode_id),
            number(wish.series_id),
        ])
    }

    pub fn get(&self, field: &str) -> &str {
        FIELDS.iter().position(|(name, _)| *name == field).map_or("", |place| &self.0[place])
    }

    /// What was typed, as the query of the page that shows it.
    pub fn query(&self) -> String {
        let typed =
            FIELDS.iter().zip(&self.0).filter(|(_, text)| !text.is_empty()).map(|((name, _), text)| (name, text));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(typed).finish()
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(String::is_empty)
    }

    /// The show that is meant, if it is one that Sonarr has.
    pub fn show<'a>(&self, catalog: &'a Catalog) -> Option<&'a CatalogShow> {
        let (title, tag) = tagged(self.get("show_name"), "tvdb");
        let tvdb_id = tag.or_else(|| self.get("tvdb_id").parse().ok());
        let mut fit = catalog.shows.iter().filter(|show| match tvdb_id {
            Some(id) => show.tvdb_id == id,
            None => same(&show.title, title),
        });
        let first = fit.next()?;
        // with the same number it is the same show in a second Sonarr
        fit.all(|other| other.tvdb_id == first.tvdb_id).then_some(first)
    }

    /// The season's number, for asking which specials it has.
    pub fn season(&self) -> Option<i32> {
        NewRule { season: Some(self.get("season").into()), ..NewRule::default() }.season_number()
    }

    /// Whether these fields are as they were before somebody changed others.
    fn untouched(&self, before: &Typed, fields: &[&str]) -> bool {
        !before.is_empty() && fields.iter().all(|field| self.get(field) == before.get(field))
    }

    /// Sonarr's own numbers go before what is typed above them. One that stands there from before, unseen, does not.
    pub fn without_stale_numbers(mut self, before: &Typed) -> Typed {
        let (show, special) = (["show_name", "tvdb_id"], ["show_name", "tvdb_id", "season", "episode"]);
        for (number, about) in [("series_id", &show[..]), ("episode_id", &special)] {
            let place = FIELDS.iter().position(|(name, _)| *name == number);
            if let Some(place) = place.filter(|_| !self.untouched(before, about) && self.untouched(before, &[number])) {
                self.0[place].clear();
            }
        }
        self
    }

    /// The rule that is meant, with every mistake. Titles are completed from the catalog, and `episodes` tells which specials the
    /// show has. `before` is what the form showed at first: what is untouched means what it meant, whatever the apps have.
    pub fn wish(
        &self,
        catalog: &Catalog,
        before: &Typed,
        episodes: impl Fn(&CatalogShow) -> Option<Vec<Episode>>,
    ) -> Result<NewRule> {
        let mut mistakes = Vec::new();
        let none = Catalog::default();
        let unless = |fields| if self.untouched(before, fields) { &none } else { catalog };
        let (movie_title, tmdb_id) = self.movie(unless(&["movie_title", "tmdb_id"]), &mut mistakes);
        let (show_name, tvdb_id) = self.show_fields(unless(&["show_name", "tvdb_id"]), &mut mistakes);
        let (season, episode) = self.special(catalog, &episodes, &mut mistakes);
        let wish = NewRule {
            movie_title,
            tmdb_id: tmdb_id.unwrap_or_default(),
            show_name,
            episode,
            last_episode: None,
            season: Some(season).filter(|season| !season.is_empty()),
            episode_id: self.number("episode_id", &mut mistakes),
            series_id: self.number("series_id", &mut mistakes),
            tvdb_id,
        };
        let mut said: Vec<_> = mistakes.iter().map(|mistake| mistake.field).collect();
        if self.get("movie_title").is_empty() && self.get("tmdb_id").is_empty() {
            // that the title is missing says it
            said.push("tmdb_id");
        }
        mistakes.extend(wish.mistakes().into_iter().filter(|mistake| !said.contains(&mistake.field)));
        if mistakes.is_empty() { Ok(wish) } else { Err(Error::Invalid(mistakes)) }
    }

    fn movie(&self, catalog: &Catalog, mistakes: &mut Vec<Mistake>) -> (String, Option<i32>) {
        let (typed, tag) = tagged(self.get("movie_title"), "tmdb");
        let given = if tag.is_some() { tag } else { self.number("tmdb_id", mistakes) };
        let fits = |movie: &&CatalogMovie| match typed {
            "" => Some(movie.tmdb_id) == given,
            _ => same(&movie.title, typed) || same(&dated(movie), typed),
        };
        let named: Vec<&CatalogMovie> = catalog.movies.iter().filter(fits).collect();
        let title = named.first().map_or(typed, |movie| &movie.title).to_string();
        let mut wrong = |sentence| mistakes.push(Mistake { field: "tmdb_id", sentence });
        let id = match (&named[..], given) {
            ([], given) if given.is_none() && self.get("tmdb_id").is_empty() && !typed.is_empty() => {
                wrong(format!("tmdb_id is missing: Radarr has no film called {typed:?}, so its number must be given"));
                None
            }
            ([movie], None) if self.get("tmdb_id").is_empty() => Some(movie.tmdb_id),
            ([_, _, ..], None) if self.get("tmdb_id").is_empty() => {
                let choice: Vec<_> =
                    named.iter().map(|movie| format!("{} is {}", movie.tmdb_id, dated(movie))).collect();
                wrong(format!(
                    "tmdb_id is missing: {} are called so: {}",
                    counted(named.len(), "film"),
                    choice.join(", ")
                ));
                None
            }
            ([_, ..], Some(id)) if !named.iter().any(|movie| movie.tmdb_id == id) => {
                wrong(format!("tmdb_id is {id}, but {title:?} is {}: empty one of them", named[0].tmdb_id));
                None
            }
            (_, given) => given,
        };
        (title, id)
    }

    fn show_fields(&self, catalog: &Catalog, mistakes: &mut Vec<Mistake>) -> (String, Option<i32>) {
        let (typed, tag) = tagged(self.get("show_name"), "tvdb");
        let given = if tag.is_some() { tag } else { self.number("tvdb_id", mistakes) };
        let fits = |show: &&CatalogShow| match typed {
            "" => Some(show.tvdb_id) == given,
            _ => same(&show.title, typed),
        };
        let named = catalog.shows.iter().filter(fits);
        if let Some(id) = given
            && let Some(other) = named.clone().find(|show| show.tvdb_id > 0)
            && !named.clone().any(|show| show.tvdb_id == id)
        {
            let sentence = format!("tvdb_id is {id}, but {:?} is {}: empty one of them", other.title, other.tvdb_id);
            mistakes.push(Mistake { field: "tvdb_id", sentence });
        }
        let title = named.clone().next().map_or(typed, |show| &show.title).to_string();
        let found = self.show(catalog).map(|show| show.tvdb_id).filter(|id| *id > 0);
        (title, given.or(found))
    }

    /// Season and number of the special.
    fn special(
        &self,
        catalog: &Catalog,
        episodes: &impl Fn(&CatalogShow) -> Option<Vec<Episode>>,
        mistakes: &mut Vec<Mistake>,
    ) -> (String, Option<i32>) {
        let season = self.get("season").to_string();
        let typed = self.get("episode");
        let first = typed.split(DOT).next().unwrap_or_default();
        if typed.is_empty() {
            return (season, None);
        }
        if let Ok(number) = first.parse() {
            return (season, Some(number));
        }
        if let Some((in_season, number)) = numbered(first) {
            return (in_season, Some(number));
        }
        let known = self.show(catalog).and_then(episodes);
        let titled = known.iter().flatten().find(|episode| same(&episode.title, typed));
        if titled.is_none() {
            let sentence = match known {
                Some(_) => format!(
                    "episode: the show has no special called {typed:?}: take one from the list, or give its number"
                ),
                None => "episode must be a number: which specials the show has is not known".into(),
            };
            mistakes.push(Mistake { field: "episode", sentence });
        }
        (season, titled.map(|episode| episode.number))
    }

    fn number(&self, field: &'static str, mistakes: &mut Vec<Mistake>) -> Option<i32> {
        let text = self.get(field);
        let number = text.parse().ok();
        if number.is_none() && !text.is_empty() {
            mistakes.push(Mistake { field, sentence: format!("{field} must be a whole number") });
        }
        number
    }
}

/// What the form completes a film to.
pub fn movie_choice(movie: &CatalogMovie) -> String {
    format!("{} [tmdb {}]", dated(movie), movie.tmdb_id)
}

pub fn show_choice(show: &CatalogShow) -> String {
    if show.tvdb_id > 0 { format!("{} [tvdb {}]", show.title, show.tvdb_id) } else { show.title.clone() }
}

pub fn episode_choice(episode: &Episode) -> String {
    format!("{}{DOT}{}", episode.number, episode.title)
}

fn dated(movie: &CatalogMovie) -> String {
    match movie.year {
        Some(year) => format!("{} ({year})", movie.title),
        None => movie.title.clone(),
    }
}

/// `Title [tmdb 5]` is the title and 5.
fn tagged<'a>(text: &'a str, tag: &str) -> (&'a str, Option<i32>) {
    let found = text.strip_suffix(']').and_then(|text| text.rsplit_once('[')).and_then(|(title, inside)| {
        let number = inside.strip_prefix(tag)?.trim().parse().ok()?;
        Some((title.trim(), number))
    });
    found.map_or((text, None), |(title, number)| (title, Some(number)))
}

/// `S00E03` is season `00` and 3.
fn numbered(text: &str) -> Option<(String, i32)> {
    let (season, number) = text.strip_prefix(['S', 's'])?.split_once(['E', 'e'])?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(season) || !digits(number) {
        return None;
    }
    Some((season.into(), number.parse().ok()?))
}

/// Titles as people type them.
fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.trim().to_lowercase()
}
