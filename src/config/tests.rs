//! What the variables mean, and what is said of wrong ones.

use std::{fs, path::Path};

use super::*;

/// The configuration from these variables, with a database that needs no state folder.
fn read(variables: &[(&str, &str)]) -> Result<Config> {
    let env = |name: &str| {
        let found = variables.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value.to_string());
        found.or_else(|| (name == "DATABASE_URL").then(|| "sqlite:////nowhere/x.db".to_string()))
    };
    Source::new(&env, None)?.config()
}

fn problem(variables: &[(&str, &str)]) -> String {
    match read(variables) {
        Err(problem @ Error::Config(_)) => problem.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn plain_and_numbered_forms_name_the_same_instance() {
    let plain = read(&[("SONARR_URL", "http://h:1"), ("SONARR_API_KEY", "k")]).unwrap();
    let numbered = read(&[("SONARR_0_URL", "http://h:1/"), ("SONARR_0_API_KEY", " k\n")]).unwrap();
    for config in [plain, numbered] {
        assert_eq!(config.sonarr.len(), 1);
        assert_eq!((config.sonarr[0].name.as_str(), config.sonarr[0].url.as_str()), ("sonarr", "http://h:1"));
        assert_eq!(config.sonarr[0].api_key.expose(), "k");
        assert_eq!(config.sonarr[0].api_path, "/api/v3");
    }
}

#[test]
fn further_instances_follow_by_number_without_a_gap() {
    let both =
        [("RADARR_URL", "http://a"), ("RADARR_API_KEY", "k"), ("RADARR_1_URL", "http://b"), ("RADARR_1_API_KEY", "l")];
    let config = read(&both).unwrap();
    let names: Vec<_> = config.radarr.iter().map(|app| app.name.as_str()).collect();
    assert_eq!(names, ["radarr", "radarr 1"]);
    assert!(
        problem(&[("RADARR_URL", "http://a"), ("RADARR_API_KEY", "k"), ("RADARR_1_URL", "http://b")])
            .contains("RADARR_1_API_KEY")
    );
}

#[test]
fn a_url_keeps_its_base_and_loses_what_we_add_ourselves() {
    let cases = [
        ("http://host/sonarr/", "http://host/sonarr"),
        ("http://host:8989/api/v3", "http://host:8989"),
        ("https://host/sonarr/api/v3/", "https://host/sonarr"),
        ("http://[::1]:8989", "http://[::1]:8989"),
        ("http://[::1]/x", "http://[::1]/x"),
    ];
    for (text, expected) in cases {
        let config = read(&[("SONARR_URL", text), ("SONARR_API_KEY", "k")]).unwrap();
        assert_eq!(config.sonarr[0].url, expected);
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
fn path_maps_are_read_in_order() {
    let map = "/tv=/mnt/media/tv/, D:\\Movies=/mnt/media/movies,";
    let config = read(&[("RADARR_URL", "http://h"), ("RADARR_API_KEY", "k"), ("RADARR_0_PATH_MAP", map)]).unwrap();
    let maps: Vec<_> =
        config.radarr[0].paths.maps.iter().map(|map| (map.app.as_str(), map.local.to_str().unwrap())).collect();
    assert_eq!(maps, [("/tv", "/mnt/media/tv"), ("D:\\Movies", "/mnt/media/movies")]);
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
    assert_eq!(credentials(Path::new(folder)), [("SONARR_1_API_KEY".into(), "ofroots".into())].into());
    assert_eq!(credentials(Path::new("/nowhere")), HashMap::new());
    assert_eq!(key(&[("SONARR_0_API_KEY", "set"), ("SONARR_0_API_KEY_FILE", file)]).unwrap(), "set");
    assert!(
        key(&[("SONARR_0_API_KEY_FILE", "/nowhere/key")]).unwrap_err().to_string().contains("SONARR_0_API_KEY_FILE")
    );
}

#[test]
fn the_environment_goes_before_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plex-linker.env");
    fs::write(&file, "MEDIA_ROOT=/from/file\nPLEX_LINKER_CLEAN=links\nDATABASE_URL=sqlite:////nowhere/x.db\n").unwrap();
    let env = |name: &str| (name == "MEDIA_ROOT").then(|| "/from/env".to_string());
    let config = Source::new(&env, Some(&file)).unwrap().config().unwrap();
    assert_eq!((config.media_root, config.clean), (Some("/from/env".into()), Clean::Links));
    let missing = Source::new(&env, Some(Path::new("/nowhere/file"))).err().unwrap().to_string();
    assert!(missing.contains("/nowhere/file"), "{missing}");
}

#[test]
fn the_default_database_is_in_the_state_folder_which_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state/plex-linker");
    let env = |name: &str| (name == "STATE_DIRECTORY").then(|| state.to_str().unwrap().to_string());
    let config = Source::new(&env, None).unwrap().config().unwrap();
    assert!(matches!(&config.database, Database::Sqlite(file) if *file == state.join("plex_linker.db")));
    assert_eq!(config.lock_file, state.join("plex_linker.db.lock"));
    assert!(state.is_dir());
}

#[test]
fn a_secret_is_not_shown() {
    let config = read(&[("SONARR_URL", "http://h"), ("SONARR_API_KEY", "hidden")]).unwrap();
    assert!(!format!("{config:?}").contains("hidden"));
}

#[test]
fn the_daemon_has_its_own_variables() {
    let serve = read(&[]).unwrap().serve;
    assert_eq!((serve.host.to_string().as_str(), serve.port, serve.interval_minutes), ("0.0.0.0", 8080, 15));
    assert!(
        !serve.open_to_all && serve.api_key.is_none() && serve.allowed_hosts.is_empty() && serve.url_base.is_empty()
    );

    let serve = read(&[
        ("PLEX_LINKER_HOST", "::1"),
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
}
