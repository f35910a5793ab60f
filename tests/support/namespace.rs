//! What a container sees: a mount namespace with the machine's programs and some folders under names of its own.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{skip, world::program};

/// Mounts pairs of (here, inside) below the first argument, then is there.
const ENTER: &str = r#"
root=$1; shift
mount -t tmpfs -o mode=755 none "$root" || exit 99
while [ "$1" != -- ]; do
    if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$root${2%/*}" && touch "$root$2"; fi
    mount --rbind "$1" "$root$2" || exit 99
    shift 2
done
shift
exec chroot "$root" "$@"
"#;

/// What each of them has from the machine, besides the program.
const SYSTEM: [&str; 7] = ["/bin", "/dev", "/etc", "/lib", "/lib64", "/proc", "/usr"];

pub struct Namespace(Vec<String>);

impl Namespace {
    /// `root` is an empty folder for its root; `folders` are (here, inside). `None`, and said so, where there are no namespaces.
    pub fn new(root: &Path, folders: &[(PathBuf, String)]) -> Option<Namespace> {
        let mut words: Vec<String> = vec!["unshare".into(), "--mount".into()];
        if !plex_linker::disk::is_root() {
            words.push("--map-root-user".into());
        }
        words.extend(["sh", "-c", ENTER, "sh", root.to_str()?].map(String::from));
        let system = SYSTEM.into_iter().filter_map(|path| Some((Path::new(path).canonicalize().ok()?, path.into())));
        let program = (program(), program().display().to_string());
        for (here, inside) in system.chain([program]).chain(folders.iter().cloned()) {
            words.extend([here.display().to_string(), inside]);
        }
        words.push("--".into());
        let namespace = Namespace(words);
        let works = namespace.sees(Path::new("/"));
        if !works {
            skip("mount namespaces cannot be made here");
        }
        works.then_some(namespace)
    }

    /// What a command is to be run below.
    pub fn words(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }

    /// Whether the kernel finds something there, links followed.
    pub fn sees(&self, path: &Path) -> bool {
        let mut command = Command::new(&self.0[0]);
        command.args(&self.0[1..]).args(["test", "-e"]).arg(path);
        command.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }
}
