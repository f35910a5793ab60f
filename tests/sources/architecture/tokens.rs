//! Rust as a list of words and signs: enough of the language to see what a file names.

/// A file without its comments, strings and tests.
pub struct Source {
    tokens: Vec<String>,
}

impl Source {
    pub fn new(text: &str) -> Source {
        Source { tokens: without_tests(tokens(text)) }
    }

    /// Whether these stand somewhere one behind the other.
    pub fn contains(&self, wanted: &[&str]) -> bool {
        self.tokens.windows(wanted.len()).any(|some| some == wanted)
    }

    /// Every path, those of `use` trees in full: `a::b` and `a::c::d` for `a::{b, c::d}`.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            at = if is_word(&self.tokens[at]) { self.path(at, "", &mut paths) } else { at + 1 };
        }
        paths
    }

    /// Takes the path that begins at `at`, below `start`; returns where it ends.
    fn path(&self, mut at: usize, start: &str, paths: &mut Vec<String>) -> usize {
        let mut path = format!("{start}{}", self.tokens[at]);
        while self.token(at + 1) == "::" {
            at += 2;
            match self.token(at) {
                "{" => {
                    while !["}", ""].contains(&self.token(at)) {
                        at += 1;
                        if is_word(self.token(at)) && self.token(at - 1) != "as" {
                            at = self.path(at, &format!("{path}::"), paths) - 1;
                        }
                    }
                    return at + 1;
                }
                word if is_word(word) => path += &format!("::{word}"),
                _ => break,
            }
        }
        paths.push(path);
        at + 1
    }

    fn token(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", String::as_str)
    }

    /// The names of the traits that are made here.
    pub fn traits(&self) -> Vec<&str> {
        let pairs = self.tokens.windows(2).filter(|pair| pair[0] == "trait" && is_word(&pair[1]));
        pairs.map(|pair| pair[1].as_str()).collect()
    }

    /// How many `impl NAME for` there are.
    pub fn implementations(&self, name: &str) -> usize {
        let starts = self.tokens.iter().enumerate().filter(|(_, token)| *token == "impl").map(|(at, _)| at);
        let implements = |at: &usize| {
            let head =
                self.tokens[*at..].split(|token| ["{", ";"].contains(&token.as_str())).next().unwrap_or_default();
            let before_for = head.iter().position(|token| token == "for").map(|end| &head[..end]);
            before_for.is_some_and(|tokens| tokens.iter().any(|token| token == name))
        };
        starts.filter(implements).count()
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

/// Words, `::`, and every other sign alone.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end_of = |end: Option<usize>| end.unwrap_or(rest.len());
        let (length, keep) = if rest.starts_with("//") {
            (end_of(rest.find('\n')), false)
        } else if rest.starts_with("/*") {
            (end_of(rest.find("*/").map(|end| end + 2)), false)
        } else if let Some(length) = literal(rest) {
            (length, false)
        } else if is_word(rest) {
            (end_of(rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_')), true)
        } else if rest.starts_with("::") {
            (2, true)
        } else {
            (first.len_utf8(), !first.is_whitespace())
        };
        if keep {
            tokens.push(rest[..length].to_string());
        }
        rest = &rest[length..];
    }
    tokens
}

/// How long the string or character is that the text begins with.
fn literal(text: &str) -> Option<usize> {
    let plain = text.strip_prefix(['b', 'c']).unwrap_or(text);
    let prefix = text.len() - plain.len();
    if let Some(raw) = plain.strip_prefix('r') {
        let inside = raw.trim_start_matches('#');
        let end = format!("\"{}", "#".repeat(raw.len() - inside.len()));
        let length = inside.strip_prefix('"')?.find(&end)?;
        return Some(prefix + 1 + 2 * end.len() + length);
    }
    let quote = plain.chars().next().filter(|first| ['"', '\''].contains(first))?;
    if quote == '\'' && !plain.starts_with("'\\") {
        // else a lifetime
        let (end, last) = plain.char_indices().nth(2)?;
        return (last == quote).then_some(prefix + end + 1);
    }
    let mut escaped = false;
    for (at, letter) in plain.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return Some(prefix + at + 1),
            _ => {}
        }
    }
    None
}

/// Leaves out each item behind `#[cfg(test)]`, to its semicolon or closing brace.
fn without_tests(tokens: Vec<String>) -> Vec<String> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut rest = tokens.as_slice();
    while let Some((first, after)) = rest.split_first() {
        if rest.len() >= MARK.len() && rest[..MARK.len()] == MARK {
            rest = &rest[item(rest)..];
        } else {
            kept.push(first.clone());
            rest = after;
        }
    }
    kept
}

/// How many tokens the item has that stands first.
fn item(tokens: &[String]) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 && [";", "}"].contains(&token.as_str()) {
            return at + 1;
        }
    }
    tokens.len()
}
