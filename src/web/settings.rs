//! Settings that programs keep here, as the old version did.

use serde_json::json;

use super::{Asked, Refusal, Reply, Result, Web};

const MAX_SETTING: usize = 16 * 1024;

impl Web {
    pub(super) fn show_setting(&self, asked: &Asked) -> Result {
        let key = asked.part();
        let missing = || Refusal::new(404, format!("there is no setting {key:?}"));
        // no database has a key with a NUL
        let value = if key.contains('\0') { None } else { self.db()?.setting(key)? };
        Ok(Reply::json(200, &json!({ "key": key, "value": value.ok_or_else(missing)? })))
    }

    pub(super) fn set_setting(&self, asked: &Asked) -> Result {
        let key = asked.part();
        if key.is_empty() || key.len() > 64 || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b" _.-".contains(&b)) {
            return Err(Refusal::new(422, "key must be 1 to 64 letters, digits, blanks, dots, dashes or underscores"));
        }
        let body = asked.json()?;
        let value = body.get("value").ok_or_else(|| Refusal::new(422, "value is missing"))?;
        if value.to_string().len() > MAX_SETTING {
            return Err(Refusal::new(413, format!("value is longer than {MAX_SETTING} bytes")));
        }
        self.db()?.set_setting(key, value)?;
        Ok(Reply::json(200, &json!({ "key": key, "value": value })))
    }
}
