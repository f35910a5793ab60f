//! Commands as the apps keep and show them, and the times in them.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{fake::Kind, json::Json};
use crate::object;

/// A command that the app was told to do. Unless it was told to take time, it is done before the answer, so that nobody needs to
/// wait; the first answer says `queued` all the same, as the real ones do (*facts A.9*).
#[derive(Debug, Clone)]
pub struct Command {
    pub kind: Kind,
    pub id: usize,
    pub name: String,
    /// The fields of its own, such as `seriesId`.
    pub body: Vec<(&'static str, Json)>,
    /// The show or film it is for.
    pub item: Option<i64>,
    pub at: String,
    pub state: State,
}

#[derive(Debug, Clone)]
pub enum State {
    Queued,
    /// Under way, for so many more looks at it.
    Started(usize),
    Ended(Done),
}

/// How a command ended: with a last message, or with the text of an exception.
pub type Done = Result<Option<String>, String>;

impl Command {
    pub fn queued(&self) -> Json {
        self.resource("queued", None, None)
    }

    pub fn json(&self) -> Json {
        match &self.state {
            State::Queued => self.queued(),
            State::Started(_) => self.resource("started", None, None),
            State::Ended(Ok(message)) => self.resource("completed", message.as_deref(), None),
            State::Ended(Err(exception)) => self.resource("failed", Some("Failed"), Some(exception)),
        }
    }

    pub fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended(_))
    }

    fn resource(&self, status: &str, message: Option<&str>, exception: Option<&str>) -> Json {
        let started = (status != "queued").then_some(&self.at);
        let ended = started.filter(|_| status != "started");
        let mut body = self.body.iter().map(|(name, value)| format!("{name:?}: {}", value.0)).collect::<Vec<_>>();
        let refresh = self.name == "RefreshSeries";
        let rest = object! {
            "sendUpdatesToClient": true,
            "updateScheduledTask": !refresh,
            "completionMessage": refresh.then_some("Completed"),
            "requiresDiskAccess": false,
            "isExclusive": false,
            "isTypeExclusive": (self.kind == Kind::Radarr).then_some(false),
            "isLongRunning": refresh,
            "name": &self.name,
            "trigger": "manual",
            "suppressMessages": false,
        };
        body.push(rest.0.trim_start_matches('{').to_string());
        object! {
            "name": &self.name,
            "commandName": spaced(&self.name),
            "message": message,
            "body": Json(format!("{{{}", body.join(", "))),
            "priority": "normal",
            "status": status,
            "result": if status == "completed" { "successful" } else { "unknown" },
            "queued": &self.at,
            "started": started,
            "ended": ended,
            "duration": ended.map(|_| "00:00:00.1234567"),
            "exception": exception,
            "trigger": "manual",
            "stateChangeTime": started,
            "sendUpdatesToClient": true,
            "updateScheduledTask": !refresh,
            "id": self.id,
        }
    }
}

/// `RescanSeries` is shown as `Rescan Series`.
fn spaced(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push(' ');
        }
        text.push(letter);
    }
    text
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Year, month and day, then hour, minute and second, all UTC.
fn civil(seconds: u64) -> [u64; 6] {
    let days = seconds / 86400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * day + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    let of_day = seconds % 86400;
    [year, month, day - (153 * shifted + 2) / 5 + 1, of_day / 3600, of_day / 60 % 60, of_day % 60]
}

/// As the apps write a time in JSON.
pub fn timestamp(seconds: u64) -> String {
    let [year, month, day, hour, minute, second] = civil(seconds);
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// As HTTP writes a time.
pub fn http_date(seconds: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let [year, month, day, hour, minute, second] = civil(seconds);
    let (weekday, month) = (DAYS[(seconds / 86400 % 7) as usize], MONTHS[month as usize - 1]);
    format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT")
}
