//! A machine as its owner has it: films and shows in /mnt/media, a Radarr and a Sonarr that see them at /movies and /tv, and
//! plex-linker from its package.

use std::{net::SocketAddr, path::Path};

use super::{
    debian,
    machine::{Machine, said},
};
use crate::support::{daemon, port, rules, skip, world::World};

pub const CONFIGURATION: &str = "/etc/plex-linker/plex-linker.env";
pub const LINK: &str = "tv/A Show/Season 00/A Show - S00E01 - The Special Bluray-1080p.mkv";
const TARGET: &str = "../../../movies/A Film (2000)/A Film.mkv";

pub struct Nas {
    pub world: World,
    pub machine: Machine,
    /// Where its daemon listens: its network is ours.
    address: SocketAddr,
}

/// Does a test on each release of Debian that is tried; where containers cannot be, says so.
pub fn on_each_release(test: impl Fn(&Path)) {
    match debian::roots() {
        Ok(roots) => roots.iter().for_each(|root| test(root)),
        Err(reason) => skip(&format!("units and packages were not tried under a real systemd: {reason}")),
    }
}

/// The Debian package that `make deb` built, as the machine sees it.
pub fn deb() -> String {
    format!("/repository/dist/plex-linker_{}_$(dpkg --print-architecture).deb", env!("CARGO_PKG_VERSION"))
}

impl Nas {
    /// One film and one show; plex-linker is installed and configured, has a rule for them, and does not run.
    pub fn new(root: &Path) -> Nas {
        let nas = Nas::bare(root);
        nas.machine.sh(&format!("dpkg --install {}", deb()));
        nas.configure();
        nas
    }

    /// The same without plex-linker.
    pub fn bare(root: &Path) -> Nas {
        let world = World::with_app_roots("/tv", "/movies");
        world.movie("A Film", 5).file("movies/A Film (2000)/A Film.mkv", "Bluray-1080p");
        world.series("A Show", 6).special(1, "The Special");
        let machine = Machine::boot(root, &world.media());
        // media belong to a group, which folders made in them have too: so Sonarr's and Radarr's documents want it
        machine.sh("groupadd media; chgrp -R media /mnt/media; find /mnt/media -type d -exec chmod 2775 {} +");
        Nas { world, machine, address: port::unused() }
    }

    /// What its owner does after the installation.
    #[track_caller]
    pub fn configure(&self) {
        let app = |name: &str| self.world.variable(name).unwrap();
        for (name, value) in [
            ("MEDIA_ROOT", "/mnt/media"),
            ("SONARR_0_URL", &app("SONARR_0_URL")),
            ("SONARR_0_API_KEY", &app("SONARR_0_API_KEY")),
            ("SONARR_0_PATH_MAP", "/tv=/mnt/media/tv"),
            ("RADARR_0_URL", &app("RADARR_0_URL")),
            ("RADARR_0_API_KEY", &app("RADARR_0_API_KEY")),
            ("RADARR_0_PATH_MAP", "/movies=/mnt/media/movies"),
        ] {
            self.set(name, value);
        }
        self.listen();
        self.rule("A Film", 5, 1);
    }

    /// Says where the daemon listens, so that many of these can be at once.
    pub fn listen(&self) {
        self.set("PLEX_LINKER_HOST", "127.0.0.1");
        self.set("PLEX_LINKER_PORT", &self.address.port().to_string());
    }

    /// Sets a variable in the package's file.
    pub fn set(&self, name: &str, value: &str) {
        self.machine.sh(&format!("sed -i '/^{name}=/d' {CONFIGURATION}; echo '{name}={value}' >>{CONFIGURATION}"));
    }

    /// Adds a rule: this film is the show's special of this number.
    #[track_caller]
    pub fn rule(&self, movie_title: &str, tmdb_id: i32, episode: i32) {
        let rule = rules::wish(movie_title, tmdb_id, "A Show", episode);
        let words: Vec<_> = rules::arguments(&rule).iter().map(|word| format!("'{word}'")).collect();
        self.machine.sh(&format!("plex-linker {}", words.join(" ")));
    }

    pub fn has_link(&self) -> bool {
        self.world.links() == [(LINK.to_string(), TARGET.to_string())]
    }

    #[track_caller]
    pub fn gets_link(&self) {
        self.machine.wait_until("the link should stand", || self.has_link());
    }

    /// The number of the daemon's process, as the machine counts.
    pub fn process(&self) -> String {
        self.machine.property("plex-linker", "MainPID")
    }

    pub fn is_well(&self) -> bool {
        daemon::ask(self.address, "GET", "/health", &[], "").is_some_and(|answer| answer.body == "ok")
    }

    /// Another process than this one should be the daemon.
    #[track_caller]
    pub fn comes_back(&self, process: &str) {
        let back = || self.is_well() && ![process, "0"].contains(&&*self.process());
        self.machine.wait_until("the daemon should come back", back);
    }

    /// Other settings for a unit, as `systemctl edit` makes them.
    pub fn drop_in(&self, unit: &str, text: &str) {
        let folder = format!("/etc/systemd/system/{unit}.d");
        self.machine.sh(&format!("mkdir -p {folder}; printf '{text}' >{folder}/test.conf; systemctl daemon-reload"));
    }

    /// What the program wrote to the journal as this unit: priorities and texts.
    pub fn journal(&self, unit: &str) -> Vec<(u8, String)> {
        let lines = self.machine.sh(&format!("journalctl --unit={unit} --output=json SYSLOG_IDENTIFIER=plex-linker"));
        let entry = |line: &str| {
            let entry: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| entry[name].as_str().unwrap_or_default().to_string();
            (text("PRIORITY").parse().unwrap(), text("MESSAGE"))
        };
        lines.lines().map(entry).collect()
    }

    /// Everything about every path of the media tree but the times at which it was read.
    pub fn media(&self) -> String {
        self.machine.sh("find /mnt/media -printf '%i %y %m %U %G %s %T@ %p %l\\n' | sort")
    }

    /// What `dpkg` or `rpm` says; it must succeed.
    #[track_caller]
    pub fn package(&self, command: &str) -> String {
        let output = self.machine.try_sh(command);
        self.machine.assert(output.status.success(), &format!("{command}\n{}", said(&output)));
        said(&output)
    }

    /// A first installation has said two lines about what to do next, and nothing is started or enabled.
    #[track_caller]
    pub fn waits_for_its_owner(&self, said: &str) {
        let told = said.lines().filter(|line| line.starts_with("plex-linker: ")).count();
        self.machine.assert(told == 2, &format!("two lines should tell what to do next:\n{said}"));
        let states = "systemctl is-active plex-linker plex-linker-once plex-linker.timer
            systemctl is-enabled plex-linker plex-linker.timer";
        let states = self.machine.sh(&format!("({states}) || true")).replace('\n', " ");
        self.machine.assert_same("the units", &states, "inactive inactive inactive disabled disabled");
        let file = self.machine.sh(&format!("stat --format='%U %G %a' {CONFIGURATION} /var/lib/plex-linker"));
        self.machine.assert_same("who may", &file, "root plex-linker 640\nplex-linker plex-linker 750");
    }
}
