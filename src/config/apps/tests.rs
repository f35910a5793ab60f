//! The apps' variables, and what is said of wrong ones.

use crate::config::{
    Environment,
    tests::{problem, read},
};

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
fn what_is_set_for_an_instance_behind_the_last_one_is_refused() {
    let first = [("RADARR_0_URL", "http://a"), ("RADARR_0_API_KEY", "k")];
    for (name, value) in [
        ("RADARR_2_URL", "http://b"),
        ("RADARR_1_PATH_MAP", "/a=/b"),
        ("RADARR_1_API_KEY", "l"),
        ("RADARR_7_API_KEY_FILE", "/x"),
        ("RADARR_1_TIMEOUT_SECONDS", "9"),
    ] {
        let said = problem(&[&first[..], &[(name, value)]].concat());
        let expected = format!("{name} is set but RADARR_1_URL is not: number the instances from 0 without a gap");
        assert_eq!(said, expected);
        assert!(read(&[&first[..], &[(name, " ")]].concat()).is_ok(), "{name}");
    }
    assert!(problem(&[("SONARR_1_URL", "http://a")]).starts_with("SONARR_1_URL is set but SONARR_0_URL is not"));
    // the key may be there before the rest is
    assert!(read(&[("SONARR_0_API_KEY", "k")]).is_ok());
    // and others have such names
    assert!(read(&[("SONARR_1_PORT_8989_TCP", "x"), ("SONARR_9", "x")]).is_ok());
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
fn people_may_reach_an_app_elsewhere() {
    let public = |variables: &[(&str, &str)]| {
        let known = [("SONARR_URL", "http://sonarr:8989/tv/"), ("SONARR_API_KEY", "k")];
        let all: Vec<_> = known.iter().chain(variables).copied().collect();
        read(&all).map(|config| config.sonarr[0].public_url.clone())
    };
    assert_eq!(public(&[]).unwrap(), "http://sonarr:8989/tv");
    for name in ["SONARR_PUBLIC_URL", "SONARR_0_PUBLIC_URL"] {
        assert_eq!(public(&[(name, "https://tv.example/")]).unwrap(), "https://tv.example");
        for wrong in ["tv.example", "javascript:alert(1)", "https://me:secret@tv.example"] {
            let said = public(&[(name, wrong)]).unwrap_err().to_string();
            assert!(said.starts_with(name) && !said.contains("secret"), "{said}");
        }
    }
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
fn a_path_map_may_have_any_folder_on_either_side() {
    let cases: [(&str, &[(&str, &str)]); 8] = [
        ("/=/mnt/media", &[("/", "/mnt/media")]),
        ("D:/=/mnt/d,E:=/mnt/e", &[("D:/", "/mnt/d"), ("E:", "/mnt/e")]),
        ("/tv, old=/mnt/tv, old", &[("/tv, old", "/mnt/tv, old")]),
        ("/tv,D:/TV=/mnt/tv", &[]),
        ("/tv=/mnt/tv,D:\\TV=/mnt/d", &[("/tv", "/mnt/tv"), ("D:\\TV", "/mnt/d")]),
        ("/tv=/mnt/tv, \\\\nas\\tv=/mnt/nas", &[("/tv", "/mnt/tv"), ("\\\\nas\\tv", "/mnt/nas")]),
        ("/a=b;c=/mnt/a;b", &[("/a=b;c", "/mnt/a;b")]),
        ("//nas/tv = /mnt/tv ,, ", &[("//nas/tv", "/mnt/tv")]),
    ];
    for (text, expected) in cases {
        let read = read(&[("SONARR_URL", "http://h"), ("SONARR_API_KEY", "k"), ("SONARR_PATH_MAP", text)]);
        let maps = read.map(|config| config.sonarr[0].paths.maps.clone()).unwrap_or_default();
        let maps: Vec<_> = maps.iter().map(|map| (map.app.as_str(), map.local.to_str().unwrap())).collect();
        assert_eq!(maps, expected, "{text}");
    }
}

#[test]
fn a_path_map_that_could_never_serve_is_refused() {
    let (form, lost) = ("each entry must be", "a backslash of it got lost");
    let cases = [
        ("tv=/mnt/tv", form),
        ("=/mnt/tv", form),
        ("/tv", form),
        ("/tv=/mnt/tv,anime=/mnt/anime", form),
        ("/tv=/mnt/tv /anime=/mnt/anime", form),
        ("/tv=/mnt/tv|/anime=/mnt/anime", form),
        ("/tv=/mnt/tv\n/anime=/mnt/anime", form),
        ("/tv=mnt/tv", "it must be a whole path"),
        ("/tv=D:/tv", "it must be a whole path"),
        ("/tv=/mnt/../tv", "it must be a whole path"),
        ("/tv=/", "it is the whole machine"),
        ("/tv=/mnt/tv;/anime=/mnt/anime", "commas between them, not semicolons"),
        ("/tv=/mnt/tv; D:/anime=/mnt/anime", "commas between them, not semicolons"),
        ("/tv=/mnt/tv;", "commas between them, not semicolons"),
        ("\"/tv=/mnt/tv\"", "it has quotes in it"),
        ("'/tv'=/mnt/tv", "it has quotes in it"),
        ("/tv=\"/mnt/tv\"", "it has quotes in it"),
        ("/tv=/mnt/tv,\"/anime=/mnt/anime\"", "it has quotes in it"),
        ("D:TV=/mnt/tv", lost),
        ("\\nas\\tv=/mnt/tv", lost),
        ("/tv=/mnt/tv,/tv=/mnt/other", "it has /tv twice"),
    ];
    for (text, expected) in cases {
        for index in 0..2 {
            let name = format!("SONARR_{index}_PATH_MAP");
            let instances = [("SONARR_0_URL", "http://h"), ("SONARR_0_API_KEY", "k"), ("SONARR_1_URL", "http://i")];
            let said = problem(&[&instances[..], &[("SONARR_1_API_KEY", "k"), (&name, text)]].concat());
            assert!(said.starts_with(&format!("{name} is ")) && said.contains(expected), "{text}: {said}");
        }
    }
}

#[test]
fn a_map_in_a_file_that_loses_a_backslash_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("env");
    let read = |value: &str| {
        let others = "SONARR_0_URL=http://h\nSONARR_0_API_KEY=k\nDATABASE_URL=sqlite:////nowhere/x.db";
        std::fs::write(&file, format!("{others}\nSONARR_0_PATH_MAP={value}\n")).unwrap();
        Environment::new([], Some(&file)).unwrap().config()
    };
    let lost = [
        r"D:\TV=/tv",
        r"\\nas\tv=/tv",
        r"\\nas/tv=/tv",
        r#""\\nas/tv=/tv""#,
        r"/a=/b,D:\TV=/tv",
        r"/a=/b, \\nas/tv=/tv",
    ];
    for value in lost {
        let said = read(value).unwrap_err();
        assert!(said.exit_code() == 2 && said.to_string().starts_with("SONARR_0_PATH_MAP is "), "{value}: {said}");
    }
    let kept = [
        (r"D:/TV=/tv", "D:/TV"),
        (r"'D:\TV=/tv'", r"D:\TV"),
        (r#""D:\TV=/tv""#, r"D:\TV"),
        (r"D:\\TV=/tv", r"D:\TV"),
        (r"\\\\nas\\tv=/tv", r"\\nas\tv"),
        (r"'\\nas\tv=/tv'", r"\\nas\tv"),
        (r"//nas/tv=/tv", "//nas/tv"),
        (r"/My\ Shows=/tv", "/My Shows"),
    ];
    for (value, meant) in kept {
        assert_eq!(read(value).unwrap().sonarr[0].paths.maps[0].app, meant, "{value}");
    }
}

#[test]
fn headers_are_read_in_pairs_and_never_shown() {
    let read_with = |text: &str| read(&[("SONARR_URL", "http://h"), ("SONARR_API_KEY", "k"), ("SONARR_HEADERS", text)]);
    let config = read_with("Authorization: Basic dTpwOnE= | X-Token:a b\n\nCF-Access: c|").unwrap();
    let headers = &config.sonarr[0].headers;
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
    assert_eq!(headers, [("Authorization", "Basic dTpwOnE="), ("X-Token", "a b"), ("CF-Access", "c")]);
    assert!(!format!("{config:?}").contains("dTpwOnE="));
    for text in ["hidden", "hidden:", ": hidden", "a b: hidden", "a: hid\u{e4}den", "Host: hidden", "x-api-KEY: hidden"]
    {
        let said = read_with(text).unwrap_err().to_string();
        assert!(said.starts_with("SONARR_0_HEADERS ") && !said.contains("hid"), "{said}");
    }
}

#[test]
fn the_time_for_a_list_can_be_set() {
    let timeout = |more: &[(&str, &str)]| {
        let app = [("RADARR_URL", "http://h"), ("RADARR_API_KEY", "k")];
        read(&[&app, more].concat()).map(|config| config.radarr[0].timeout.as_secs())
    };
    assert_eq!(timeout(&[]).unwrap(), 600);
    assert_eq!(timeout(&[("RADARR_TIMEOUT_SECONDS", "1")]).unwrap(), 1);
    assert_eq!(timeout(&[("RADARR_0_TIMEOUT_SECONDS", "3600")]).unwrap(), 3600);
    for wrong in ["0", "3601", "-1", "30s"] {
        let said = timeout(&[("RADARR_0_TIMEOUT_SECONDS", wrong)]).unwrap_err().to_string();
        assert!(said.ends_with("it must be a number of seconds from 1 to 3600"), "{said}");
    }
}
