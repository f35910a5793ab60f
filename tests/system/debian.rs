//! A clean Debian to start containers from, made once and kept in the user's cache folder.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use nix::unistd::Uid;

use crate::support::campaign;

/// The releases that are tried: the older one each time, for what is there runs on newer ones too, and in a campaign both.
const RELEASES: [&str; 2] = ["bookworm", "trixie"];
/// Debian's smallest, a systemd, and rpm for packages of that kind. The host's resolver must not be asked for `localhost`.
const RECIPE: &[&str] = &[
    "--variant=minbase",
    "--include=systemd,systemd-sysv,dbus,rpm",
    "--aptopt=Acquire::Languages \"none\"",
    "--customize-hook=printf '127.0.0.1 localhost\\n' >\"$1/etc/hosts\"",
];

/// The roots of all releases to be tried, or why there are none.
pub fn roots() -> Result<Vec<PathBuf>, String> {
    if !Uid::effective().is_root() {
        return Err("containers need root".into());
    }
    for tool in ["mmdebstrap", "nsenter", "systemd-nspawn"] {
        let found = Command::new("sh").args(["-c", &format!("command -v {tool}")]).stdout(Stdio::null()).status();
        if !found.is_ok_and(|found| found.success()) {
            return Err(format!("{tool} is missing: run tests/setup.sh"));
        }
    }
    let count = campaign::size(1, RELEASES.len() as u64) as usize;
    RELEASES[..count].iter().map(|release| root(release)).collect()
}

/// The root of one release: the one in the cache if it was made by this recipe, else a new one.
fn root(release: &str) -> Result<PathBuf, String> {
    let home = env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or(home).ok_or("there is no HOME")?;
    let folder = cache.join("plex-linker").join(format!("system-{release}"));
    make(&folder, release).map_err(|cause| format!("cannot make {}: {cause}", folder.display()))?;
    Ok(folder.join("root"))
}

fn make(folder: &Path, release: &str) -> Result<(), String> {
    let told = |cause: std::io::Error| cause.to_string();
    fs::create_dir_all(folder).map_err(told)?;
    let (root, recipe) = (folder.join("root"), folder.join("recipe"));
    // tests beside each other wait here for the first
    let lock = File::create(folder.join("lock")).map_err(told)?;
    lock.lock().map_err(told)?;
    let wanted = RECIPE.join("\n");
    if fs::read_to_string(&recipe).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    eprintln!("making a clean Debian ({release}) in {} (once, 220 MB)", root.display());
    _ = fs::remove_dir_all(&root);
    let log = folder.join("log");
    let made = Command::new("mmdebstrap")
        .args(RECIPE)
        .args([release.as_ref(), root.as_os_str()])
        .stderr(File::create(&log).map_err(told)?)
        .status();
    match made.map_err(told)?.success() {
        true => fs::write(&recipe, wanted).map_err(told),
        false => Err(format!("mmdebstrap failed:\n{}", fs::read_to_string(&log).map_err(told)?)),
    }
}
