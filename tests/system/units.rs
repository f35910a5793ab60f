//! The units at work.

use super::nas::{LINK, Nas, on_each_release};

#[test]
fn the_daemon_makes_links_in_its_sandbox() {
    on_each_release(|root| {
        let nas = Nas::new(root);
        let machine = &nas.machine;
        nas.rule();
        machine.sh("systemctl start plex-linker");
        nas.gets_link();
        nas.world.assert(nas.world.posts().len() == 3, "the apps should be told");

        // who it is, and what it may
        let process = nas.process();
        let status = machine.sh(&format!("cat /proc/{process}/status"));
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.unwrap_or_else(|| machine.fail(&status)).split_whitespace().map(String::from).collect::<Vec<_>>()
        };
        let user = machine.sh("id -u plex-linker");
        machine.assert_same("its users", &field("Uid").join(" "), &[&*user; 4].join(" "));
        machine.assert_same("its groups", &machine.sh("id -Gn plex-linker"), "plex-linker media");
        assert_eq!(field("CapEff"), ["0000000000000000"]);
        assert_eq!(field("NoNewPrivs"), ["1"]);
        assert_eq!(field("Seccomp"), ["2"]);

        // the folder that it made is one that Sonarr can work in, also when the show's folder gives its group to what is in it
        let folder = LINK.rsplit_once('/').unwrap().0;
        machine.assert_same(
            "the specials folder",
            &machine.sh(&format!("stat --format='%U %G %a' '/mnt/media/{folder}'")),
            "plex-linker media 2775",
        );
        machine.assert_same(
            "its state",
            &machine.sh("stat --format='%U %G %a' /var/lib/plex-linker"),
            "plex-linker plex-linker 750",
        );
    });
}
