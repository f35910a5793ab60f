//! News as each service takes them.

use serde_json::{Value, json};

use crate::{
    arr::Letter,
    config::Format,
    model::{News, Weight, escaped},
};

/// What fits into one message: of ntfy in bytes (what is longer becomes a file to download there), of Discord in UTF-16 units, of
/// which it takes 2,000, of Slack in characters before it cuts.
const NTFY: usize = 4000;
const DISCORD: usize = 2000;
const SLACK: usize = 4000;
/// Elsewhere it should be read by somebody.
const OTHERS: usize = 10_000;

pub fn letter(format: Format, news: &News) -> Letter {
    let title = news.title();
    let text = |most, escape: fn(&str) -> String, length| fitting(&news.lines(), most, escape, length);
    let plain = || text(OTHERS, str::to_string, str::len);
    let (_, ntfy, gotify, apprise) = loudness(news);
    match format {
        Format::Ntfy => {
            let headers =
                vec![("Title", title), ("Priority", ntfy.into()), ("Content-Type", "text/plain; charset=utf-8".into())];
            Letter { headers, body: text(NTFY, str::to_string, str::len), empty_is_nobody: false }
        }
        Format::Discord => {
            let units = |text: &str| text.encode_utf16().count();
            let most = DISCORD - title.len() - "****\n".len();
            let content = format!("**{title}**\n{}", text(most, markdown, units));
            // a film may be called "@everyone"
            of_json(&json!({ "content": content, "allowed_mentions": { "parse": [] } }))
        }
        Format::Slack => {
            let characters = |text: &str| text.chars().count();
            let text = format!("{}\n{}", entities(&title), text(SLACK - title.len() - 1, entities, characters));
            of_json(&json!({ "text": text, "mrkdwn": false }))
        }
        Format::Gotify => of_json(&json!({ "title": title, "message": plain(), "priority": gotify })),
        Format::Apprise => {
            let whole = json!({ "title": title, "body": plain(), "type": apprise, "format": "text" });
            Letter { empty_is_nobody: true, ..of_json(&whole) }
        }
        Format::Json => {
            let mut whole = json!(news);
            whole["title"] = title.into();
            whole["message"] = plain().into();
            whole["type"] = apprise.into();
            of_json(&whole)
        }
    }
}

/// Our word for it, how loud it is of ntfy's 1 to 5 and of Gotify's 0 to 10, and Apprise's word.
pub fn loudness(news: &News) -> (&'static str, &'static str, u8, &'static str) {
    match news.weight() {
        Weight::Problem => ("problem", "4", 8, "failure"),
        Weight::NeedsUser => ("needs_you", "3", 5, "warning"),
        Weight::Change => ("change", "2", 2, "info"),
        Weight::Well => ("well", "3", 5, "success"),
    }
}

fn of_json(value: &Value) -> Letter {
    let headers = vec![("Content-Type", "application/json".into())];
    Letter { headers, body: value.to_string(), empty_is_nobody: false }
}

/// As many lines as fit, and how many do not.
pub fn fitting(lines: &[String], most: usize, escape: fn(&str) -> String, length: fn(&str) -> usize) -> String {
    const LONGEST_LINE: usize = 600;
    let cut = |line: &String| {
        let begins: String = line.chars().take(LONGEST_LINE).collect();
        escape(&escaped(&begins)) + if begins.len() < line.len() { "…" } else { "" }
    };
    let lines: Vec<String> = lines.iter().map(cut).collect();
    let whole = lines.join("\n");
    if length(&whole) <= most {
        return whole;
    }
    let rest = |count: usize| format!("… and {count} more");
    let mut room = most.saturating_sub(length(&rest(lines.len())));
    let mut fits = |line: &&String| {
        let left = room.checked_sub(length(line) + 1);
        room = left.unwrap_or_default();
        left.is_some()
    };
    let mut told: Vec<String> = lines.iter().take_while(&mut fits).cloned().collect();
    told.push(rest(lines.len() - told.len()));
    told.join("\n")
}

/// So that Discord shows it as it is.
fn markdown(text: &str) -> String {
    let marks = |c| matches!(c, '\\' | '*' | '_' | '~' | '`' | '|' | '>' | '<' | '#' | '[' | ']' | '(' | ')');
    text.chars().flat_map(|c| marks(c).then_some('\\').into_iter().chain([c])).collect()
}

/// What Slack takes for a link or the name of somebody begins with one of these.
fn entities(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Format; 6] =
        [Format::Ntfy, Format::Discord, Format::Slack, Format::Gotify, Format::Apprise, Format::Json];

    fn changes(lines: Vec<String>) -> News {
        News { changes: lines, ..News::default() }
    }

    fn body(format: Format, news: &News) -> Value {
        serde_json::from_str(&letter(format, news).body).unwrap()
    }

    /// However much there is, and of whatever letters.
    #[test]
    fn nothing_is_longer_than_its_service_takes() {
        for line in ["a*".repeat(3000), "𝒜".repeat(700), "<".repeat(650), "short".into()] {
            let news = changes(vec![line; 3000]);
            let ntfy = letter(Format::Ntfy, &news);
            assert!(ntfy.body.len() <= 4096, "{}", ntfy.body.len());
            let content = body(Format::Discord, &news)["content"].as_str().unwrap().to_string();
            assert!(content.encode_utf16().count() <= 2000, "{}", content.encode_utf16().count());
            let text = body(Format::Slack, &news)["text"].as_str().unwrap().to_string();
            assert!(text.chars().count() <= 4000, "{}", text.chars().count());
            for format in ALL {
                let whole = letter(format, &news);
                assert!(whole.body.contains(" more"), "{format:?}: {}", whole.body);
                assert!(whole.headers.iter().all(|(_, value)| value.is_ascii()));
            }
        }
    }

    /// No program takes a NUL in its environment, and a title is no line of its own.
    #[test]
    fn what_would_not_be_seen_is_written_out() {
        let lines = ["nul \0".to_string(), "one\nproblem: two".into()];
        assert_eq!(fitting(&lines, 100, str::to_string, str::len), "nul \\u{0}\none\\nproblem: two");
    }

    #[test]
    fn what_fits_is_told_whole() {
        let lines: Vec<String> = (1..=5).map(|n| format!("line {n}")).collect();
        let text = lines.join("\n");
        assert_eq!(fitting(&lines, text.len(), str::to_string, str::len), text);
        assert_eq!(fitting(&lines, text.len() - 1, str::to_string, str::len), "line 1\nline 2\n… and 3 more");
    }

    #[test]
    fn a_title_calls_nobody() {
        let news = changes(vec!["<!channel> *@everyone* & [x](http://y) \\ #1".into()]);
        assert_eq!(
            body(Format::Discord, &news)["content"],
            "**plex-linker: 1 change**\n\\<!channel\\> \\*@everyone\\* & \\[x\\]\\(http://y\\) \\\\ \\#1"
        );
        assert_eq!(body(Format::Discord, &news)["allowed_mentions"], json!({ "parse": [] }));
        assert_eq!(
            body(Format::Slack, &news)["text"],
            "plex-linker: 1 change\n&lt;!channel&gt; *@everyone* &amp; [x](http://y) \\ #1"
        );
    }
}
