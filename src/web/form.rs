//! The form of a rule: shown, and shown again with all that was typed and what is wrong with it.

use std::cmp::Reverse;

use super::{
    Web,
    choice::{self, Choice},
    known::WAIT,
    page::Content,
    reply::{Answer, Refusal, Reply},
    request::Asked,
    rules::usable,
    typed::{self, FIELDS, Typed},
};
use crate::model::{Catalog, Field, NewRule, Rule};

pub struct Form<'a> {
    /// The number of the rule that is changed.
    pub rule: Option<i32>,
    pub typed: &'a Typed,
    /// What the apps have, if it is known.
    pub catalog: Option<&'a Catalog>,
    pub movies: Vec<String>,
    pub shows: Vec<String>,
    /// The specials of the show, if they are known.
    pub choices: Option<Vec<Choice>>,
    /// What is typed as the special and not marked among them.
    pub episode: String,
    /// Why nothing was saved.
    pub refusal: Option<&'a Refusal>,
}

/// Longer lists would make a page too heavy: the script asks for others while somebody types, and titles can be typed whole.
const MOST_CHOICES: usize = 1000;
/// The fields that hardly anybody needs.
pub const RARE: &[(Field, &str)] = FIELDS.split_at(5).1;
/// In seconds: somebody who is told that there is no such film has looked at films that are no older than this.
const LOOK_LIFE_REFUSED: i64 = 10;

impl Web {
    pub(super) fn new_rule(&self, asked: &Asked) -> Answer {
        Ok(self.form(asked, 200, None, &Typed::new(&asked.query), None))
    }

    /// The form of a rule that is there: with what stands in the database, or with what was typed when its specials are to be listed.
    pub(super) fn edit_page(&self, asked: &Asked) -> Answer {
        let rule = usable(&mut self.db()?, asked.rule()?)?;
        let typed = Typed::new(&asked.query);
        let typed = if typed.is_empty() { Typed::from_rule(&rule.wish) } else { typed };
        Ok(self.form(asked, 200, Some(rule.id), &typed, None))
    }

    pub(super) fn add_by_form(&self, asked: &Asked) -> Answer {
        let typed = Typed::new(&asked.form());
        Ok(match self.meant(asked, &typed, &Typed::default()).and_then(|wish| self.keep(wish)) {
            Ok(_) => self.see("/?done=added"),
            Err(refusal) => self.form(asked, refusal.status, None, &typed, Some(&refusal)),
        })
    }

    pub(super) fn edit_by_form(&self, asked: &Asked) -> Answer {
        let id = asked.rule()?;
        let typed = Typed::new(&asked.form());
        if let Err(refusal) = self.edited(asked, id, &typed) {
            // what was meant to change a rule that is gone by now may become a new one
            let rule = Some(id).filter(|_| refusal.status != 404);
            return Ok(self.form(asked, refusal.status, rule, &typed, Some(&refusal)));
        }
        self.rules_changed();
        Ok(self.see("/?done=changed"))
    }

    fn edited(&self, asked: &Asked, id: i32, typed: &Typed) -> Result<(), Refusal> {
        let before = Typed::from_rule(&usable(&mut self.db()?, id)?.wish);
        let wish = self.meant(asked, typed, &before)?;
        self.db()?.edit_rule(&Rule { id, wish })?;
        Ok(())
    }

    /// The rule that was typed. Before it is refused, the apps are asked whether they have it by now.
    fn meant(&self, asked: &Asked, typed: &Typed, before: &Typed) -> Result<NewRule, Refusal> {
        let understood = |catalog: Option<&Catalog>| {
            let empty = Catalog::default();
            typed.wish(catalog.unwrap_or(&empty), before, |show| {
                Some(self.season(show, typed.season()?, None)?.specials)
            })
        };
        let now = asked.request.at;
        let catalog = self.catalog_at_hand(now, WAIT);
        let asked_at = catalog.as_deref().map_or(0, |catalog| catalog.asked_at);
        let wish = understood(catalog.as_deref()).or_else(|refused| {
            let fresh = self.catalog(now - LOOK_LIFE_REFUSED);
            let newer = fresh.as_deref().filter(|fresh| fresh.asked_at > asked_at);
            newer.map_or(Err(refused), |fresh| understood(Some(fresh)))
        });
        Ok(wish?)
    }

