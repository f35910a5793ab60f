//! The timer at work, alone and beside the daemon.

use super::nas::{LINK, Nas, on_each_release};
use crate::support::http::Fault;

const SHORT: &str =
    "[Timer]\\nOnActiveSec=\\nOnActiveSec=1s\\nOnUnitInactiveSec=1s\\nRandomizedDelaySec=0\\nAccuracySec=100ms\\n";

#[test]
fn the_timer_runs_by_itself_again_and_again() {
    on_each_release(|root| {
        let nas = Nas::new(root);
        let machine = &nas.machine;
        nas.drop_in("plex-linker.timer", SHORT);
        machine.sh("systemctl enable --now plex-linker.timer");
        nas.gets_link();
        nas.world.remove(LINK);
        nas.gets_link();

        // also after a run that failed
        let key = nas.world.variable("RADARR_0_API_KEY").unwrap();
        nas.set("RADARR_0_API_KEY", "wrong");
        machine.wait("a run should fail", "systemctl is-failed plex-linker-once");
        nas.world.remove(LINK);
        nas.set("RADARR_0_API_KEY", &key);
        nas.gets_link();
        machine.wait("the unit should be well again", "! systemctl is-failed plex-linker-once");
    });
}

#[test]
fn the_timer_beside_the_daemon_does_no_harm() {
    on_each_release(|root| {
        let nas = Nas::new(root);
        let machine = &nas.machine;
        // the daemon is in a run when the other one starts
        let (behind, shut) = Fault::behind_a_door();
        nas.world.radarr.on_next(1, "GET /api/v3/movie", behind);
        machine.sh("systemctl start plex-linker");
        machine.wait_until("the daemon should ask for films", || !nas.world.radarr.requests().is_empty());
        machine.sh("systemctl start plex-linker-once");
        drop(shut);
        let told = nas.journal("plex-linker-once");
        machine.assert(
            told.iter().any(|(priority, text)| *priority == 6 && text.contains("is busy")),
            &format!("{told:?}"),
        );

        let process = nas.process();
        nas.drop_in("plex-linker.timer", SHORT);
        machine.sh("systemctl start plex-linker.timer");
        nas.gets_link();
        machine.assert(nas.process() == process && nas.is_well(), "the daemon should not be touched");
        machine.assert_same(
            "failed units",
            &machine.sh("systemctl list-units --failed --no-legend 'plex-linker*'"),
            "",
        );
    });
}
