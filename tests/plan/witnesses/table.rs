/// What becomes of a link of ours that leads nowhere: by what Radarr says, and by what the disk shows. That is in turn: the film's library
/// is there, is not provably there, the film is a symlink whose end is away, nobody can tell. `!`: the run has failed.
pub const CELLS: [(&str, [&str; 4]); 8] = [
    ("file", ["file_vanished!", "root_away!", "target_away!", "unreadable!"]),
    ("upgrade", ["waiting_for_upgrade", "waiting_for_upgrade", "waiting_for_upgrade", "waiting_for_movie_file"]),
    ("manual", ["goes", "goes", "target_away!", "waiting_for_movie_file"]),
    ("unseen", ["goes", "root_away!", "target_away!", "waiting_for_movie_file"]),
    ("unknown", ["app_failed!", "app_failed!", "app_failed!", "waiting_for_movie_file"]),
    ("no film", ["goes", "root_away!", "target_away!", "movie_not_in_radarr"]),
    ("down", ["app_failed!", "app_failed!", "app_failed!", "app_failed!"]),
    ("forced", ["goes", "goes", "target_away!", "waiting_for_movie_file"]),
];
