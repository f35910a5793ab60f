//! What can be told of an item of a list without parsing it: of 20,000 films a run wants a few, and looking for a quotation mark is
//! several times faster than parsing what is between two of them.

use memchr::memmem;

/// The length of the object that `text` begins with; `None` if its end is not there. What is between its braces is not judged.
pub(super) fn object(text: &[u8]) -> Option<usize> {
    let (mut depth, mut quoted) = (0_usize, false);
    for at in memchr::memchr3_iter(b'"', b'{', b'}', text) {
        match text[at] {
            b'"' if quoted => quoted = is_escaped(text, at),
            b'"' => quoted = true,
            _ if quoted => {}
            b'{' => depth += 1,
            _ => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
        }
    }
    None
}

/// Whether the quotation mark at `at` is part of a text: an odd number of backslashes stands before it.
fn is_escaped(text: &[u8], at: usize) -> bool {
    text[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// Finds the values of one field, at whatever depth.
pub(super) struct Field(memmem::Finder<'static>);

impl Field {
    /// `quoted`: with its quotation marks.
    pub fn new(quoted: &'static str) -> Field {
        Field(memmem::Finder::new(quoted))
    }

    /// What follows each of its colons.
    pub fn values<'t>(&self, text: &'t [u8]) -> impl Iterator<Item = &'t [u8]> {
        self.0.find_iter(text).filter_map(|at| {
            let after = text[at + self.0.needle().len()..].trim_ascii_start();
            Some(after.strip_prefix(b":")?.trim_ascii_start())
        })
    }
}

/// The number that `value` begins with; `None` if it begins with something else.
pub(super) fn number(value: &[u8]) -> Option<i32> {
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&value[..digits]).ok()?.parse().ok()
}

/// The text that `value` begins with, as long as nothing in it is escaped.
pub(super) fn plain_text(value: &[u8]) -> Option<&str> {
    let text = value.strip_prefix(b"\"")?;
    let end = memchr::memchr2(b'"', b'\\', text).filter(|end| text[*end] == b'"')?;
    std::str::from_utf8(&text[..end]).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_object_ends_with_its_own_brace() {
        let cases: [(&str, Option<usize>); 8] = [
            (r#"{}"#, Some(2)),
            (r#"{"a":{"b":1}},"#, Some(13)),
            (r#"{"a":"}"} "#, Some(9)),
            (r#"{"a":"\"}"}"#, Some(11)),
            (r#"{"a":"\\"}"#, Some(10)),
            (r#"{"a":"\\\"}"}"#, Some(13)),
            (r#"{"a":"}"#, None),
            (r#"}"#, None),
        ];
        for (text, end) in cases {
            assert_eq!(object(text.as_bytes()), end, "{text}");
        }
    }

    #[test]
    fn values_are_found_by_their_field() {
        let text = br#"{"tmdbId" : 12, "a": {"tmdbId":34,"notmdbId":5}, "b": "tmdbId", "p": "/tv", "q": "\u0041"}"#;
        let numbers: Vec<_> = Field::new("\"tmdbId\"").values(text).map(number).collect();
        assert_eq!(numbers, [Some(12), Some(34)]);
        assert_eq!(Field::new("\"p\"").values(text).map(plain_text).collect::<Vec<_>>(), [Some("/tv")]);
        assert_eq!(Field::new("\"q\"").values(text).map(plain_text).collect::<Vec<_>>(), [None]);
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![any::<i32>().prop_map(Into::into), "\\PC{0,8}|[\"\\\\{}]{0,6}".prop_map(Into::into)];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map("[a-z\"\\\\{}]{0,4}", inner, 0..4)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_object_ends_where_it_ends(value in any_json(), after in ".{0,9}", pretty: bool) {
            let object_of = serde_json::json!({ "x": value });
            let text = if pretty { serde_json::to_string_pretty(&object_of) } else { serde_json::to_string(&object_of) };
            let text = text.unwrap();
            prop_assert_eq!(object((text.clone() + &after).as_bytes()), Some(text.len()));
            prop_assert_eq!(object(&text.as_bytes()[..text.len() - 1]), None);
        }
    }
}
