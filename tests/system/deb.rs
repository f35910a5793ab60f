//! The Debian package, from its installation to its purge.

use super::nas::{CONFIGURATION, Nas, deb, on_each_release};

/// Everything of ours outside of the media.
const OURS: &str =
    "find / /run -xdev -path /repository -prune -o -path /mnt/media -prune -o -name '*plex?linker*' -print";

#[test]
fn it_is_installed_upgraded_removed_and_purged() {
    on_each_release(|root| {
        let nas = Nas::bare(root);
        let machine = &nas.machine;
        let said = nas.package(&format!("dpkg --install {}", deb()));
        nas.waits_for_its_owner(&said);
        nas.configure();
        machine.sh("systemctl enable --now plex-linker");
        nas.gets_link();
        let media = nas.media();

        // a higher version of the same
        let configuration = machine.sh(&format!("sha256sum {CONFIGURATION}; stat --format='%U %G %a' {CONFIGURATION}"));
        let process = nas.process();
        machine.sh(&format!(
            "cd /srv; dpkg-deb --raw-extract {} package; sed -i 's/^Version: .*/&+1/' package/DEBIAN/control
            echo '# new' >>package{CONFIGURATION}; dpkg-deb -Zgzip -z1 --build package higher.deb; rm -r package",
            deb()
        ));
        nas.package("dpkg --force-confold --install /srv/higher.deb");
        nas.comes_back(&process);
        let kept = machine.sh(&format!("sha256sum {CONFIGURATION}; stat --format='%U %G %a' {CONFIGURATION}"));
        machine.assert_same("the configuration", &kept, &configuration);
        machine.sh("plex-linker rules list | grep 'A Film'; dpkg-query --show plex-linker | grep '+1$'");

        // removed: it stands still, and all data is there
        nas.package("dpkg --remove plex-linker");
        machine.assert(!nas.is_well(), "the daemon should be stopped");
        machine.sh(&format!(
            "test ! -e /usr/bin/plex-linker; test -s /var/lib/plex-linker/plex_linker.db; test -s {CONFIGURATION}"
        ));

        // and it goes on as before when it is back
        nas.package(&format!("dpkg --force-confold --install {}", deb()));
        machine.wait_until("the daemon should run again", || nas.is_well());
        machine.sh("systemctl is-enabled plex-linker; plex-linker rules list | grep 'A Film'");

        nas.package("dpkg --purge plex-linker");
        machine.assert(!nas.is_well(), "the daemon should be stopped");
        machine.assert_same("what is left", &machine.sh(OURS), "");
        machine.assert_same("the media", &nas.media(), &media);
    });
}

#[test]
fn what_did_not_run_is_not_started_by_an_upgrade() {
    on_each_release(|root| {
        let nas = Nas::new(root);
        nas.machine.sh("systemctl enable --now plex-linker.timer");
        nas.package(&format!("dpkg --install {}", deb()));
        let states = nas.machine.sh("systemctl is-active plex-linker.timer plex-linker || true").replace('\n', " ");
        nas.machine.assert_same("the timer and the daemon", &states, "active inactive");
    });
}

#[test]
fn one_command_leads_from_the_installation_to_the_first_link() {
    on_each_release(|root| {
        let nas = Nas::bare(root);
        let (machine, world) = (&nas.machine, &nas.world);
        world.known_movie(5).edit(|movie| {
            movie.title = "A Show: The Special".into();
            movie.in_cinemas = Some("2007-11-27T00:00:00Z".into());
            movie.runtime = 90;
        });
        world.known_series(6).edit(|show| show.episodes[0].air_date = Some("2007-11-27".into()));
        machine.sh(&format!("dpkg --install {}; groupadd films; chgrp -R films /mnt/media", deb()));
        nas.listen();
        // one from a package, one in a container that keeps its files in a home
        for (file, app) in
            [("/var/lib/sonarr/config.xml", &*world.sonarr), ("/home/anna/docker/radarr/config.xml", &*world.radarr)]
        {
            let (port, key) = (app.address().port(), app.key());
            let xml = format!("<Config><Port>{port}</Port><ApiKey>{key}</ApiKey><BindAddress>*</BindAddress></Config>");
            machine.sh(&format!("install -D -m 600 /dev/null {file}; echo '{xml}' >{file}"));
        }
        let said = machine.sh("plex-linker setup --yes");
        let told = said.contains("Radarr's folder /movies is /mnt/media/movies here: 1 of 1");
        machine.assert(told, &format!("it should say what it found:\n{said}"));
        nas.gets_link();
        let settings = machine
            .sh(&format!("grep -E '^(MEDIA|[A-Z0-9_]*MAP)' {CONFIGURATION}; stat --format='%U %G %a' {CONFIGURATION}"));
        machine.assert_same("the settings", &settings, "MEDIA_ROOT=/mnt/media\nroot plex-linker 640");
        let states =
            machine.sh("systemctl is-active plex-linker; systemctl is-enabled plex-linker; id -nG plex-linker");
        machine.assert_same("the unit and its user's groups", &states, "active\nenabled\nplex-linker media films");
        machine.wait_until("the daemon should answer", || nas.is_well());
        machine.sh("plex-linker health");

        // again: nothing to write, and nothing but a restart
        let sum = machine.sh(&format!("sha256sum {CONFIGURATION}"));
        machine.sh("plex-linker setup --yes");
        machine.assert_same("the settings", &machine.sh(&format!("sha256sum {CONFIGURATION}")), &sum);
        machine.wait_until("the daemon should answer", || nas.is_well());
    });
}
