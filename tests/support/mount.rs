//! File systems that are mounted for a test, and gone with it.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::skip;

/// One that is mounted. It goes when dropped, also where a test fails: so it must be dropped before the world that it is in.
pub struct Mount {
    at: PathBuf,
    /// The process that answers for it, if it is none of the kernel's.
    server: Option<Child>,
    device: Option<String>,
}

impl Mount {
    /// `mount` with these words and the folder; `None`, and said so, where that may not be.
    pub fn new(words: &[&str], at: &Path) -> Option<Mount> {
        fs::create_dir_all(at).unwrap();
        run("mount", words, at)?;
        Some(Mount { at: at.into(), server: None, device: None })
    }

    /// In memory, of 192 KiB and a few names.
    pub fn small(at: &Path) -> Option<Mount> {
        Mount::new(&["-t", "tmpfs", "-o", "size=192k,nr_inodes=40,mode=755", "none"], at)
    }

    /// What is there, read-only from here on.
    pub fn read_only(at: &Path) -> Option<Mount> {
        let mount = Mount::new(&["--bind", at.to_str().unwrap()], at)?;
        run("mount", &["-o", "remount,bind,ro"], at)?;
        Some(mount)
    }

    /// Two branches as one tree.
    pub fn mergerfs(one: &Path, other: &Path, at: &Path) -> Option<Mount> {
        let branches = format!("{}:{}", one.display(), other.display());
        Mount::served("mergerfs", &["-f", "-o", "nonempty", &branches], at)
    }

    /// Encrypted, so that names may be less long than elsewhere; kept in the folder `raw`.
    pub fn encrypted(raw: &Path, at: &Path) -> Option<Mount> {
        fs::create_dir_all(raw).unwrap();
        Mount::served("encfs", &["-f", "--standard", "--extpass=echo secret", raw.to_str().unwrap()], at)
    }

    /// On a new file of 16 MiB.
    pub fn exfat(image: &Path, at: &Path) -> Option<Mount> {
        File::create(image).unwrap().set_len(16 << 20).unwrap();
        run("mkfs.exfat", &[], image)?;
        let device = run("losetup", &["--find", "--show"], image)?;
        let mut mount = Mount::served("mount.exfat-fuse", &["-d", &device], at)?;
        mount.device = Some(device);
        Some(mount)
    }

    /// On a new file of 16 MiB, in small letters only, so that names differ by more than their case.
    pub fn ntfs(image: &Path, at: &Path) -> Option<Mount> {
        File::create(image).unwrap().set_len(16 << 20).unwrap();
        run("mkntfs", &["-F", "-q"], image)?;
        Mount::served("lowntfs-3g", &["-o", "no_detach,ignore_case", image.to_str().unwrap()], at)
    }

    fn served(program: &str, words: &[&str], at: &Path) -> Option<Mount> {
        fs::create_dir_all(at).unwrap();
        let below = at.metadata().unwrap().dev();
        let server = Command::new(program).args(words).arg(at).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let Ok(server) = server else {
            skip(&format!("{program} is missing"));
            return None;
        };
        let mut mount = Mount { at: at.into(), server: Some(server), device: None };
        let deadline = Instant::now() + Duration::from_secs(60);
        while at.metadata().is_ok_and(|found| found.dev() == below) {
            if let Some(ended) = mount.server.as_mut().unwrap().try_wait().unwrap() {
                skip(&format!("{program} cannot mount: {ended}"));
                return None;
            }
            assert!(Instant::now() < deadline, "{program} does not mount");
            thread::sleep(Duration::from_millis(5));
        }
        Some(mount)
    }

    /// Its process dies; the mount stays.
    pub fn dies(&mut self) {
        let mut server = self.server.take().unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        _ = Command::new("umount").arg("-l").arg(&self.at).status();
        if let Some(server) = &mut self.server {
            _ = server.kill();
            _ = server.wait();
        }
        if let Some(device) = &self.device {
            _ = Command::new("losetup").args(["-d", device]).status();
        }
    }
}

/// Takes all that is left of a small file system; what is returned gives it back when removed.
pub fn fill(folder: &Path) -> Vec<PathBuf> {
    let ballast = |number: usize| folder.join(format!("ballast {number}"));
    let mut made = Vec::new();
    while let Ok(mut file) = File::create(ballast(made.len())) {
        made.push(ballast(made.len()));
        while file.write_all(&[0; 512]).is_ok() {}
    }
    made
}

/// What it printed; `None`, and said so, if it failed.
fn run(program: &str, words: &[&str], last: &Path) -> Option<String> {
    let shown = format!("{program} {} {}", words.join(" "), last.display());
    match Command::new(program).args(words).arg(last).output() {
        Ok(output) if output.status.success() => Some(String::from_utf8_lossy(&output.stdout).trim().into()),
        Ok(output) => {
            skip(&format!("{shown}: {}", String::from_utf8_lossy(&output.stderr).trim()));
            None
        }
        Err(cause) => {
            skip(&format!("{shown}: {cause}"));
            None
        }
    }
}
