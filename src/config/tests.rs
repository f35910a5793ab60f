//! What the variables mean, and what is said of wrong ones.

use std::{ffi::OsString, fs, path::Path};

use super::*;
use crate::error::Error;

/// The configuration from these variables, with a database that needs no state folder.
pub fn read(variables: &[(&str, &str)]) -> Result<Config> {
    source(variables, None)?.config()
}

fn source(variables: &[(&str, &str)], file: Option<&Path>) -> Result<Environment> {
    let env = [("DATABASE_URL", "sqlite:////nowhere/x.db")].into_iter().chain(variables.iter().copied());
    Environment::new(env.map(|(name, value)| (name.into(), value.into())), file)
}

pub fn problem(variables: &[(&str, &str)]) -> String {
    match read(variables) {
        Err(problem @ Error::Config(_)) => problem.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_wrong_value_is_one_sentence_that_names_its_variable() {
    let key = ("SONARR_API_KEY", "k");
    let cases: [(&[(&str, &str)], &str); 15] = [
        (&[("SONARR_URL", "http://host:123456"), key], "SONARR_URL is"),
        (&[("SONARR_URL", "http://:80"), key], "SONARR_URL is"),
        (&[("SONARR_URL", "host:8989"), key], "SONARR_URL is \"host:8989\""),
        (&[("SONARR_URL", "http://u:p@host"), key], "SONARR_URL has a user name"),
        (&[("SONARR_URL", "http://host")], "SONARR_0_API_KEY"),
        (&[("SONARR_URL", "http://host"), ("SONARR_API_KEY", "a b")], "SONARR_0_API_KEY has a blank"),
        (&[("MEDIA_ROOT", "media")], "MEDIA_ROOT is \"media\""),
        (&[("MEDIA_ROOT", "/")], "MEDIA_ROOT is \"/\""),
        (&[("DOCKER_MEDIA_PATH", "/a/../b")], "DOCKER_MEDIA_PATH"),
        (&[("SONARR_URL", "http://h"), key, ("SONARR_0_PATH_MAP", "/tv")], "SONARR_0_PATH_MAP is \"/tv\""),
        (&[("SONARR_URL", "http://h"), key, ("SONARR_PATH_MAP", "/tv=tv")], "SONARR_PATH_MAP is \"tv\""),
        (&[("PLEX_LINKER_CLEAN", "yes")], "PLEX_LINKER_CLEAN is \"yes\""),
        (&[("PLEX_LINKER_SPECIALS_FOLDER", "a/b")], "PLEX_LINKER_SPECIALS_FOLDER"),
        (&[("DATABASE_URL", "")], "DATABASE_URL"),
        (&[("DATABASE_URL", "mysql://x")], "DATABASE_URL"),
    ];
    for (variables, expected) in cases {
        let sentence = problem(variables);
        assert!(sentence.contains(expected), "{variables:?}: {sentence}");
        assert!(!sentence.contains("u:p"), "{sentence}");
    }
}

#[test]
fn the_media_root_has_three_names() {
    let root = |variables: &[(&str, &str)]| read(variables).unwrap().media_root;
    assert_eq!(root(&[("HOST_MEDIA_PATH", "/c")]), Some("/c".into()));
    assert_eq!(root(&[("HOST_MEDIA_PATH", "/c"), ("DOCKER_MEDIA_PATH", "/b/")]), Some("/b".into()));
    assert_eq!(
        root(&[("HOST_MEDIA_PATH", "/c"), ("MEDIA_ROOT", "/a"), ("DOCKER_MEDIA_PATH", "/b")]),
        Some("/a".into())
    );
    assert_eq!(root(&[("MEDIA_ROOT", " ")]), None);
}

#[test]
fn a_variable_of_ours_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStringExt;
    let env = |name: &str| Environment::new([(name.into(), OsString::from_vec(b"/mnt/\xff".into()))], None);
    for name in ["MEDIA_ROOT", "HOST_MEDIA_PATH", "SONARR_PATH_MAP", "RADARR_3_API_KEY_FILE", "PUID"] {
        let said = env(name).err().unwrap();
        assert_eq!((said.exit_code(), said.to_string()), (2, format!("{name} is not text in UTF-8: set it anew")));
    }
    assert!(env("OLDPWD").is_ok());
}

#[test]
fn a_variable_that_does_nothing_is_told_with_the_one_that_was_meant() {
    let told = |variables: &[(&str, &str)], file: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("env");
        fs::write(&path, file).unwrap();
        source(variables, Some(&path)).unwrap().unknown()
    };
    let mistakes = [
        ("PLEX_LINKER_CLEANUP", Some("PLEX_LINKER_CLEAN")),
        ("PLEX_LINKER_INTERVAL", Some("PLEX_LINKER_SCAN_INTERVAL_MINUTES")),
        ("PLEX_LINKER_XYZZY", None),
        ("SONARR_APIKEY", Some("SONARR_API_KEY")),
        ("SONARR_PATH_MAPS", Some("SONARR_PATH_MAP")),
        ("SONARR_0_PATHMAP", Some("SONARR_0_PATH_MAP")),
        ("SONARR_3_APIKEY_FILE", Some("SONARR_3_API_KEY_FILE")),
        ("RADARR_1_HOST", None),
        ("RADARR_01_URL", Some("RADARR_1_URL")),
        ("RADARR_0_ROOT_PATH_PREFIX", Some("RADARR_ROOT_PATH_PREFIX")),
        ("RADARR_TIMEOUT", Some("RADARR_TIMEOUT_SECONDS")),
        ("PLEX_LINKER__CLEAN", Some("PLEX_LINKER_CLEAN")),
        ("plex_linker_clean", Some("PLEX_LINKER_CLEAN")),
        ("Sonarr_0_Url", Some("SONARR_0_URL")),
        ("SONARR_0__URL", Some("SONARR_0_URL")),
        ("SONARR_FOO", None),
    ];
    for (name, near) in mistakes {
        let mend = match near {
            Some(near) => format!("write {near}, or remove it"),
            None => "remove it: \"plex-linker --help\" tells every variable".into(),
        };
        let unknown = Unknown { sentence: format!("{name} does nothing: there is no such variable"), mend };
        let (env, file) = ([(name, "x")], format!("{name}=x\n"));
        for told in [told(&env, ""), told(&[], &file), told(&env, &file)] {
            assert_eq!(told, std::slice::from_ref(&unknown), "{name}");
        }
    }
    let known = VARIABLES.iter().map(|variable| variable.name);
    let ours = known.chain([
        "HOST_MEDIA_PATH",
        "PLEX_URL",
        "SONARR_URL",
        "SONARR_12_API_KEY_FILE",
        "SONARR_API_KEY_FILE",
        "RADARR_0_HEADERS_FILE",
        "PLEX_LINKER_API_KEY_FILE",
        "DATABASE_URL_FILE",
        "TZ",
    ]);
    for name in ours {
        assert_eq!(told(&[(name, "1")], &format!("{name}=1\n")), [], "{name}");
    }
    // what the apps, their images, Kubernetes and Docker set
    for name in [
        "SONARR__AUTH__APIKEY",
        "SONARR__SERVER__PORT",
        "SONARR_BRANCH",
        "SONARR_VERSION",
        "SONARR_HOST",
        "SONARR_PORT",
        "SONARR_PORT_8989_TCP_ADDR",
        "SONARR_0_SERVICE_HOST",
        "PLEX_LINKER_PORT_8080_TCP",
        "PLEX_CLAIM",
        "EDITOR",
    ] {
        assert_eq!(told(&[(name, "x")], ""), [], "{name}");
    }
    assert_eq!(told(&[], "MEDIAROOT=/x")[0].mend, "write MEDIA_ROOT, or remove it");
    // of the environment, too, what lacks an underscore or has one too many
    for (name, meant) in [
        ("MEDIAROOT", "MEDIA_ROOT"),
        ("SONARR0_URL", "SONARR_0_URL"),
        ("SONARRURL", "SONARR_URL"),
        ("RADARR12_API_KEY_FILE", "RADARR_12_API_KEY_FILE"),
        ("PLEXLINKER_PORT", "PLEX_LINKER_PORT"),
        ("DATABASEURL_FILE", "DATABASE_URL_FILE"),
    ] {
        assert_eq!(told(&[(name, "x")], "")[0].mend, format!("write {meant}, or remove it"), "{name}");
    }
    for name in ["SONAR_URL", "SONAR_HOST_URL", "DATABASE_URI", "UID", "GUID", "MASK", "ROOT", "PORT", "HOST"] {
        assert_eq!(told(&[(name, "x")], ""), [], "{name}");
    }
    assert_eq!(told(&[("PLEXLINKER_PORT", "tcp://10.0.0.1:8080")], ""), []);
    // these are read before there is a file, or by a library that knows of none
    for name in ["SSL_CERT_FILE", "PLEX_LINKER_CONFIG"] {
        let said = told(&[], &format!("{name}=/x"));
        assert_eq!(said[0].sentence, format!("{name} does nothing in the settings file"));
        assert_eq!(said[0].mend, "set it in the environment");
        assert_eq!(told(&[(name, "/x")], ""), []);
    }
    // the file is ours alone
    for name in ["EDITOR", "SONARR_PORT", "SONARR__AUTH__APIKEY", "PLEX_LINKER_PORT_8080_TCP"] {
        assert_eq!(told(&[], &format!("{name}=x")).len(), 1, "{name}");
    }
}

