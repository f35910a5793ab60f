//! The container image of `packaging/Containerfile`: built for every kind of machine, and run as some user on nothing else.

use std::{
    fs,
    os::unix::fs::chown,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::unistd::Uid;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{
    port,
    sample::{BOTH, Sample},
    skip,
    world::World,
};

const PATIENCE: Duration = Duration::from_secs(120);
const MOST: u64 = 6_000_000;
/// Platform, and the target that `make dist` builds for it.
const KINDS: [(&str, &str); 3] = [
    ("linux/amd64", "x86_64-unknown-linux-musl"),
    ("linux/arm64", "aarch64-unknown-linux-musl"),
    ("linux/arm/v6", "arm-unknown-linux-musleabihf"),
];
/// The user of the container, who owns nothing on the machine but what is mounted.
const USER: u32 = 12345;

/// buildah with a storage of its own.
struct Images(TempDir);

impl Images {
    fn new() -> Option<Images> {
        let found = Command::new("buildah").arg("--version").stdout(Stdio::null()).status();
        if !found.is_ok_and(|found| found.success()) || !Uid::effective().is_root() {
            skip("the container image was not tested: buildah is missing, or this is not root: run tests/setup.sh");
            return None;
        }
        Some(Images(tempfile::tempdir().unwrap()))
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("buildah");
        for option in ["root", "runroot"] {
            command.arg(format!("--{option}={}", self.0.path().join(option).display()));
        }
        command.arg("--storage-driver=vfs").args(words).env("BUILDAH_ISOLATION", "chroot");
        command
    }

    #[track_caller]
    fn told(&self, words: &[&str]) -> String {
        let output = self.command(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).trim().into()
    }

    /// Builds one, if its program was built.
    fn build(&self, platform: &str, target: &str) -> Option<String> {
        let project = env!("CARGO_MANIFEST_DIR");
        if !Path::new(project).join("dist").join(target).join("plex-linker").exists() {
            skip(&format!("the image for {platform} was not tested: its program is missing: run \"make dist\""));
            return None;
        }
        let tag = format!("plex-linker-{}", platform.replace('/', "-"));
        let file = format!("--file={project}/packaging/Containerfile");
        self.told(&["build", "--format=docker", &format!("--platform={platform}"), &file, "--tag", &tag, project]);
        Some(tag)
    }

    fn container(&self, image: &str) -> String {
        self.told(&["from", "--pull-never", image])
    }
}

#[test]
fn it_holds_the_program_alone_for_each_kind_of_machine() {
    let Some(images) = Images::new() else { return };
    for (platform, target) in KINDS {
        let Some(image) = images.build(platform, target) else { continue };
        let archive = images.0.path().join("archive");
        images.told(&["push", &image, &format!("docker-archive:{}", archive.display())]);
        let size = fs::metadata(&archive).unwrap().len();
        assert!(size <= MOST, "{platform}: {size} bytes");
        fs::remove_file(archive).unwrap();

        let whole: Value = serde_json::from_str(&images.told(&["inspect", "--type=image", &image])).unwrap();
        let (image_of, config) = (&whole["Docker"], &whole["Docker"]["config"]);
        let architecture = platform.split('/').nth(1).unwrap();
        assert_eq!((&image_of["architecture"], &image_of["os"]), (&architecture.into(), &"linux".into()), "{whole}");
        assert_eq!(config["Entrypoint"], serde_json::json!(["/plex-linker"]), "{config}");
        assert_eq!(config["Cmd"], serde_json::json!(["serve"]), "{config}");
        assert_eq!(config["Healthcheck"]["Test"], serde_json::json!(["CMD", "/plex-linker", "health"]), "{config}");

        let container = images.container(&image);
        let root = images.told(&["mount", &container]);
        let program = fs::read(Path::new(&root).join("plex-linker")).unwrap();
        assert!(
            program
                == fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("dist").join(target).join("plex-linker"))
                    .unwrap()
        );
        // the wrong machine's programs run where qemu-user is registered with the kernel; below it they are tested elsewhere
        if architecture == "amd64" {
            let said = images.told(&["run", &container, "--", "/plex-linker", "--version"]);
            assert_eq!(said, format!("plex-linker {}", env!("CARGO_PKG_VERSION")));
        }
    }
}

#[test]
fn it_works_as_any_user_and_tells_its_health() {
    let Some(images) = Images::new() else { return };
    let Some(image) = images.build(KINDS[0].0, KINDS[0].1) else { return };
    // all containers see the same paths
    let world = World::with_app_roots("/data/tv", "/data/movies");
    Sample::new(&world);
    own(&world.media());
    own(&world.state());
    let container = images.container(&image);
    let port = port::unused().port().to_string();
    let mut settings =
        vec![("MEDIA_ROOT", "/data".to_string()), ("PLEX_LINKER_PORT", port), ("PLEX_LINKER_HOST", "127.0.0.1".into())];
    for name in ["SONARR_0_URL", "SONARR_0_API_KEY", "RADARR_0_URL", "RADARR_0_API_KEY"] {
        settings.push((name, world.variable(name).unwrap()));
    }
    let command = |words: &[&str]| {
        let mut command = images.command(&["run", &format!("--user={USER}:{USER}")]);
        for (from, to) in [(world.media(), "/data"), (world.state(), "/config")] {
            command.arg(format!("--volume={}:{to}", from.display()));
        }
        settings.iter().for_each(|(name, value)| _ = command.arg(format!("--env={name}={value}")));
        command.args([&container, "--", "/plex-linker"]).args(words);
        command
    };
    let well = || command(&["health"]).output().unwrap();
    assert_eq!(well().status.code(), Some(1), "{:?}", well());
    let daemon = Running(command(&["serve"]).stderr(Stdio::null()).spawn().unwrap());
    wait("the links should stand", || world.links().len() == BOTH.len());
    world.assert_links(&BOTH);
    let said = well();
    assert!(said.status.success() && said.stdout.starts_with(b"well at "), "{said:?}");
    let checked = command(&["check"]).output().unwrap();
    assert!(checked.status.success(), "{checked:?}");
    drop(daemon);
}

/// It and all in it belongs to the container's user.
fn own(folder: &Path) {
    chown(folder, Some(USER), Some(USER)).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        chown(entry.path(), Some(USER), Some(USER)).unwrap();
        if entry.file_type().unwrap().is_dir() {
            own(&entry.path());
        }
    }
}

fn wait(what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(100));
    }
}

/// A container's process, which buildah ends with itself.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let id = nix::unistd::Pid::from_raw(self.0.id() as i32);
        _ = nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM);
        _ = self.0.wait();
    }
}
