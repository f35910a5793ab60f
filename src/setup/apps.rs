//! Where the apps answer, and their keys.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Proposal, ask::Dialog};
use crate::{
    arr::{Connection, Patience, Status},
    check::apps,
    cli,
    config::{App, Kind},
    error::{Error, Result},
};

/// What an app says of itself in its `config.xml`.
#[derive(Debug, PartialEq, Eq)]
struct Own {
    url: String,
    key: String,
}

impl Own {
    /// From the file that somebody names, else from wherever it is; and where that was.
    fn found(kind: Kind, named: Option<&Path>) -> Result<(Option<Own>, String)> {
        let own = match named {
            Some(file) => Some((file.to_path_buf(), Own::read(kind, file)?)),
            None => places(kind.name).into_iter().find_map(|file| Some((file.clone(), Own::read(kind, &file).ok()?))),
        };
        Ok(match own {
            Some((file, own)) => (Some(own), format!("as {} says", file.display())),
            None => (None, "its usual port on this machine".into()),
        })
    }

    fn read(kind: Kind, file: &Path) -> Result<Own> {
        let text = fs::read_to_string(file)
            .map_err(|cause| Error::Config(format!("cannot read {}: {cause}", file.display())))?;
        own(&text, kind.usual_port)
            .ok_or_else(|| Error::Config(format!("{} has no ApiKey: name {}'s config.xml", file.display(), kind.name)))
    }
}

/// Where packages, containers and users have an app's `config.xml`.
fn places(name: &str) -> Vec<PathBuf> {
    const ABOVE: &str = "/var/lib /opt /opt/appdata /srv /docker /docker/appdata /mnt/user/appdata /mnt/cache/appdata /share/Container \
        /volume1/docker /volume2/docker /volume3/docker /volume4/docker \
        /volume1/@appdata /volume2/@appdata /volume3/@appdata /volume4/@appdata /root";
    let small = name.to_lowercase();
    let below = [
        format!(".config/{name}/config.xml"),
        format!("docker/{small}/config.xml"),
        format!("{small}/config.xml"),
        format!("{small}/config/config.xml"),
        format!("{small}/.config/{name}/config.xml"),
        format!("{name}/config.xml"),
    ];
    let homes = fs::read_dir("/home").into_iter().flatten().flatten().map(|home| home.path());
    let above = ABOVE.split_whitespace().map(PathBuf::from).chain(homes);
    above.flat_map(|above| below.each_ref().map(|below| above.join(below))).collect()
}

/// `None` without a key.
fn own(xml: &str, usual_port: u16) -> Option<Own> {
    let value = |name: &str| {
        let (_, rest) = xml.split_once(&format!("<{name}>"))?;
        Some(rest.split('<').next()?.trim()).filter(|text| !text.is_empty())
    };
    let host = match value("BindAddress").unwrap_or("*") {
        "*" | "+" | "0.0.0.0" | "::" | "[::]" | "localhost" => "127.0.0.1".to_string(),
        address if address.contains(':') && !address.starts_with('[') => format!("[{address}]"),
        address => address.to_string(),
    };
    let port = value("Port").and_then(|port| port.parse().ok()).unwrap_or(usual_port);
    let base = value("UrlBase").map(|base| format!("/{}", base.trim_matches('/'))).filter(|base| base != "/");
    Some(Own { url: format!("http://{host}:{port}{}", base.unwrap_or_default()), key: value("ApiKey")?.to_string() })
}

/// A setting as far as it is known; nothing is known of it where its text is empty.
struct Guess {
    text: String,
    why: String,
    is_set: bool,
}

impl Guess {
    fn new(set: Option<String>, found: Option<String>, why_found: &str) -> Guess {
        let is_set = set.is_some();
        let why = if is_set { "as it is set now" } else { why_found };
        Guess { text: set.or(found).unwrap_or_default(), why: why.into(), is_set }
    }

    fn typed(text: String) -> Guess {
        Guess { text, why: "as you typed it".into(), is_set: false }
    }