#[test]
fn who_is_root_becomes_the_owner_of_the_media_unless_somebody_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (root, state) = (folder.path(), folder.path().join("state"));
    let env = [("MEDIA_ROOT", root.to_str().unwrap()), ("STATE_DIRECTORY", state.to_str().unwrap())];
    let identity = |more: &[(&str, &str)]| {
        // none of a package
        let none = [("PLEX_LINKER_CONFIG", "")];
        source(&[&env[..], &none, more].concat(), None).unwrap().identity().unwrap()
    };
    if std::os::unix::fs::chown(root, Some(1234), Some(567)).is_err() {
        return eprintln!("only root can give files away");
    }
    let owner = Identity { uid: Some(1234), gid: Some(567), owner_of: Some(root.into()) };
    assert_eq!(identity(&[]), owner);
    assert_eq!(identity(&[("PUID", "9")]), Identity { uid: Some(9), ..Identity::default() });
    assert_eq!(identity(&[("PGID", "9")]), Identity { gid: Some(9), ..owner.clone() });
    assert_eq!(identity(&[("MEDIA_ROOT", "/nowhere")]), Identity::default());
    std::os::unix::fs::chown(root, Some(0), Some(567)).unwrap();
    assert_eq!(identity(&[]), Identity::default());

    // which holds more than media
    for (name, owner) in [("docker", 0), ("tv", 1234), ("@eaDir", 7), ("#recycle", 7), (".Trash", 7)] {
        fs::create_dir(root.join(name)).unwrap();
        std::os::unix::fs::chown(root.join(name), Some(owner), Some(567)).unwrap();
    }
    assert_eq!(identity(&[]), owner);
    fs::create_dir(root.join("alice")).unwrap();
    std::os::unix::fs::chown(root.join("alice"), Some(9), Some(567)).unwrap();
    assert_eq!(identity(&[]), Identity { owner_of: Some(root.into()), ..Identity::default() });
    let map = format!("/tv={}", root.join("tv").display());
    let sonarr = [("SONARR_0_URL", "http://h"), ("SONARR_0_API_KEY", "k"), ("SONARR_0_PATH_MAP", &map)];
    assert_eq!(identity(&sonarr), owner);
    assert_eq!(identity(&[("PUID", "9")]), Identity { uid: Some(9), ..Identity::default() });
}

