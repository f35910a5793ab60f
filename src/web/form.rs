//! The form of a rule: shown, and shown again with all that was typed and what is wrong with it.

use std::cmp::Reverse;

use askama::Template;

use super::choice::{Choice, choices};
use super::typed::{DOT, FIELDS, movie_choice, show_choice};
use super::{Asked, Refusal, Reply, Result, Typed, View, Web};
use crate::model::{Catalog, Field, NewRule, Rule};

#[derive(Template)]
#[template(path = "form.html", config = "src/web/askama.toml")]
struct Form<'a> {
    view: &'a View<'a>,
    title: &'a str,
    /// The number of the rule that is changed.
    rule: Option<i32>,
    /// The show and season whose specials are listed.
    listed: String,
    inputs: [Input<'a>; FIELDS.len()],
    /// The first one with something wrong.
    wrong: Option<&'static str>,
    /// What the apps have, if it is known.
    catalog: Option<&'a Catalog>,
    movies: Completions,
    shows: Completions,
    /// The specials of the show, if they are known.
    choices: Option<Vec<Choice>>,
    /// Why nothing was saved.
    refusal: Option<&'a Refusal>,
}

struct Input<'a> {
    name: &'static str,
    label: &'static str,
    value: &'a str,
    /// What is wrong with it, in the words of the form.
    mistakes: Vec<String>,
}

/// What a field can be completed to.
#[derive(Default)]
struct Completions {
    list: Vec<String>,
    /// So many of all that there are have the typed text in them.
    fit: usize,
    /// There are more than a page can bear.
    cut: bool,
}

/// Longer lists would make a page too heavy: the script asks for others while somebody types, and titles can be typed whole.
const MOST_CHOICES: usize = 1000;
/// The place of the special among the fields; those after it hardly anybody needs.
const SPECIAL: usize = 4;
/// In seconds: somebody who is told that there is no such film has looked at films that are no older than this.
const LOOK_LIFE_REFUSED: i64 = 10;

impl Web {
    pub(super) fn new_rule(&self, asked: &Asked) -> Result {
        Ok(self.form(asked, None, &Typed::new(&asked.query), None))
    }

    /// The form of a rule that is there: with what stands in the database, or with what was typed when its specials are to be listed.
    pub(super) fn edit_page(&self, asked: &Asked) -> Result {
        let rule = self.db()?.rule(asked.rule()?)?;
        let typed = Typed::new(&asked.query);
        let typed = if typed.is_empty() { Typed::from_rule(&rule.wish) } else { typed };
        Ok(self.form(asked, Some(rule.id), &typed, None))
    }

    pub(super) fn add_by_form(&self, asked: &Asked) -> Result {
        let typed = Typed::new(&asked.form());
        let added = self.meant(asked, &typed, &Typed::default()).and_then(|wish| self.keep(wish));
        Ok(match added {
            Ok(_) => self.see("/?done=added"),
            Err(refusal) => self.form(asked, None, &typed, Some(&refusal)),
        })
    }

    pub(super) fn edit_by_form(&self, asked: &Asked) -> Result {
        let id = asked.rule()?;
        let typed = Typed::new(&asked.form());
        if let Err(refusal) = self.edited(asked, id, &typed) {
            // what was meant to change a rule that is gone by now may become a new one
            let rule = Some(id).filter(|_| refusal.status != 404);
            return Ok(self.form(asked, rule, &typed, Some(&refusal)));
        }
        self.rules_changed();
        Ok(self.see("/?done=changed"))
    }

    fn edited(&self, asked: &Asked, id: i32, typed: &Typed) -> Result<()> {
        let before = Typed::from_rule(&self.db()?.rule(id)?.wish);
        let wish = self.meant(asked, typed, &before)?;
        self.db()?.edit_rule(&Rule { id, wish })?;
        Ok(())
    }

    /// The rule that was typed. Before it is refused, the apps are asked whether they have it by now.
    fn meant(&self, asked: &Asked, typed: &Typed, before: &Typed) -> Result<NewRule> {
        let understood = |catalog: Option<&Catalog>| {
            let empty = Catalog::default();
            typed.wish(catalog.unwrap_or(&empty), before, |show| {
                Some(self.season(asked, show, typed.season()?, None)?.specials)
            })
        };
        let now = asked.request.at;
        let catalog = self.catalog_at_hand(asked, asked.patience());
        let asked_at = catalog.as_deref().map_or(0, |catalog| catalog.asked_at);
        let wish = understood(catalog.as_deref()).or_else(|refused| {
            let fresh = self.catalog(asked, now - LOOK_LIFE_REFUSED);
            let newer = fresh.as_deref().filter(|fresh| fresh.asked_at > asked_at);
            newer.map_or(Err(refused), |fresh| understood(Some(fresh)))
        });
        Ok(wish?)
    }

