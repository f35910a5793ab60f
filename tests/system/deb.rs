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