#[test]
fn secrets_come_from_files_and_credentials_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    fs::write(&file, "  from a file\n".replace(' ', "")).unwrap();
    fs::write(folder.path().join("sonarr_0_api_key"), "fromacredential\n").unwrap();
    let (file, folder) = (file.to_str().unwrap(), folder.path().to_str().unwrap());
    let key = |variables: &[(&str, &str)]| {
        let url = [("SONARR_0_URL", "http://h")];
        read(&[&url, variables].concat()).map(|config| config.sonarr[0].api_key.expose().to_string())
    };
    assert_eq!(key(&[("SONARR_0_API_KEY_FILE", file)]).unwrap(), "fromafile");
    assert_eq!(key(&[("SONARR_API_KEY_FILE", file)]).unwrap(), "fromafile");
    assert_eq!(key(&[("CREDENTIALS_DIRECTORY", folder)]).unwrap(), "fromacredential");
    fs::write(Path::new(folder).join("plex-linker.sonarr_1_api_key"), "ofroots\n").unwrap();
    let of_roots = |folder| secret::credentials(Path::new(folder), "plex-linker.").unwrap();
    assert_eq!(of_roots(folder), [("SONARR_1_API_KEY".into(), "ofroots".into())].into());
    assert!(of_roots("/nowhere").is_empty());
    assert_eq!(key(&[("SONARR_0_API_KEY", "set"), ("SONARR_0_API_KEY_FILE", file)]).unwrap(), "set");
    // its disk may be mounted late
    for (file, code) in [("/nowhere/key", 1), ("/proc", 2)] {
        let said = key(&[("SONARR_0_API_KEY_FILE", file)]).unwrap_err();
        assert!(said.to_string().contains("named by SONARR_0_API_KEY_FILE"), "{said}");
        assert_eq!(said.exit_code(), code, "{file}");
    }
}