    fn form(&self, asked: &Asked, status: u16, rule: Option<i32>, typed: &Typed, refusal: Option<&Refusal>) -> Reply {
        let catalog = self.catalog_at_hand(asked.request.at, WAIT);
        let catalog = catalog.as_deref();
        let (movies, shows) = catalog.map(|catalog| completions(catalog, typed)).unwrap_or_default();
        let show = catalog.and_then(|catalog| typed.show(catalog));
        let film = catalog.and_then(|catalog| typed.film(catalog));
        let season = show.zip(typed.season()).and_then(|(show, season)| self.season(show, season, film));
        let (choices, left) = season.as_ref().map(|season| choice::choices(season, typed)).unzip();
        let episode = left.unwrap_or_else(|| typed.get(Field::Episode).into());
        let form = Form { rule, typed, catalog, movies, shows, choices, episode, refusal };
        let title = if rule.is_some() { "Edit the rule" } else { "Add a rule" };
        let refused = |refusal: &Refusal| refusal.complete(self.page(asked, status, title, Content::Form(&form)));
        refusal.map_or_else(|| self.page(asked, status, title, Content::Form(&form)), refused)
    }
}

impl Form<'_> {
    /// Whether there are more films or shows than a page can bear.
    pub fn is_cut(&self) -> bool {
        self.movies.len() == MOST_CHOICES || self.shows.len() == MOST_CHOICES
    }

    /// Whether a special can be marked.
    pub fn has_list(&self) -> bool {
        self.choices.as_ref().is_some_and(|choices| !choices.is_empty())
    }

    pub fn value(&self, field: &Field) -> &str {
        if *field == Field::Episode { &self.episode } else { self.typed.get(*field) }
    }

    /// What is wrong with a field, in the words of the form.
    pub fn mistakes(&self, field: &Field, label: &str) -> Vec<String> {
        let mistakes = self.refusal.iter().flat_map(|refusal| &refusal.mistakes);
        let of = mistakes.filter(|mistake| mistake.field == field.name());
        of.map(|mistake| mistake.with_name(label)).collect()
    }

    /// The first field with something wrong.
    pub fn first_wrong(&self) -> Option<&'static str> {
        let is_wrong = |(field, label): &&(Field, &str)| !self.mistakes(field, label).is_empty();
        FIELDS.iter().find(is_wrong).map(|(field, _)| field.name())
    }

    /// Whether a rarely used field has something in it, or something wrong with it.
    pub fn shows_rare(&self) -> bool {
        RARE.iter().any(|(field, label)| !self.value(field).is_empty() || !self.mistakes(field, label).is_empty())
    }
}

/// What a film and a show can be completed to: what has the typed text in it, films with a file and new ones first.
fn completions(catalog: &Catalog, typed: &Typed) -> (Vec<String>, Vec<String>) {
    let mut movies: Vec<_> = catalog.movies.iter().collect();
    movies.sort_by_key(|movie| (!movie.has_file, Reverse(movie.year)));
    let mut shows: Vec<String> = catalog.shows.iter().map(typed::show_choice).collect();
    shows.sort_by_cached_key(|show| show.to_lowercase());
    shows.dedup();
    let movies = movies.into_iter().map(typed::movie_choice).collect();
    (best(movies, typed.get(Field::MovieTitle)), best(shows, typed.get(Field::ShowName)))
}

/// As many as a page can bear; those that have the text in them go before the others.
fn best(mut choices: Vec<String>, text: &str) -> Vec<String> {
    if choices.len() > MOST_CHOICES {
        let text = text.to_lowercase();
        choices.sort_by_cached_key(|choice| !choice.to_lowercase().contains(&text));
        choices.truncate(MOST_CHOICES);
    }
    choices
}
