//! Questions on the terminal.

use std::{
    io::{self, IsTerminal, Write},
    thread,
};

use nix::sys::{
    signal::{SigSet, Signal, raise},
    termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr},
};

use crate::{
    cli,
    error::{Error, Result},
};

/// Who answers.
pub enum Dialog {
    Person,
    /// Everything is answered by yes.
    Yes,
    Nobody,
}

impl Dialog {
    pub fn new(yes: bool) -> Dialog {
        match (yes, io::stdin().is_terminal()) {
            (true, _) => Dialog::Yes,
            (false, true) => Dialog::Person,
            (false, false) => Dialog::Nobody,
        }
    }

    pub fn confirm(&self, question: &str) -> Result<bool> {
        match self {
            Dialog::Person => Ok(!read(&format!("{question} [Y/n] "))?.to_lowercase().starts_with('n')),
            Dialog::Yes => cli::print(&format!("{question} Yes.\n")).map(|()| true),
            Dialog::Nobody => {
                Err(Error::Config(format!("nobody is there to answer {question:?}: --yes says yes to everything")))
            }
        }
    }

    /// What cannot be guessed, and the setting that tells it beforehand.
    pub fn text(&self, question: &str, setting: &str) -> Result<String> {
        match self {
            Dialog::Person => loop {
                let text = read(&format!("{question} "))?;
                if !text.is_empty() {
                    return Ok(text);
                }
            },
            _ => Err(Error::Config(format!("nobody is there to answer {question:?}: set {setting}"))),
        }
    }

    /// The same without showing what is typed.
    pub fn secret(&self, question: &str, setting: &str) -> Result<String> {
        let typed = hidden(|| self.text(question, setting));
        if matches!(self, Dialog::Person) {
            cli::print("\n")?;
        }
        typed
    }
}

/// Reads what the terminal does not show meanwhile. A signal that ends us, such as that of Ctrl-C, waits until it would show it again.
fn hidden<T>(read: impl FnOnce() -> T) -> T {
    let Ok(before) = tcgetattr(io::stdin()) else { return read() };
    let set = |settings: &Termios| _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, settings);
    let signals = SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT]);
    _ = signals.thread_block();
    let at_signal = before.clone();
    thread::spawn(move || {
        if let Ok(signal) = signals.wait() {
            set(&at_signal);
            _ = signals.thread_unblock();
            _ = raise(signal);
        }
    });
    let mut silent = before.clone();
    silent.local_flags.remove(LocalFlags::ECHO);
    set(&silent);
    let answer = read();
    set(&before);
    _ = signals.thread_unblock();
    answer
}

fn read(question: &str) -> Result<String> {
    cli::print(question)?;
    _ = io::stdout().flush();
    let mut line = String::new();
    match io::stdin().read_line(&mut line) {
        Ok(0) => Err(Error::Config("that was not answered: nothing further is done".into())),
        Ok(_) => Ok(line.trim().to_string()),
        Err(cause) => Err(Error::Config(format!("cannot read the answer: {cause}"))),
    }
}
