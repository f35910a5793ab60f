//! What of a text may be part of a name.

/// What a title becomes as part of a name. Sonarr's own replacements (*facts C.2*), with its dash for the colon.
pub fn clean(title: &str) -> String {
    let replaced: String = title
        .chars()
        .filter_map(|c| match c {
            '/' | '\\' => Some('+'),
            ':' | '*' => Some('-'),
            '?' => Some('!'),
            '<' | '>' | '|' | '"' => None,
            c if c.is_control() => None,
            c => Some(c),
        })
        .collect();
    // a name that begins with a dot is hidden from Plex, Jellyfin and Radarr 4 (*facts D.2*)
    replaced.trim_start_matches([' ', '.']).trim_end_matches([' ', '.']).to_string()
}

/// At most `room` bytes of a title, cut between characters, and dots to say so.
pub fn shortened(title: &str, room: usize) -> Option<String> {
    let end = (0..=room.min(title.len())).rev().find(|&at| title.is_char_boundary(at)).unwrap_or(0);
    let start = title[..end].trim_end_matches([' ', '.']);
    (!start.is_empty()).then(|| format!("{start}..."))
}

/// What follows the last dot of the file, with the dot, as Sonarr takes it (*facts B.1*); empty if there is none.
pub fn clean_extension(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    match name.rsplit_once('.') {
        Some((_, extension)) if !extension.is_empty() && extension.len() <= 16 => format!(".{}", clean(extension)),
        _ => String::new(),
    }
}

/// What Sonarr and Radarr take for video (*facts D.4*).
pub fn is_video(name: &str) -> bool {
    const EXTENSIONS: &str = " webm m4v 3gp nsv ty strm rm rmvb m3u ifo mov qt divx xvid bivx nrg pva wmv asf asx ogm ogv m2v avi \
        bin dat dvr-ms mpg mpeg mp4 avc vp3 svq3 nuv viv dv fli flv wpl img iso vob mkv ts wtv m2ts ";
    name.rsplit_once('.').is_some_and(|(_, extension)| {
        !extension.contains(' ') && EXTENSIONS.contains(&format!(" {} ", extension.to_ascii_lowercase()))
    })
}
