//! JSON text whose names stand in the order given; an absent value is left out, as the apps do (*facts A.1*).

/// A piece of JSON text.
#[derive(Debug, Clone)]
pub struct Json(pub String);

/// What can stand in JSON; `None` is nothing at all.
pub trait Value {
    fn text(&self) -> Option<String>;
}

/// `object! { "title": title, "id": 5 }`.
#[macro_export]
macro_rules! object {
    ($($name:literal: $value:expr),* $(,)?) => {{
        let members = [$(($name, $crate::support::json::Value::text(&$value))),*];
        $crate::support::json::Json::object(members)
    }};
}

impl Json {
    pub fn object<const N: usize>(members: [(&str, Option<String>); N]) -> Json {
        let members = members.into_iter().filter_map(|(name, text)| Some(format!("{name:?}: {}", text?)));
        Json(format!("{{{}}}", members.collect::<Vec<_>>().join(", ")))
    }
}

impl Value for Json {
    fn text(&self) -> Option<String> {
        Some(self.0.clone())
    }
}

impl<T: Value> Value for Option<T> {
    fn text(&self) -> Option<String> {
        self.as_ref().and_then(Value::text)
    }
}

impl<T: Value> Value for Vec<T> {
    fn text(&self) -> Option<String> {
        let items = self.iter().filter_map(Value::text);
        Some(format!("[{}]", items.collect::<Vec<_>>().join(", ")))
    }
}

impl<T: Value + ?Sized> Value for &T {
    fn text(&self) -> Option<String> {
        (**self).text()
    }
}

macro_rules! plain {
    ($($kind:ty),*) => {$(
        impl Value for $kind {
            fn text(&self) -> Option<String> {
                serde_json::to_string(self).ok()
            }
        }
    )*};
}

plain!(str, String, bool, i32, u32, u64, usize, f64);
