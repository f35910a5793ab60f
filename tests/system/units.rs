//! The daemon's unit at work.

use std::{fs, path::Path};

use super::nas::{LINK, Nas, on_each_release};

#[test]
fn the_daemon_makes_links_in_its_sandbox() {
    on_each_release(|root| {
        let nas = Nas::new(root);
        let machine = &nas.machine;
        nas.rule("Unknown Film", 7, 2);
        machine.sh("systemctl start plex-linker");
        nas.gets_link();
        machine.wait_until("Sonarr and Radarr should be told", || nas.world.posts().len() == 3);

        // who it is, and what it may
        let process = nas.process();
        let status = machine.sh(&format!("cat /proc/{process}/status"));
        let field = |name: &str| {
            let found = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(":\t"));
            found.unwrap_or_else(|| machine.fail(&status)).trim().replace('\t', " ")
        };
        let user = machine.sh("id -u plex-linker");
        machine.assert_same("its users", &field("Uid"), &[&*user; 4].join(" "));
        machine.assert_same("its groups", &field("Groups"), &machine.sh("id -G plex-linker"));
        machine.assert_same("its groups", &machine.sh("id -Gn plex-linker"), "plex-linker media");
        machine.assert_same("its capabilities", &field("CapEff"), "0000000000000000");
        machine.assert_same("its privileges", &field("NoNewPrivs"), "1");
        machine.assert_same("its filter of system calls", &field("Seccomp"), "2");
        machine.sh(&format!("nsenter --target {process} --mount test ! -e /proc/meminfo"));

        // the folder is one that Sonarr can work in
        let folder = LINK.rsplit_once('/').unwrap().0;
        let owner = machine.sh(&format!("stat --format='%U %G %a' '/mnt/media/{folder}'"));
        machine.assert_same("the specials folder", &owner, "plex-linker media 2775");

        // a disk that is mounted while it runs is there for it too
        machine.sh("mkdir /mnt/late; mount -t tmpfs late /mnt/late");
        machine.sh(&format!("grep ' /mnt/late ' /proc/{process}/mountinfo"));

        let journal = nas.journal("plex-linker");
        let has = |priority: u8, text: &str| journal.iter().any(|line| line.0 == priority && line.1.contains(text));
        machine.assert(has(6, "listening on") && has(6, LINK), "changes should be told as informational");
        machine.assert(has(4, "rule 2 is not linked"), "a wish that cannot be met should be told as a warning");
        machine.assert(!journal.iter().any(|line| line.1.starts_with('<')), "priorities are no part of the text");
    });
}

#[test]
fn a_killed_daemon_comes_back() {
    on_each_release(|root| {
        let nas = Nas::new(root);
        nas.machine.sh("systemctl start plex-linker");
        nas.gets_link();
        let process = nas.process();
        nas.machine.sh(&format!("kill -9 {process}"));
        nas.comes_back(&process);
        nas.machine.assert(nas.has_link(), "the link should still stand");
    });
}

#[test]
fn a_daemon_that_hangs_is_replaced() {
    on_each_release(|root| {
        let nas = Nas::new(root);
        // an idle daemon reports every 30 seconds
        nas.drop_in("plex-linker.service", "[Service]\\nWatchdogSec=32s\\nRestartSec=1s\\n");
        nas.machine.sh("systemctl start plex-linker");
        nas.gets_link();
        let process = nas.process();
        nas.machine.sh(&format!("kill -STOP {process}"));
        nas.comes_back(&process);
        nas.machine.sh("journalctl --unit=plex-linker | grep -i 'watchdog timeout'");
        nas.machine.assert_same("cores", &nas.machine.property("plex-linker", "LimitCORE"), "0");
    });
}

#[test]
fn a_wrong_setting_stops_it_for_good_and_is_told_as_an_error() {
    on_each_release(|root| {
        let nas = Nas::new(root);
        nas.set("PLEX_LINKER_SCAN_INTERVAL_MINUTES", "often");
        nas.machine.sh("! systemctl start plex-linker");
        for (name, value) in [("ActiveState", "failed"), ("ExecMainStatus", "2"), ("NRestarts", "0")] {
            nas.machine.assert_same(name, &nas.machine.property("plex-linker", name), value);
        }
        let sentence = "PLEX_LINKER_SCAN_INTERVAL_MINUTES is \"often\": it must be a number of minutes";
        assert_eq!(nas.journal("plex-linker"), [(3, sentence.to_string())]);
    });
}

