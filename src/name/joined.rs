//! Titles of parts.

/// The title of several specials that are one film, as Sonarr has it: what they have in common once, else one after the other.
pub fn joined(titles: &[&str]) -> String {
    match titles {
        [title] => title.to_string(),
        _ => {
            let mut different: Vec<&str> = Vec::new();
            for title in titles.iter().map(|title| without_part(title)) {
                if !title.is_empty() && !different.contains(&title) {
                    different.push(title);
                }
            }
            different.join(" + ")
        }
    }
}

/// `Film: Part 2`, `Film Pt. 2` and `Film (2)` are all of them parts of `Film`.
fn without_part(title: &str) -> &str {
    let title = without_part_number(title);
    let rest = title.trim_end_matches(|c: char| c.is_ascii_digit());
    let words = rest.trim_end().to_ascii_lowercase();
    let word =
        ["part", "pt.", "pt"].into_iter().find(|word| words.ends_with(word)).filter(|_| rest.len() < title.len());
    let cut = word.and_then(|word| rest.trim_end().get(..words.len() - word.len()));
    let cut = cut.filter(|cut| cut.is_empty() || cut.ends_with([' ', ':', ',', '-']));
    cut.map_or(title, |cut| cut.trim_end_matches([' ', ':', ',', '-']))
}

/// `The Beast with a Billion Backs (2)` is one film of several parts.
pub fn without_part_number(title: &str) -> &str {
    let cut = title.trim_end().strip_suffix(')').and_then(|text| {
        let text = text.trim_end_matches(|c: char| c.is_ascii_digit());
        text.strip_suffix('(').filter(|_| !title.trim_end().ends_with("()"))
    });
    cut.unwrap_or(title).trim_end()
}
