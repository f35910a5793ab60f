//! A rule as JSON, with a sentence for everything that is wrong with it.

use serde_json::{Map, Value};

use crate::{
    error::{Error, Mistake, Result},
    model::NewRule,
};

/// What keeps a text or a number from being one.
type Wrong = &'static str;

/// The rule in a JSON object. Members that are no fields of a rule do not count, as in the old program; it also took numbers that are
/// written as texts.
pub fn wish(value: &Value) -> Result<NewRule> {
    let mut mistakes = Vec::new();
    let none = Map::new();
    let object = value.as_object().unwrap_or(&none);
    if !value.is_object() {
        mistakes.push(Mistake { field: "movie_title", sentence: "the rule must be a JSON object".into() });
    }
    let mut read = Reader { object, mistakes: &mut mistakes };
    let wish = NewRule {
        movie_title: read.needed("movie_title", text).unwrap_or_default(),
        tmdb_id: read.needed("tmdb_id", number).unwrap_or_default(),
        show_name: read.needed("show_name", text).unwrap_or_default(),
        episode: read.field("episode", number),
        last_episode: None,
        season: read.field("season", text),
        episode_id: read.field("episode_id", number),
        series_id: read.field("series_id", number),
        tvdb_id: read.field("tvdb_id", number),
    };
    let said: Vec<_> = mistakes.iter().map(|mistake| mistake.field).collect();
    mistakes.extend(wish.mistakes().into_iter().filter(|mistake| value.is_object() && !said.contains(&mistake.field)));
    if mistakes.is_empty() { Ok(wish) } else { Err(Error::Invalid(mistakes)) }
}

/// A list of rules; each mistake tells in which of them it is.
pub fn wishes(value: &Value) -> Result<Vec<NewRule>> {
    let Some(list) = value.as_array() else {
        let sentence = "this is no list of rules: it must be a JSON array, as the export gives it".into();
        return Err(Error::Invalid(vec![Mistake { field: "movie_title", sentence }]));
    };
    let (mut wishes, mut mistakes) = (Vec::new(), Vec::new());
    for (place, value) in (1..).zip(list) {
        match wish(value) {
            Ok(wish) => wishes.push(wish),
            Err(Error::Invalid(wrong)) => mistakes.extend(
                wrong
                    .into_iter()
                    .map(|wrong| Mistake { sentence: format!("rule {place}: {}", wrong.sentence), ..wrong }),
            ),
            Err(other) => return Err(other),
        }
    }
    if mistakes.is_empty() { Ok(wishes) } else { Err(Error::Invalid(mistakes)) }
}

struct Reader<'a> {
    object: &'a Map<String, Value>,
    mistakes: &'a mut Vec<Mistake>,
}

impl Reader<'_> {
    fn field<T>(&mut self, field: &'static str, read: fn(&Value) -> std::result::Result<T, Wrong>) -> Option<T> {
        let value = self.object.get(field).filter(|value| !value.is_null())?;
        read(value)
            .map_err(|must| self.mistakes.push(Mistake { field, sentence: format!("{field} must be {must}") }))
            .ok()
    }

    fn needed<T>(&mut self, field: &'static str, read: fn(&Value) -> std::result::Result<T, Wrong>) -> Option<T> {
        if self.object.get(field).is_none_or(Value::is_null) {
            self.mistakes.push(Mistake { field, sentence: format!("{field} is missing") });
        }
        self.field(field, read)
    }
}

fn text(value: &Value) -> std::result::Result<String, Wrong> {
    value.as_str().map(String::from).ok_or("a text")
}

fn number(value: &Value) -> std::result::Result<i32, Wrong> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => {
            let whole = number.as_f64().filter(|number| number.fract() == 0.0).map(|number| number as i64);
            number.as_i64().or(whole).and_then(|number| i32::try_from(number).ok())
        }
        _ => None,
    };
    number.ok_or("a whole number of at most 2147483647")
}
