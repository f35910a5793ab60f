//! What pages show, as the templates want it.

use askama::Template;

use super::{
    table::{Row, Table, Wanted},
    typed::{self, FIELDS, Typed},
    words::When,
};
use crate::{
    config::Setting,
    error::Mistake,
    model::{self, AppState, Catalog, Episode, Finding, Report, Standing, Suggestion},
    web::{Web, files, reply::Request},
};

/// A page: what every page has, and its content. Every value in the templates is escaped by askama.
#[derive(Template)]
#[template(path = "page.html", config = "src/web/askama.toml")]
pub struct Page<'a> {
    base: &'a str,
    stamp: u32,
    version: &'static str,
    may_log_out: bool,
    admitted: bool,
    /// What has just been done.
    notice: Option<&'static str>,
    title: &'a str,
    content: Content<'a>,
}

pub enum Content<'a> {
    Home(Box<Home>),
    Form(Box<Form<'a>>),
    Confirm(Box<Row>),
    Preview(Planned),
    /// One that was wanted at `since` is not there yet.
    Previewing {
        since: i64,
        running: bool,
    },
    Runs(Runs),
    /// `None`: they are being looked for.
    Suggestions(Option<Found>),
    Import(Vec<String>),
    System(Box<System>),
    Login {
        next: String,
        wrong: bool,
    },
    Message {
        heading: &'static str,
        text: &'a str,
    },
}

pub struct Home {
    pub running: bool,
    pub last_run_at: Option<i64>,
    /// The last run: when, and its summary.
    pub last: Option<(When, String)>,
    pub next: Option<When>,
    pub apps: Vec<AppState>,
    pub failures: Vec<String>,
    pub findings: Vec<Finding>,
    /// There is no rule at all.
    pub empty: bool,
    pub table: Table,
    pub wanted: Wanted,
}

pub struct Form<'a> {
    pub heading: &'a str,
    /// Where it is sent, below the base; with GET the same form is shown again.
    pub action: String,
    pub list_action: String,
    pub button: &'static str,
    /// The number of the rule that is changed.
    pub rule: Option<i32>,
    pub fields: Vec<Field>,
    pub movies: Vec<String>,
    pub shows: Vec<String>,
    /// The specials of the show, if they are known.
    pub episodes: Option<Vec<Episode>>,
    /// Whether films and shows can be completed.
    pub completes: bool,
    /// Why apps could not be asked, so that some may be missing.
    pub problems: Vec<String>,
    /// Why nothing was saved.
    pub refused: Option<String>,
}

pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub value: String,
    pub list: &'static str,
    pub numeric: bool,
    /// For those who know why: not shown at first.
    pub rare: bool,
    pub mistakes: Vec<String>,
}

pub struct Planned {
    pub changes: Vec<String>,
    /// A film's title and why its rule is left out.
    pub skips: Vec<(String, String)>,
    pub problems: Vec<String>,
    pub last: String,
}

pub struct Runs {
    pub runs: Vec<Run>,
    /// From 1.
    pub page: usize,
    pub pages: usize,
}

pub struct Run {
    pub when: When,
    pub report: Report,
}

/// Films that look like specials, and as of when.
pub struct Found {
    pub when: When,
    /// Why apps could not be asked.
    pub problems: Vec<String>,
    pub list: Vec<Suggested>,
}

pub struct System {
    /// What the last check has found, and when.
    pub checked: Option<(When, Vec<Finding>)>,
    pub settings: Vec<Setting>,
    pub database: String,
    /// As the browser calls us.
    pub webhook: String,
    pub apps: Vec<AppState>,
    pub next: Option<When>,
    pub log: Vec<String>,
}

