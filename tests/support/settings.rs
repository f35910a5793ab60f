//! Values of settings, among them those that the Python version gave back as others.

use serde_json::{Value, json};

pub fn values() -> [Value; 19] {
    [
        json!("1"),
        json!("1.0"),
        json!("true"),
        json!("null"),
        json!("[1]"),
        json!("\"x\""),
        json!(true),
        json!(false),
        json!(null),
        json!("NaN"),
        json!("1e999"),
        json!(1),
        json!(-1.5),
        json!(u64::MAX),
        // comes back as its neighbour from a parser that is only nearly exact
        json!(0.9073038322028689),
        json!(""),
        json!("plain é 東 \u{0} \n ' \" \\ </script>"),
        json!([1, [], { "a": null }]),
        json!({ "b": { "c": "d" }, "": 1.0 }),
    ]
}