#[test]
fn the_environment_goes_before_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plex-linker.env");
    fs::write(&file, "MEDIA_ROOT=/from/file\nPLEX_LINKER_CLEAN=links\nDATABASE_URL=sqlite:////nowhere/x.db\n").unwrap();
    let env = [("MEDIA_ROOT", "/from/env")];
    let config = source(&env, Some(&file)).unwrap().config().unwrap();
    assert_eq!((config.media_root, config.clean), (Some("/from/env".into()), Clean::Links));
    let missing = source(&env, Some(Path::new("/nowhere/file"))).err().unwrap();
    assert!(missing.to_string().contains("/nowhere/file") && missing.exit_code() == 1, "{missing}");
    fs::write(&file, "TZ=<+0545>-5:45\n").unwrap();
    let zone = source(&[], Some(&file)).unwrap().zone().0;
    assert_eq!(zone.time(0), "1970-01-01 05:45:00+05:45");
}

#[test]
fn the_default_database_is_in_the_state_folder_which_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state/plex-linker");
    let config = Environment::new([("STATE_DIRECTORY".into(), state.clone().into())], None).unwrap().config().unwrap();
    assert!(matches!(&config.database, Database::Sqlite(file) if *file == state.join("plex_linker.db")));
    assert_eq!(config.lock_file, state.join("plex_linker.db.lock"));
    assert!(state.is_dir());
}

#[test]
fn a_secret_is_not_shown() {
    let config = read(&[("SONARR_URL", "http://h"), ("SONARR_API_KEY", "hidden")]).unwrap();
    assert!(!format!("{config:?}").contains("hidden"));
}

/// Kubernetes tells of a Service called plex-linker so.
#[test]
fn the_address_of_a_service_is_no_port() {
    for address in ["tcp://10.0.0.1:8080", "udp://10.0.0.1:8080"] {
        let config = read(&[("PLEX_LINKER_PORT", address)]).unwrap();
        assert_eq!((config.serve.port, config.unknown), (8080, vec![]));
    }
    assert!(problem(&[("PLEX_LINKER_PORT", "http://10.0.0.1:8080")]).starts_with("PLEX_LINKER_PORT is"));
}