    fn form(&self, asked: &Asked, rule: Option<i32>, typed: &Typed, refusal: Option<&Refusal>) -> Reply {
        let catalog = self.catalog_at_hand(asked, asked.patience());
        self.form_with(catalog.as_deref(), asked, rule, typed, refusal)
    }

    /// The form with what was typed into it, of which nothing came: nobody is asked for anything. `None`: it was no form.
    pub(super) fn typed_in_vain(&self, asked: &Asked, refusal: &Refusal) -> Option<Reply> {
        let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
        let rule = match (&*asked.request.method, &path[..]) {
            ("POST", ["rules"]) => None,
            ("POST", ["rules", id]) => Some(id.parse().ok()?),
            _ => return None,
        };
        Some(self.form_with(None, asked, rule, &Typed::new(&asked.form()), Some(refusal)))
    }

    fn form_with(
        &self,
        catalog: Option<&Catalog>,
        asked: &Asked,
        rule: Option<i32>,
        typed: &Typed,
        refusal: Option<&Refusal>,
    ) -> Reply {
        let view = &self.view(asked);
        let show = catalog.and_then(|catalog| typed.show(catalog));
        let film = catalog.and_then(|catalog| typed.film(catalog));
        let season = show.zip(typed.season()).and_then(|(show, season)| self.season(asked, show, season, film));
        let (choices, left) = season.as_ref().map(|season| choices(season, typed)).unzip();
        let episode = left.unwrap_or_else(|| typed.get(Field::Episode).into());
        let movies = catalog.map(|catalog| Completions::new(movies(catalog), typed.get(Field::MovieTitle)));
        let shows = catalog.map(|catalog| Completions::new(shows(catalog), typed.get(Field::ShowName)));
        let (movies, shows) = (movies.unwrap_or_default(), shows.unwrap_or_default());
        let title = if rule.is_some() { "Edit the rule" } else { "Add a rule" };
        let inputs = FIELDS.map(|(field, label)| {
            let mistakes = refusal.iter().flat_map(|refusal| &refusal.mistakes);
            Input {
                name: field.name(),
                label,
                value: if field == Field::Episode { &episode } else { typed.get(field) },
                mistakes: mistakes.filter(|one| one.field == field.name()).map(|one| one.with_name(label)).collect(),
            }
        });
        let wrong = inputs.iter().find(|input| !input.mistakes.is_empty()).map(|input| input.name);
        let listed = typed.listed();
        let form = Form { view, title, rule, listed, inputs, wrong, catalog, movies, shows, choices, refusal };
        let page = |status| view.page(status, title, &form);
        refusal.map_or_else(|| page(200), |refusal| refusal.complete(page(refusal.status)))
    }
}

impl Form<'_> {
    /// Whether a special can be marked.
    fn has_list(&self) -> bool {
        self.choices.as_ref().is_some_and(|choices| !choices.is_empty())
    }

    /// Whether a rarely used field has something in it, or something wrong with it.
    fn shows_rare(&self) -> bool {
        self.inputs[SPECIAL + 1..].iter().any(|input| !input.value.is_empty() || !input.mistakes.is_empty())
    }
}

impl Completions {
    /// As many as a page can bear; those that have the text in them go before the others.
    fn new(mut list: Vec<String>, text: &str) -> Completions {
        let text = text.to_lowercase();
        let fits = |choice: &String| choice.to_lowercase().contains(&text);
        let (fit, cut) = (list.iter().filter(|choice| fits(choice)).count(), list.len() > MOST_CHOICES);
        if cut {
            list.sort_by_cached_key(|choice| !fits(choice));
            list.truncate(MOST_CHOICES);
        }
        Completions { list, fit, cut }
    }
}

/// Films with a file and new ones come first.
fn movies(catalog: &Catalog) -> Vec<String> {
    let mut movies: Vec<_> = catalog.movies.iter().collect();
    movies.sort_by_key(|movie| (!movie.has_file, Reverse(movie.year)));
    movies.into_iter().map(movie_choice).collect()
}

fn shows(catalog: &Catalog) -> Vec<String> {
    let mut shows: Vec<String> = catalog.shows.iter().map(show_choice).collect();
    shows.sort_by_cached_key(|show| show.to_lowercase());
    shows.dedup();
    shows
}
