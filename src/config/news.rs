//! Whom news go to.

use super::{
    Environment, Secret,
    address::{host, host_and_port},
};
use crate::error::{Error, Result};

/// An address of the user's own choice, which is secret but for its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// For messages: the variable that it came from, and scheme, host and port.
    pub variable: &'static str,
    pub shown: String,
    pub url: Secret,
}

/// In which form somebody takes news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Ntfy,
    Discord,
    Slack,
    Gotify,
    Apprise,
    Json,
}

#[derive(Debug, Clone, Default)]
pub struct Recipients {
    pub url: Option<(Address, Format)>,
    /// A program and its arguments.
    pub command: Vec<String>,
    /// Hears of each run.
    pub ping: Option<Address>,
}

const FORMATS: [(&str, Format); 6] = [
    ("ntfy", Format::Ntfy),
    ("discord", Format::Discord),
    ("slack", Format::Slack),
    ("gotify", Format::Gotify),
    ("apprise", Format::Apprise),
    ("json", Format::Json),
];

impl Environment {
    pub(super) fn news(&self) -> Result<Recipients> {
        const COMMAND: &str = "PLEX_LINKER_NOTIFY_COMMAND";
        let format = self.if_set("PLEX_LINKER_NOTIFY_FORMAT", |name| self.choice(name, &FORMATS))?;
        let url = self.address("PLEX_LINKER_NOTIFY_URL")?;
        let format = |address: &Address| format.unwrap_or_else(|| Format::of(address.url.expose()));
        let command = words(&self.secret(COMMAND)?.unwrap_or_default());
        Ok(Recipients {
            url: url.map(|address| (address.clone(), format(&address))),
            command: command.ok_or_else(|| Error::Config(format!("{COMMAND} has a quotation that never ends")))?,
            ping: self.address("PLEX_LINKER_PING_URL")?,
        })
    }

    /// The value is never shown.
    fn address(&self, variable: &'static str) -> Result<Option<Address>> {
        let Some(text) = self.secret(variable)?.filter(|text| !text.is_empty()) else { return Ok(None) };
        match host(&text) {
            Some(host) if text.bytes().all(|b| b.is_ascii_graphic()) => {
                let scheme = text.split("://").next().unwrap_or_default();
                Ok(Some(Address { variable, shown: format!("{scheme}://{host}"), url: Secret::new(text) }))
            }
            _ => Err(Error::Config(format!(
                "{variable} cannot be used: it must be a whole address that begins with http:// or https://, without blanks"
            ))),
        }
    }
}

impl Recipients {
    /// To whom they go, without what is secret.
    pub fn to(&self) -> Vec<String> {
        let url = self.url.iter().map(|(address, format)| format!("{} ({})", address.shown, format.name()));
        let ping = self.ping.iter().map(|address| address.shown.clone());
        url.chain(self.command.first().cloned()).chain(ping).collect()
    }
}

impl Format {
    /// By the shape of the address.
    fn of(url: &str) -> Format {
        let host = host(url).unwrap_or_default().to_ascii_lowercase();
        let (name, _) = host_and_port(&host).unwrap_or_default();
        let rest = url.split("://").nth(1).and_then(|rest| rest.split_once('/')).map_or("", |(_, rest)| rest);
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let is_in = |domain: &str| name == domain || name.ends_with(&format!(".{domain}"));
        let path = path.trim_end_matches('/');
        match path.rsplit('/').next().unwrap_or_default() {
            // Discord takes what is made for Slack at such an address
            "slack" if is_in("discord.com") || is_in("discordapp.com") => Format::Slack,
            _ if is_in("discord.com") || is_in("discordapp.com") => Format::Discord,
            _ if name.starts_with("hooks.slack") => Format::Slack,
            _ if name.split('.').any(|label| label == "ntfy") => Format::Ntfy,
            "message" if query.split('&').any(|pair| pair.starts_with("token=")) => Format::Gotify,
            _ if path.split('/').any(|part| part == "notify") => Format::Apprise,
            _ => Format::Json,
        }
    }

    fn name(self) -> &'static str {
        FORMATS.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }
}

/// The words of a command, with quotes around those that have blanks in them; `None` if a quotation never ends. There is no shell.
fn words(text: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in text.chars() {
        match quote {
            Some(open) if open == c => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_tells_the_format() {
        for (url, format) in [
            ("https://ntfy.sh/mytopic", Format::Ntfy),
            ("https://:tk_abc@ntfy.example.org/t?x=1", Format::Ntfy),
            ("http://ntfy:8080/t", Format::Ntfy),
            ("https://discord.com/api/webhooks/1/abc", Format::Discord),
            ("https://ptb.discord.com/api/webhooks/1/abc?thread_id=2", Format::Discord),
            ("https://discordapp.com/api/webhooks/1/abc/", Format::Discord),
            ("https://discord.com/api/webhooks/1/abc/slack", Format::Slack),
            ("https://hooks.slack.com/services/T/B/x", Format::Slack),
            ("http://nas:8070/message?token=Abc", Format::Gotify),
            ("https://example.org/gotify/message?x=1&token=Abc", Format::Gotify),
            ("http://nas:8000/notify/media", Format::Apprise),
            ("http://nas:8000/notify", Format::Apprise),
            ("http://nas:8000/message", Format::Json),
            ("http://notdiscord.com/api/webhooks/1/abc", Format::Json),
            ("http://nas", Format::Json),
        ] {
            assert_eq!(Format::of(url), format, "{url}");
        }
    }

    #[test]
    fn a_command_is_words() {
        for (text, expected) in [
            ("", vec![]),
            ("  /bin/notify  a ", vec!["/bin/notify", "a"]),
            ("sh -c 'echo \"$X\" | mail me'", vec!["sh", "-c", "echo \"$X\" | mail me"]),
            ("a\"b c\"d ''", vec!["ab cd", ""]),
        ] {
            assert_eq!(words(text), Some(expected.into_iter().map(String::from).collect()), "{text}");
        }
        assert_eq!(words("a 'b"), None);
    }
}
