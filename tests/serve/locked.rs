//! What people see while another program keeps the database locked.

use std::thread;

use crate::support::{
    daemon::{Daemon, ask},
    scene::linked,
};

/// More than there are workers, so that most find nobody who has time for them.
const FORMS: usize = 12;

#[test]
fn however_many_forms_come_at_once_each_comes_back_with_what_was_typed() {
    let world = linked();
    let daemon = Daemon::with(&world, &["--interval", "0"]);
    let other = rusqlite::Connection::open(world.state().join("plex_linker.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let address = daemon.address;
    let send = |number: usize| {
        let to = if number.is_multiple_of(2) { "/rules" } else { "/rules/1" };
        let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin")];
        let body = format!("movie_title=Film+{number}&tmdb_id=5&show_name=Show&tvdb_id=8&episode=1-2&season=00");
        (number, to, ask(address, "POST", to, &headers, &body).unwrap())
    };
    let answers = thread::scope(|scope| {
        let sent: Vec<_> = (0..FORMS).map(|number| scope.spawn(move || send(number))).collect();
        sent.into_iter().map(|sent| sent.join().unwrap()).collect::<Vec<_>>()
    });
    let late = |text: &str| text.contains("plex-linker is busy");
    assert!(answers.iter().any(|(.., answer)| late(&answer.body)), "some should find nobody who has time");
    for (number, to, answer) in answers {
        assert_eq!((answer.status, answer.header("Retry-After")), (503, Some("10")), "{number}");
        let film = format!("name=\"movie_title\" value=\"Film {number}\"");
        for text in [&*film, "name=\"episode\" value=\"1-2\"", &format!("action=\"{to}\"")] {
            assert!(answer.body.contains(text), "{number}: {text} is not in {}", answer.body);
        }
    }
    // a program is told so in its own way
    let rule = r#"{"movie_title":"Film","tmdb_id":5,"show_name":"Show","episode":1}"#;
    assert_eq!(daemon.post("/api/rules", rule).status, 503);
    assert_eq!(daemon.get("/health").status, 200);
}