    fn propose_to(self, proposal: &mut Proposal, name: &str) {
        if !self.is_set && !self.text.is_empty() {
            proposal.add(name, self.text, self.why);
        }
    }
}

/// Finds one app that answers and takes its key, and puts both into the proposal.
pub fn find(
    proposal: &mut Proposal,
    kind: Kind,
    named: Option<&Path>,
    ask: &Dialog,
) -> Result<(App, Connection, Status)> {
    let (name, port) = (kind.name, kind.usual_port);
    let [url_name, key_name] = ["URL", "API_KEY"].map(|what| format!("{}_0_{what}", kind.stem));
    let (own, why) = Own::found(kind, named)?;
    let (own_url, own_key) = own.map(|own| (own.url, own.key)).unzip();
    let usual = || Some(format!("http://127.0.0.1:{port}"));
    let mut url = Guess::new(proposal.source.text(&url_name), own_url.or_else(usual), &why);
    let set_key = proposal.source.secret(&key_name)?.filter(|key| !key.is_empty());
    let mut key = Guess::new(set_key, own_key, &why);
    loop {
        proposal.source.propose(&url_name, &url.text);
        // what is there refuses it, and so tells that it is there
        let proposed = Some(key.text.as_str()).filter(|key| !key.is_empty());
        proposal.source.propose(&key_name, proposed.unwrap_or("unknown"));
        let app = proposal.source.apps(kind)?.into_iter().next();
        let Some(app) = app else { return Err(Error::Config(format!("{url_name} is empty"))) };
        let connection = Connection::new(&app, proposal.source.ca_file().as_deref(), Patience::short())?;
        let problem = match apps::status(&app, &connection) {
            Ok(status) => {
                cli::print(&format!("{name} answers at {}, {}; its key is {}\n", url.text, url.why, key.why))?;
                url.propose_to(proposal, &url_name);
                key.propose_to(proposal, &key_name);
                return Ok((app, connection, status));
            }
            Err(problem) => problem,
        };
        let refused = connection.refused_the_key();
        if refused && key.is_set || !refused && url.is_set {
            return Err(problem);
        }
        if !key.text.is_empty() || !refused {
            cli::print(&format!("{problem}\n"))?;
        }
        if refused {
            let question = format!("{name} answers at {}. What is its key, from its Settings, General?", url.text);
            key = Guess::typed(ask.secret(&question, &key_name)?);
        } else {
            let question = format!("Where does {name}'s page open in a browser, for example http://nas:{port}?");
            let typed = ask.text(&question, &url_name)?;
            url = Guess::typed(if typed.contains("://") { typed } else { format!("http://{typed}") });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_says_of_itself_where_it_answers() {
        let xml = |inside: &str| format!("<Config>\r\n  <ApiKey>abc</ApiKey>\r\n  {inside}\r\n</Config>\r\n");
        let cases = [
            ("<BindAddress>*</BindAddress><Port>8990</Port><UrlBase></UrlBase>", "http://127.0.0.1:8990"),
            ("<Port>8989</Port>\n<SslPort>9898</SslPort>\n<UrlBase>/sonarr</UrlBase>", "http://127.0.0.1:8989/sonarr"),
            ("<BindAddress>192.168.1.5</BindAddress><UrlBase>tv/</UrlBase>", "http://192.168.1.5:8989/tv"),
            ("<BindAddress>fd00::5</BindAddress><Port>1</Port>", "http://[fd00::5]:1"),
            ("<BindAddress> localhost </BindAddress><Port>none</Port>", "http://127.0.0.1:8989"),
        ];
        for (inside, url) in cases {
            assert_eq!(own(&xml(inside), 8989), Some(Own { url: url.into(), key: "abc".into() }), "{inside}");
        }
        for none in ["", "<Config><Port>8989</Port></Config>", "<Config><ApiKey></ApiKey></Config>"] {
            assert_eq!(own(none, 8989), None, "{none}");
        }
    }
}
