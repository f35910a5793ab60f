//! Throw-away PostgreSQL servers.

use std::{
    env, fs,
    io::Write,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use nix::unistd::{Gid, Uid, User, geteuid};

use super::{port, world::World};

/// Its characters must be encoded in a URL.
pub const PASSWORD: &str = "s3cr:t@/?";
const ENCODED: &str = "s3cr%3At%40%2F%3F";

/// The URL of a new empty database. Its server is shared by all tests of this process.
pub fn database() -> String {
    static SHARED: LazyLock<Server> = LazyLock::new(Server::start);
    SHARED.database()
}

/// A run after one that was killed, whose connection the server ends in its own time.
pub fn once_it_is_free(world: &World) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while world.run(&["once"]).succeeds().output().contains("another machine") {
        world.assert(Instant::now() < deadline, "a killed run should free the database");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A server of one's own, for tests that disturb it. It listens on 127.0.0.1 and on a socket in `folder`.
pub struct Server {
    pub folder: PathBuf,
    pub port: u16,
    user: Option<(Uid, Gid)>,
    process: Option<Process>,
}

/// A shell that runs the server for as long as its input is open: also when this process is killed, the server ends and its
/// folder goes.
struct Process {
    shell: Child,
    input: ChildStdin,
}

impl Server {
    pub fn start() -> Server {
        let folder = tempfile::Builder::new().prefix("plex-linker-postgres-").tempdir().unwrap().keep();
        let user = other_user();
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid.as_raw()), Some(gid.as_raw())).unwrap();
        }
        let port = port::unused().port();
        let mut server = Server { folder, port, user, process: None };
        server.put("password", PASSWORD, 0o600);
        let made = server
            .command("initdb")
            .args(["--username=linker", "--pwfile=password", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"])
            .args(["--no-sync", "--pgdata=data"])
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {made:?}");
        server.configure("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off");
        server.configure("shared_buffers = 16MB\nunix_socket_directories = '..'");
        server.configure(&format!("listen_addresses = '127.0.0.1'\nport = {port}"));
        server.run();
        server
    }

    /// Adds lines to postgresql.conf, which count after a restart.
    pub fn configure(&self, lines: &str) {
        let mut conf = fs::OpenOptions::new().append(true).open(self.folder.join("data/postgresql.conf")).unwrap();
        writeln!(conf, "{lines}").unwrap();
    }

    /// Puts a file beside the data, for the server's user to read.
    pub fn put(&self, name: &str, text: &str, mode: u32) {
        let path = self.folder.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        if let Some((uid, gid)) = self.user {
            chown(&path, Some(uid.as_raw()), Some(gid.as_raw())).unwrap();
        }
    }

    /// The URL of a new empty database.
    pub fn database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.admin().batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        self.url(&name)
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgresql://linker:{ENCODED}@127.0.0.1:{}/{database}", self.port)
    }

    /// A connection of an administrator to the server's own database.
    pub fn admin(&self) -> postgres::Client {
        postgres::Client::connect(&self.url("postgres"), postgres::NoTls).unwrap()
    }

    pub fn stop(&mut self) {
        let Some(Process { mut shell, mut input }) = self.process.take() else { return };
        input.write_all(b"keep the folder\n").unwrap();
        drop(input);
        shell.wait().unwrap();
    }

    pub fn restart(&mut self) {
        self.stop();
        self.run();
    }

    fn run(&mut self) {
        // the interrupt from the terminal that ends a test run goes to the shell too: it has to outlive that.
        // SIGINT is the server's clean shutdown, SIGQUIT the one that waits for nobody
        let script = r#"trap '' INT TERM HUP
            "$0" -D data >log 2>&1 &
            if read -r _; then
                kill -INT $!
                wait $!
            else
                kill -QUIT $!
                wait $!
                rm -rf "$PWD"
            fi"#;
        let mut shell = self
            .command("sh")
            .args(["-c", script])
            .arg(binaries().join("postgres"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = shell.stdin.take().unwrap();
        self.process = Some(Process { shell, input });
        self.wait_until_ready();
    }

    fn wait_until_ready(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while let Err(error) = postgres::Client::connect(&self.url("postgres"), postgres::NoTls) {
            let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "the PostgreSQL server does not start: {error:?}\n{log}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// A program of PostgreSQL's, or of the system's, in the server's folder and as its user.
    fn command(&self, program: &str) -> Command {
        let own = binaries().join(program);
        let mut command = Command::new(if own.exists() { own } else { program.into() });
        command.current_dir(&self.folder);
        if let Some((uid, gid)) = self.user {
            command.uid(uid.as_raw()).gid(gid.as_raw());
        }
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(Process { mut shell, input }) = self.process.take() {
            drop(input);
            let _ = shell.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The server refuses to be root: then it is `postgres`, or `nobody`.
fn other_user() -> Option<(Uid, Gid)> {
    if !geteuid().is_root() {
        return None;
    }
    let user = ["postgres", "nobody"].iter().find_map(|name| User::from_name(name).unwrap());
    let user = user.expect("neither a user postgres nor nobody");
    Some((user.uid, user.gid))
}

/// The folder of the newest server's programs.
fn binaries() -> PathBuf {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path().join("bin"))
        .collect();
    versions.sort_by_key(|path| path.parent().and_then(Path::file_name).map(|name| (name.len(), name.to_owned())));
    let path = env::var_os("PATH").unwrap_or_default();
    versions
        .into_iter()
        .rev()
        .chain(env::split_paths(&path))
        .find(|folder| folder.join("initdb").exists())
        .expect("the tests need PostgreSQL's server programs: run \"make test\", or install postgresql")
}
