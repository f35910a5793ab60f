//! The RPM package with its scriptlets. The machine is a Debian: what they call is there, the packages they depend upon are none.

use super::nas::{CONFIGURATION, Nas, on_each_release};

#[test]
fn it_is_installed_upgraded_and_removed() {
    on_each_release(|root| {
        let nas = Nas::bare(root);
        let machine = &nas.machine;
        let file = format!("/repository/dist/plex-linker-{}-1.$(uname -m).rpm", env!("CARGO_PKG_VERSION"));
        let said = nas.package(&format!("rpm --install --nodeps {file}"));
        nas.waits_for_its_owner(&said);
        nas.configure();
        machine.sh("systemctl enable --now plex-linker");
        nas.gets_link();
        let (media, process) = (nas.media(), nas.process());

        // the same version over itself goes the way of an upgrade
        nas.package(&format!("rpm --upgrade --force --nodeps {file}"));
        nas.comes_back(&process);
        machine.sh(&format!("plex-linker rules list | grep 'A Film'; grep ^MEDIA_ROOT= {CONFIGURATION}"));

        nas.package("rpm --erase plex-linker");
        machine.assert(!nas.is_well(), "the daemon should be stopped");
        machine.sh(&format!("test ! -e /usr/bin/plex-linker; grep ^MEDIA_ROOT= {CONFIGURATION}.rpmsave"));
        machine.sh("test -s /var/lib/plex-linker/plex_linker.db; test ! -e /etc/systemd/system/multi-user.target.wants/plex-linker.service");
        machine.assert_same("the media", &nas.media(), &media);
    });
}