#[test]
fn keys_may_be_credentials_and_the_examples_of_drop_ins_work() {
    on_each_release(|root| {
        let nas = Nas::new(root);
        let machine = &nas.machine;
        for app in ["SONARR", "RADARR"] {
            let (name, file) = (format!("{app}_0_API_KEY"), format!("{}_0_api_key", app.to_lowercase()));
            machine.sh(&format!(
                "install -d -m 700 /etc/credstore
                grep '^{name}=' /etc/plex-linker/plex-linker.env | sed s/.*=// >/etc/credstore/plex-linker.{file}
                chmod 600 /etc/credstore/*; sed -i '/^{name}=/d' /etc/plex-linker/plex-linker.env"
            ));
        }
        // root's own commands find them as well
        machine.sh("plex-linker once --dry-run | grep 'create .*A Show'");
        for unit in ["plex-linker", "plex-linker-once"] {
            machine.sh(&format!(
                "mkdir -p /etc/systemd/system/{unit}.service.d
                cp /usr/share/doc/plex-linker/examples/*.conf /etc/systemd/system/{unit}.service.d/"
            ));
        }
        // a sandbox of one's own may refuse the setgid bit
        nas.drop_in("plex-linker-once.service", "[Service]\\nRestrictSUIDSGID=yes\\n");
        machine.sh("systemctl start plex-linker-once");
        machine.assert(nas.has_link(), "one run should make the link");
        nas.world.remove(LINK);
        machine.sh("systemctl start plex-linker");
        nas.gets_link();
        // only now: the program has neither the rest of the machine nor the keys of others
        machine.sh(&format!(
            "nsenter -t {} -m sh -c '! touch /srv/x && ! ls /home/* && touch /mnt/media/x'",
            nas.process()
        ));
    });
}

#[test]
fn it_can_be_another_user() {
    on_each_release(|root| {
        let nas = Nas::new(root);
        let machine = &nas.machine;
        machine.sh("useradd --groups media anna; chgrp anna /etc/plex-linker/plex-linker.env");
        nas.drop_in("plex-linker.service", "[Service]\\nUser=anna\\nGroup=anna\\n");
        machine.sh("systemctl start plex-linker");
        nas.gets_link();
        let owners = machine.sh(&format!("stat --format=%U '/mnt/media/{LINK}' /var/lib/plex-linker/plex_linker.db"));
        machine.assert_same("the owner of link and database", &owners, "anna\nanna");
        machine.sh("plex-linker rules list | grep 'A Film'");
    });
}

#[test]
fn systemd_finds_no_fault_with_the_units() {
    on_each_release(|root| {
        let nas = Nas::new(root);
        let machine = &nas.machine;
        let units = "/usr/lib/systemd/system/plex-linker";
        machine.assert_same(
            "what systemd says of the units",
            &machine.sh(&format!(
                "systemd-analyze verify --man=no {units}.service {units}-once.service {units}.timer 2>&1"
            )),
            "",
        );
        for unit in ["plex-linker.service", "plex-linker-once.service"] {
            machine.sh(&format!("systemd-analyze security --offline=yes --threshold=20 {unit}"));
            // the kernel is not asked here: containers cannot always limit what is in them
            for (name, value) in [("MemoryMax", "268435456"), ("TasksMax", "192"), ("LimitNOFILE", "1024")] {
                machine.assert_same(name, &machine.property(unit, name), value);
            }
        }
    });
}

#[test]
fn both_services_have_the_same_sandbox() {
    let sandbox = |unit: &str| {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd").join(unit);
        let text = fs::read_to_string(file).unwrap();
        let rest = text.split_once("# From here on as in ").unwrap().1;
        rest.split_once('\n').unwrap().1.split("\n[Install]").next().unwrap().trim().to_string()
    };
    assert_eq!(sandbox("plex-linker.service"), sandbox("plex-linker-once.service"));
}
