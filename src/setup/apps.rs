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

/// Finds one app that answers and takes its key, and puts both into the proposal.
pub fn find(
    proposal: &mut Proposal,
    kind: Kind,
    named: Option<&Path>,
    ask: &Dialog,
) -> Result<(App, Connection, Status)> {
    let (name, stem, port) = (kind.name, kind.stem, kind.usual_port);
    let [url_name, key_name] = ["URL", "API_KEY"].map(|what| format!("{stem}_0_{what}"));
    let (own, why_own) = Own::found(kind, named)?;
    let known_url = proposal.source.text(&url_name);
    let known_key = proposal.source.secret(&key_name)?.filter(|key| !key.is_empty());
    let (url_is_set, key_is_set) = (known_url.is_some(), known_key.is_some());
    let set = || "as it is set now".to_string();
    let usual = || format!("http://127.0.0.1:{port}");
    let (mut url, mut why_url) = match known_url {
        Some(url) => (url, set()),
        None => (own.as_ref().map_or_else(usual, |own| own.url.clone()), why_own.clone()),
    };
    let (mut key, mut why_key) = match known_key {
        Some(key) => (Some(key), set()),
        None => (own.map(|own| own.key), why_own),
    };
    loop {
        proposal.source.propose(&url_name, &url);
        // what is there refuses it, and so tells that it is there
        proposal.source.propose(&key_name, key.as_deref().unwrap_or("unknown"));
        let app = proposal.source.apps(kind)?.into_iter().next();
        let Some(app) = app else { return Err(Error::Config(format!("{} is empty", url_name))) };
        let connection = Connection::new(&app, proposal.source.ca_file().as_deref(), Patience::short())?;
        let problem = match apps::status(&app, &connection) {
            Ok(status) => {
                cli::print(&format!("{name} answers at {url}, {why_url}; its key is {why_key}\n"))?;
                if !url_is_set {
                    proposal.add(&url_name, url, why_url);
                }
                if let Some(key) = key.filter(|_| !key_is_set) {
                    proposal.add(&key_name, key, why_key);
                }
                return Ok((app, connection, status));
            }
            Err(problem) => problem,
        };
        let refused = connection.refused_the_key();
        if refused && key_is_set || !refused && url_is_set {
            return Err(problem);
        }
        if key.is_some() || !refused {
            cli::print(&format!("{problem}\n"))?;
        }
        if refused {
            let question = format!("{name} answers at {url}. What is its key, from its Settings, General?");
            (key, why_key) = (Some(ask.secret(&question, &key_name)?), "as you typed it".into());
        } else {
            let question = format!("Where does {name}'s page open in a browser, for example http://nas:{port}?");
            (url, why_url) = (ask.text(&question, &url_name)?, "as you typed it".into());
            if !url.contains("://") {
                url = format!("http://{url}");
            }
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