#[test]
fn the_daemon_has_its_own_variables() {
    let serve = read(&[]).unwrap().serve;
    assert_eq!((serve.host.to_string().as_str(), serve.port, serve.interval_minutes), ("::", 8080, 15));
    assert!(
        !serve.open_to_all && serve.api_key.is_none() && serve.allowed_hosts.is_empty() && serve.url_base.is_empty()
    );

    let serve = read(&[
        ("PLEX_LINKER_HOST", "[::1]"),
        ("PLEX_LINKER_PORT", "9"),
        ("PLEX_LINKER_SCAN_INTERVAL_MINUTES", "0"),
        ("PLEX_LINKER_AUTH", "none"),
        ("PLEX_LINKER_API_KEY", " 12345678\n"),
        ("PLEX_LINKER_ALLOWED_HOSTS", " A.example , b.example,"),
        ("PLEX_LINKER_URL_BASE", "a/b-c/"),
    ]);
    let serve = serve.unwrap().serve;
    assert_eq!((serve.host.to_string().as_str(), serve.port, serve.interval_minutes), ("::1", 9, 0));
    assert!(serve.open_to_all);
    assert_eq!(serve.api_key.unwrap().expose(), "12345678");
    assert_eq!(serve.allowed_hosts, ["a.example", "b.example"]);
    assert_eq!(serve.url_base, "/a/b-c");

    let wrong = [
        ("PLEX_LINKER_HOST", "nas"),
        ("PLEX_LINKER_PORT", "65536"),
        ("PLEX_LINKER_SCAN_INTERVAL_MINUTES", "-1"),
        ("PLEX_LINKER_AUTH", "off"),
        ("PLEX_LINKER_API_KEY", "1234567"),
        ("PLEX_LINKER_API_KEY", "12345678 9"),
        ("PLEX_LINKER_ALLOWED_HOSTS", "https://a.example"),
        ("PLEX_LINKER_URL_BASE", "/a/../b"),
        ("PLEX_LINKER_URL_BASE", "/a b"),
        ("PLEX_LINKER_URL_BASE", "/a//b"),
    ];
    for (name, value) in wrong {
        assert!(problem(&[(name, value)]).starts_with(name), "{name} {value}");
    }
    assert!(!problem(&[("PLEX_LINKER_API_KEY", "secret1")]).contains("secret1"));
}

#[test]
fn a_key_is_made_once_and_kept_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:///{}/rules.db", folder.path().display());
    let key = |more: &[(&str, &str)]| {
        let variables = [&[("DATABASE_URL", url.as_str())], more].concat();
        read(&variables).unwrap().api_key()
    };
    let made = key(&[]).unwrap().unwrap();
    assert!(made.expose().len() == 32 && made.expose().bytes().all(|b| b.is_ascii_hexdigit()), "{}", made.expose());
    assert_eq!(key(&[]).unwrap().unwrap(), made);
    let file = folder.path().join("plex_linker.key");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    assert_eq!(key(&[("PLEX_LINKER_API_KEY", "given-by-hand")]).unwrap().unwrap().expose(), "given-by-hand");
    assert!(key(&[("PLEX_LINKER_AUTH", "none")]).unwrap().is_none());
    fs::write(&file, "").unwrap();
    let problem = key(&[]).unwrap_err().to_string();
    assert!(problem.contains("it holds no key: remove it to have a new one made"), "{problem}");

    // a database elsewhere has it beside it only from before
    let state = folder.path().join("state");
    let there = [("STATE_DIRECTORY", state.to_str().unwrap())];
    fs::write(&file, made.expose()).unwrap();
    assert_eq!(key(&there).unwrap().unwrap(), made);
    assert!(!state.join("plex_linker.key").exists());
    fs::remove_file(&file).unwrap();
    let anew = key(&there).unwrap().unwrap();
    assert!(anew != made && !file.exists());
    assert_eq!(fs::metadata(state.join("plex_linker.key")).unwrap().permissions().mode() & 0o777, 0o600);
    fs::write(&file, made.expose()).unwrap();
    assert_eq!(key(&there).unwrap().unwrap(), anew);
}
