//! Rules, reports and times as people read them.

use crate::{
    config::Zone,
    model::{Finding, NewRule, Report, Rule, RuleState, Rules, Suggestion, escaped},
};

pub fn rules(rules: &Rules) -> String {
    if rules.rules.is_empty() && rules.invalid.is_empty() {
        return "there are no rules yet: \"plex-linker rules add\" makes one\n".into();
    }
    let mut rows: Vec<[String; 3]> = rules.rules.iter().map(row).collect();
    rows.extend(rules.invalid.iter().map(|rule| [rule.id.to_string(), "(not usable)".into(), rule.reason.clone()]));
    table(&rows)
}

fn row(Rule { id, wish }: &Rule) -> [String; 3] {
    let NewRule { movie_title, tmdb_id, show_name, .. } = wish;
    [id.to_string(), format!("{movie_title} (tmdb {tmdb_id})"), format!("{show_name} {}", wish.special())]
}

/// Columns as wide as their widest cell; the last one is not padded.
fn table(rows: &[[String; 3]]) -> String {
    let rows: Vec<_> = rows.iter().map(|row| row.each_ref().map(|cell| escaped(cell))).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    rows.iter().map(|[a, b, c]| format!("{a:>first$}  {b:second$}  {c}\n")).collect()
}

/// The last report that differed from the one before, and when the last run was.
pub fn report(report: &Report, last: Option<i64>, zone: &Zone) -> String {
    let mut text = String::new();
    text.extend(last.map(|last| format!("last run        {}\n", zone.time(last))));
    text += &format!("as it was since {}: {}\n", zone.time(report.at), report.summary);
    for change in &report.changes {
        text += &format!("  {}\n", escaped(change));
    }
    let row = |state: &RuleState| {
        let detail = Some(&state.reason).filter(|reason| !reason.is_empty()).or(state.link.as_ref());
        let detail = detail.cloned().unwrap_or_default() + &with_subtitles(state);
        [format!("rule {}", state.rule), state.state.replace('_', " "), detail]
    };
    let rows: Vec<_> = report.rules.iter().map(row).collect();
    text += &table(&rows);
    for problem in &report.problems {
        text += &format!("problem: {}\n", escaped(problem));
    }
    text
}

/// The ends of the names of the subtitles' links: ` (with .en.srt, .de.srt)`.
fn with_subtitles(RuleState { link, subtitles, .. }: &RuleState) -> String {
    let base = link.as_deref().map_or("", |link| link.rsplit_once('.').map_or(link, |(base, _)| base));
    let ends: Vec<&str> = subtitles.iter().map(|path| path.strip_prefix(base).unwrap_or(path)).collect();
    if ends.is_empty() { String::new() } else { format!(" (with {})", ends.join(", ")) }
}

/// Likely ones first, each with its evidence and the command that makes a rule of it.
pub fn suggestions(suggestions: &[Suggestion]) -> String {
    if suggestions.is_empty() {
        return "no film looks like a special that has neither a file nor a rule\n".into();
    }
    let mut text = String::new();
    for suggestion in suggestions {
        let Suggestion { movie_title, tmdb_id, show_name, episode_title, evidence, .. } = suggestion;
        let special = suggestion.rule().special();
        let word = match suggestion {
            Suggestion { dismissed: true, .. } => "dismissed",
            Suggestion { likely: true, .. } => "likely",
            _ => "perhaps",
        };
        text += &format!(
            "{word} ({}): {movie_title} (tmdb {tmdb_id}) is {show_name} {special} {episode_title}\n",
            suggestion.score
        );
        text += &format!("    {}\n    {}\n", evidence.join("; "), command(&suggestion.rule()));
    }
    text
}

/// What to type for this rule.
fn command(wish: &NewRule) -> String {
    let NewRule { movie_title, tmdb_id, show_name, tvdb_id, .. } = wish;
    let mut text = format!(
        "plex-linker rules add --movie-title {} --tmdb-id {tmdb_id} --show-name {}",
        quoted(movie_title),
        quoted(show_name)
    );
    text.extend(tvdb_id.map(|id| format!(" --tvdb-id {id}")));
    text.extend(wish.numbers().map(|numbers| format!(" --episode {numbers}")));
    text
}

/// As a shell reads it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// One line each, and below it what to do about it.
pub fn findings(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { what, sentence, mend } in findings {
        text += &format!("{:9}{}\n", what.word(), escaped(sentence));
        text.extend(mend.iter().map(|mend| format!("         → {}\n", escaped(mend))));
    }
    text
}