pub struct Suggested {
    pub suggestion: Suggestion,
    /// The fields of the rule that it would become.
    pub pairs: Vec<(&'static str, String)>,
    /// The same as a query.
    pub query: String,
}

/// Longer lists would make a page too heavy: the script asks for others while somebody types, and titles can be typed whole.
const MOST_CHOICES: usize = 1000;

/// What is said after something has been done, by the end of the address that was gone to.
const NOTICES: [(&str, &str); 7] = [
    ("?done=checking", "The check takes long: look again in a moment."),
    ("?done=added", "The rule is there. A run follows in a moment."),
    ("?done=changed", "The rule is changed. A run follows in a moment."),
    ("?done=confirmed", "The rule means the special that has its number now. A run follows in a moment."),
    ("?done=deleted", "The rule is deleted. Its link goes in a moment."),
    ("?done=imported", "The rules are imported. A run follows in a moment."),
    ("?done=run", "A run has been started."),
];

/// What is said under a field, and how it is typed, in the order of [`FIELDS`]: hint, list, only digits, rarely needed.
const HINTS: [(&str, &str, bool, bool); FIELDS.len()] = [
    ("Type its title and pick it from the list.", "movies", false, false),
    ("Empty: found from the title.", "", true, false),
    ("As Sonarr calls it.", "shows", false, false),
    ("Empty: found from the title.", "", true, false),
    (
        "Its number among the show's specials, such as 3, or its title there. A film that is several of them: 1-4.",
        "specials",
        false,
        false,
    ),
    ("00 are the specials. In folder and file name it stands as typed here.", "", true, true),
    ("Goes before the number above.", "", true, true),
    ("Goes before the TVDB number and the title.", "", true, true),
];

impl Web {
    /// The text of a page.
    pub(super) fn render(&self, request: &Request, title: &str, content: Content) -> String {
        let page = Page {
            base: &self.url_base,
            stamp: files::STAMP,
            version: env!("CARGO_PKG_VERSION"),
            may_log_out: self.access.has_cookie(request),
            admitted: self.access.admits(request),
            notice: NOTICES.into_iter().find(|(word, _)| request.path.ends_with(word)).map(|(_, notice)| notice),
            title,
            content,
        };
        // writing into a text cannot fail
        page.render().unwrap_or_default()
    }
}

impl Page<'_> {
    /// Where to go in some seconds, below the base: for the page of rules only where there is no script, which loses nothing.
    fn refresh(&self) -> Option<String> {
        match &self.content {
            Content::Home(home) if self.awaits().is_some() => {
                Some(format!("/{}", home.wanted.query(home.wanted.kind, home.wanted.page)))
            }
            Content::Previewing { since, .. } => Some(format!("/preview?since={since}")),
            Content::Suggestions(None) => Some("/suggestions".into()),
            _ => None,
        }
    }

    /// The run that the page already knows of, if it is to be shown again after the next one.
    fn awaits(&self) -> Option<i64> {
        match &self.content {
            Content::Home(home) if home.running || self.notice.is_some() => Some(home.last_run_at.unwrap_or_default()),
            _ => None,
        }
    }
}

impl Home {
    fn href(&self, base: &str, kind: &Option<Standing>, page: usize) -> String {
        format!("{base}/{}", self.wanted.query(*kind, page))
    }

    fn kind_name(&self) -> &'static str {
        self.wanted.kind.map_or("", Standing::name)
    }

    fn is_filtered(&self) -> bool {
        self.wanted.kind.is_some() || !self.wanted.search.is_empty()
    }
}

/// The fields of the form with what was typed, and each mistake beside its field, in the words of the form.
pub fn fields(typed: &Typed, mistakes: &[Mistake]) -> Vec<Field> {
    let field = |((field, label), (hint, list, numeric, rare)): (&(model::Field, &'static str), _)| Field {
        name: field.name(),
        label,
        hint,
        value: typed.get(*field).to_string(),
        list,
        numeric,
        rare,
        mistakes: mistakes
            .iter()
            .filter(|mistake| mistake.field == field.name())
            .map(|mistake| mistake.with_name(label))
            .collect(),
    };
    FIELDS.iter().zip(HINTS).map(field).collect()
}

/// What a film and a show can be completed to: what has the typed text in it, films with a file and new ones first.
pub fn choices(catalog: &Catalog, typed: &Typed) -> (Vec<String>, Vec<String>) {
    let mut movies: Vec<_> = catalog.movies.iter().collect();
    movies.sort_by_key(|movie| (!movie.has_file, std::cmp::Reverse(movie.year)));
    let mut shows: Vec<String> = catalog.shows.iter().map(typed::show_choice).collect();
    shows.sort_by_cached_key(|show| show.to_lowercase());
    shows.dedup();
    let movies = movies.into_iter().map(typed::movie_choice).collect();
    (best(movies, typed.get(model::Field::MovieTitle)), best(shows, typed.get(model::Field::ShowName)))
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

impl Field {
    /// Whether there is hardly a rule without it.
    fn is_needed(&self) -> bool {
        matches!(self.name, "movie_title" | "show_name" | "episode")
    }
}

impl Form<'_> {
    /// Whether there are more films or shows than a page can bear.
    fn is_cut(&self) -> bool {
        self.movies.len() == MOST_CHOICES || self.shows.len() == MOST_CHOICES
    }

    /// The first field with something wrong.
    fn first_wrong(&self) -> Option<&'static str> {
        self.fields.iter().find(|field| !field.mistakes.is_empty()).map(|field| field.name)
    }

    /// Whether a rarely used field has something in it, or something wrong with it.
    fn shows_rare(&self) -> bool {
        self.fields.iter().any(|field| field.rare && (!field.value.is_empty() || !field.mistakes.is_empty()))
    }
}

impl Suggested {
    pub fn new(suggestion: &Suggestion) -> Suggested {
        let typed = Typed::from_rule(&suggestion.rule());
        let pairs = FIELDS.iter().map(|(field, _)| (field.name(), typed.get(*field).to_string()));
        let pairs: Vec<_> = pairs.filter(|(_, value)| !value.is_empty()).collect();
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        Suggested { suggestion: suggestion.clone(), pairs, query }
    }
}
