//! How the apps' hosts are found.

use crate::support::{postgres, scene::linked, skip};

/// In a machine of its own that has no `/etc/hosts` to speak of, and no name server.
#[test]
fn localhost_is_this_machine_whatever_etc_hosts_says() {
    if !nix::unistd::geteuid().is_root() {
        return skip("a machine without /etc/hosts was not tried: it needs root");
    }
    let world = linked();
    for app in ["SONARR_0_URL", "RADARR_0_URL"] {
        let url = world.variable(app).unwrap();
        assert!(url.contains("//127.0.0.1:"), "{url}");
        world.set(app, &url.replace("127.0.0.1", "LocalHost"));
    }
    let hide = "for file in hosts resolv.conf; do mount --bind /dev/null /etc/$file || exit 9; done; exec \"$@\"";
    let run = |words: &[&str]| {
        world.finish(world.command_below(&["unshare", "--mount", "sh", "-c", hide, "sh"], words)).succeeds()
    };
    run(&["once"]).says("nothing changed");
    run(&["connect", "--dry-run"]).says("http://127.0.0.1:");
    let database = postgres::database();
    assert!(database.contains("@127.0.0.1:"), "{database}");
    world.set("DATABASE_URL", &database.replace("127.0.0.1", "localhost"));
    run(&["rules", "list"]);
}
