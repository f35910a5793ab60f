//! A machine as its owner has set it up: plex-linker installed and configured, films and shows in /mnt/media, a Radarr and a Sonarr
//! that see them at /movies and /tv.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::Output,
};

use plex_linker::model::NewRule;

use super::{debian, machine::Machine};
use crate::support::{daemon, rules, skip, world::World};

pub const CONFIGURATION: &str = "/etc/plex-linker/plex-linker.env";

pub struct Nas {
    pub world: World,
    pub machine: Machine,
    /// Where its daemon listens: its network is ours.
    pub address: SocketAddr,
}

/// Does a test on each release of Debian that is tried; where containers cannot be, says so.
pub fn on_each_release(test: impl Fn(&Path)) {
    match debian::roots() {
        Ok(roots) => roots.iter().for_each(|root| test(root)),
        Err(reason) => skip(&format!("units and packages were not tried under a real systemd: {reason}")),
    }
}

impl Nas {
    /// One film and one show, and no rule yet. Nothing runs.
    pub fn new(root: &Path) -> Nas {
        let world = World::with_app_roots("/tv", "/movies");
        world.movie("A Film", 5).file("movies/A Film (2000)/A Film.mkv", "Bluray-1080p");
        world.series("A Show", 6).special(1, "The Special");
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let machine = Machine::boot(root, &[(&world.media(), "/mnt/media"), (repository, "/repository")]);
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let nas = Nas { world, machine, address: free.local_addr().unwrap() };
        // the shows belong to a group, as Sonarr's and Plex's documents say, and what is made in them too
        nas.machine.sh("groupadd media; chgrp -R media /mnt/media; find /mnt/media -type d -exec chmod 2775 {} +");
        nas.install();
        nas.configure();
        nas
    }

    fn install(&self) {
        self.machine.sh(
            "install /repository/dist/$(uname -m)-unknown-linux-musl/plex-linker /usr/bin/
            install -m 644 /repository/systemd/plex-linker*.service /repository/systemd/plex-linker.timer /usr/lib/systemd/system/
            install -m 644 /repository/systemd/plex-linker.sysusers /usr/lib/sysusers.d/plex-linker.conf
            install -m 644 -D /repository/packaging/plex-linker.env /etc/plex-linker/plex-linker.env
            systemd-sysusers plex-linker.conf; systemctl daemon-reload; usermod -aG media plex-linker",
        );
    }

    /// What the README says that one should write into the file that the package brings.
    pub fn configure(&self) {
        let app = |name: &str| self.world.variable(name).unwrap();
        self.machine.sh(&format!(
            "cat >>{CONFIGURATION} <<'EOF'
MEDIA_ROOT=/mnt/media
SONARR_0_URL={}
SONARR_0_API_KEY={}
SONARR_0_PATH_MAP=/tv=/mnt/media/tv
RADARR_0_URL={}
RADARR_0_API_KEY={}
RADARR_0_PATH_MAP=/movies=/mnt/media/movies
PLEX_LINKER_HOST=127.0.0.1
PLEX_LINKER_PORT={}
EOF",
            app("SONARR_0_URL"),
            app("SONARR_0_API_KEY"),
            app("RADARR_0_URL"),
            app("RADARR_0_API_KEY"),
            self.address.port()
        ));
    }

    /// The program as its owner types it, by the daemon's user.
    pub fn plex_linker(&self, words: &[&str]) -> Output {
        let words: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
        self.machine
            .try_sh(&format!("runuser -u plex-linker -- plex-linker --config {CONFIGURATION} {}", words.join(" ")))
    }

    /// Makes the rule for the film.
    #[track_caller]
    pub fn rule(&self) {
        let rule = NewRule {
            movie_title: "A Film".into(),
            tmdb_id: 5,
            show_name: "A Show".into(),
            episode: Some(1),
            ..NewRule::default()
        };
        let words = rules::arguments(&rule);
        let output = self.plex_linker(&words.iter().map(String::as_str).collect::<Vec<_>>());
        self.machine.assert(output.status.success(), &super::machine::said(&output));
    }

    pub fn has_link(&self) -> bool {
        self.world.links() == [(LINK.to_string(), TARGET.to_string())]
    }

    #[track_caller]
    pub fn gets_link(&self) {
        self.machine.wait_until("the link should stand", || self.has_link());
    }

    /// The daemon's number, as the container counts.
    pub fn process(&self) -> String {
        self.machine.property("plex-linker", "MainPID")
    }

    pub fn is_well(&self) -> bool {
        daemon::ask(self.address, "GET", "/health", &[], "").is_some_and(|answer| answer.body == "ok")
    }

    /// Another setting for a unit, as `systemctl edit` makes it.
    pub fn drop_in(&self, unit: &str, text: &str) {
        self.machine.write(&format!("/etc/systemd/system/{unit}.d/test.conf"), text);
        self.machine.sh("systemctl daemon-reload");
    }

    /// What the units wrote to the journal, as (priority, text).
    pub fn journal(&self, unit: &str) -> Vec<(u8, String)> {
        let lines = self.machine.sh(&format!("journalctl --unit={unit} --output=json _COMM=plex-linker"));
        let entry = |line: &str| {
            let entry: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| entry[name].as_str().unwrap_or_default().to_string();
            (text("PRIORITY").parse().unwrap(), text("MESSAGE"))
        };
        lines.lines().map(entry).collect()
    }
}

pub const LINK: &str = "tv/A Show/Season 00/A Show - S00E01 - The Special Bluray-1080p.mkv";
const TARGET: &str = "../../../movies/A Film (2000)/A Film.mkv";
