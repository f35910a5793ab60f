//! The one table of variables.

/// One variable of the environment, as `--help`, the README, the man page and the sample file tell it.
pub struct Variable {
    pub name: &'static str,
    /// What holds when it is not set; empty if nothing does.
    pub default: &'static str,
    pub help: &'static str,
}

/// Every variable there is. `SONARR_0_…` stands for any number, and for the plain form `SONARR_…`.
pub const VARIABLES: &[Variable] = &[
    var(
        "MEDIA_ROOT",
        "",
        "the folder that holds films and shows; without it nothing is done (also DOCKER_MEDIA_PATH, HOST_MEDIA_PATH)",
    ),
    var(
        "SONARR_0_URL",
        "",
        "where Sonarr answers, for example http://127.0.0.1:8989; further ones are SONARR_1_URL and so on",
    ),
    var(
        "SONARR_0_PUBLIC_URL",
        "",
        "where people reach Sonarr, for the links on the page, if it is not at SONARR_0_URL for them",
    ),
    var("SONARR_0_API_KEY", "", "Sonarr's key, from Settings, General"),
    var("SONARR_0_API_PATH", "/api/v3", "where Sonarr's API is below its URL"),
    var(
        "SONARR_0_PATH_MAP",
        "",
        "Sonarr's folders and what they are here, for example /tv=/mnt/media/tv,/anime=/mnt/media/anime",
    ),
    var(
        "SONARR_0_HEADERS",
        "",
        "headers for what stands in front of Sonarr, as NAME: VALUE, a bar between several; secret, as a key is",
    ),
    var("SONARR_0_TIMEOUT_SECONDS", "600", "how long Sonarr may take to list its library, 1 to 3600"),
    var(
        "SONARR_ROOT_PATH_PREFIX",
        "/",
        "without a fitting map: what is cut from the start of Sonarr's paths before they are put below MEDIA_ROOT",
    ),
    var(
        "RADARR_0_URL",
        "",
        "where Radarr answers, for example http://127.0.0.1:7878; further ones are RADARR_1_URL and so on",
    ),
    var(
        "RADARR_0_PUBLIC_URL",
        "",
        "where people reach Radarr, for the links on the page, if it is not at RADARR_0_URL for them",
    ),
    var("RADARR_0_API_KEY", "", "Radarr's key, from Settings, General"),
    var("RADARR_0_API_PATH", "/api/v3", "where Radarr's API is below its URL"),
    var("RADARR_0_PATH_MAP", "", "Radarr's folders and what they are here, for example /movies=/mnt/media/movies"),
    var(
        "RADARR_0_HEADERS",
        "",
        "headers for what stands in front of Radarr, as NAME: VALUE, a bar between several; secret, as a key is",
    ),
    var("RADARR_0_TIMEOUT_SECONDS", "600", "how long Radarr may take to list its library, 1 to 3600"),
    var(
        "RADARR_ROOT_PATH_PREFIX",
        "/",
        "without a fitting map: what is cut from the start of Radarr's paths before they are put below MEDIA_ROOT",
    ),
    var(
        "DATABASE_URL",
        "plex_linker.db in the state folder",
        "where the rules are: sqlite:////folder/file.db or postgresql://user:password@host/name",
    ),
    var(
        "STATE_DIRECTORY",
        "/var/lib/plex-linker, else plex-linker in the user's state folder",
        "the state folder: the key, and the default database with its lock",
    ),
    var(
        "PLEX_LINKER_SPECIALS_FOLDER",
        "auto",
        "the specials folder in a show's folder: \"auto\" takes Sonarr's own where Sonarr renames its files or has specials there, else \
         \"Season {season}\"; \"sonarr\" always Sonarr's own; or a name, which may have {season} in it",
    ),
    var(
        "PLEX_LINKER_CLEAN",
        "tree",
        "which broken links are removed: \"tree\" those to films anywhere below MEDIA_ROOT; \"daily\" the same, but looked for once a day, after \
         a change, and when somebody asks for a run, so that disks can sleep; \"links\" only our own, \"off\" none",
    ),
    var(
        "PLEX_LINKER_SUBTITLES",
        "on",
        "whether the subtitle files beside a film get links beside its link; with \"off\" there are no new ones, and those there are \
         go and move with the film's link",
    ),
    var(
        "PLEX_LINKER_UNMONITOR",
        "off",
        "\"on\": a special is unmonitored in Sonarr once its link stands, so that it is not fetched as well; what you change there then stays",
    ),
    var(
        "PLEX_LINKER_CA_FILE",
        "",
        "certificates (PEM) to trust besides the usual ones, for https with a certificate authority of your own",
    ),
    var(
        "PLEX_LINKER_CONFIG",
        "/etc/plex-linker/plex-linker.env if it is there",
        "a file of such variables, one KEY=VALUE a line; the environment goes before it; set to nothing there is none",
    ),
    var("PLEX_LINKER_LOG", "info", "how much is told: error, warn, info, debug or trace"),
    var(
        "PLEX_LINKER_NOTIFY_URL",
        "",
        "where news are sent: links that changed, what fails and when it is well again, rules that need you; secret, as a key is",
    ),
    var(
        "PLEX_LINKER_NOTIFY_FORMAT",
        "what the address looks like, else json",
        "in which form: ntfy, discord, slack, gotify, apprise or json",
    ),
    var(
        "PLEX_LINKER_NOTIFY_COMMAND",
        "",
        "a program that is started with the news in its environment, as NEWS_TITLE and NEWS_MESSAGE; without a shell; secret, as a key is",
    ),
    var(
        "PLEX_LINKER_PING_URL",
        "",
        "what is asked for after each run, with /fail at its end after one that failed, as healthchecks.io wants it; of Uptime Kuma \
         the push address; secret, as a key is",
    ),
    var("PLEX_LINKER_HOST", "[::]", "serve: the address to listen at; 127.0.0.1 is for this machine alone"),
    var("PLEX_LINKER_PORT", "8080", "serve: the port to listen at"),
    var(
        "PLEX_LINKER_SCAN_INTERVAL_MINUTES",
        "15",
        "serve: the minutes between two runs; with 0 there are only those asked for",
    ),
    var(
        "PLEX_LINKER_API_KEY",
        "one that is made at the first start; \"plex-linker key\" shows it",
        "serve: what lets other machines in to the page and the API",
    ),
    var(
        "PLEX_LINKER_AUTH",
        "key",
        "serve: \"none\" lets everybody in without the key, for those with a proxy in front that asks",
    ),
    var(
        "PLEX_LINKER_ALLOWED_HOSTS",
        "",
        "serve: the names in the address bar besides IP addresses, names without a dot, and those in local, lan, home.arpa and \
         internal; for example plex-linker.example.org",
    ),
    var(
        "PLEX_LINKER_URL_BASE",
        "",
        "serve: the path below which a reverse proxy shows the page, for example /plex-linker",
    ),
    var(
        "PLEX_LINKER_PUBLIC_URL",
        "found out",
        "where Radarr and Sonarr reach the page, for their webhooks, for example http://plex-linker:8080",
    ),
    var(
        "PUID",
        "with the package's file of variables, the owner of /var/lib/plex-linker, else of MEDIA_ROOT, or of the folders in it",
        "started as root outside systemd: the user to become, a number",
    ),
    var("PGID", "the user's own group", "started as root outside systemd: the group to become, a number"),
    var("UMASK", "", "started as root outside systemd: the umask for folders that are made, for example 002"),
];

const fn var(name: &'static str, default: &'static str, help: &'static str) -> Variable {
    Variable { name, default, help }
}
