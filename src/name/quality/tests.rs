//! Which words of a title Sonarr would take for the quality.

use super::*;

#[test]
fn a_title_does_not_change_the_quality() {
    let cases = [
        ("Bluray-1080p", "Film Remux", "Film"),
        ("Bluray-1080p", "Film (Remux)", "Film"),
        ("Remux-1080p", "Film Remux", "Film Remux"),
        ("Bluray-1080p", "The Remuxed", "The Remuxed"),
        ("Bluray-1080p", "Raw HD", ""),
        ("WEBDL-720p", "Raw.HD Footage", "Footage"),
        ("Raw-HD", "Raw HD", "Raw HD"),
        ("Bluray-1080p", "Rawhide", "Rawhide"),
        ("Bluray-1080p", "Film 480p", "Film"),
        ("Bluray-1080p", "Film 1080p", "Film 1080p"),
        ("Bluray-1080p", "Film - 4K UHD - Cut", "Film - - Cut"),
        ("Bluray-1080p", "4K", "4K"),
        ("DVD", "Film 480p", "Film 480p"),
        ("SDTV", "Film 720p", "Film"),
        ("DVD", "PROPER", ""),
        ("DVD", "A Proper Farewell", "A Farewell"),
        ("DVD", "Property", "Property"),
        ("DVD", "Film REPACK2", "Film"),
        ("DVD", "Film 2v2", "Film"),
        ("DVD", "Film [v2]", "Film"),
        ("DVD", "Film 1 v2", "Film"),
        ("DVD", "v2", "v2"),
        ("DVD", "REAL Steel", "Real Steel"),
        ("DVD", "A Really Real Film", "A Really Real Film"),
        ("CAM", "BD", ""),
        ("CAM", "Film on DVD", "Film on"),
        ("Bluray-1080p", "Film on DVD", "Film on DVD"),
        ("Remux-1080p", "HDTV Special", "Special"),
        ("HDTV-720p", "MPEG-2 Test", "Test"),
        ("Bluray-1080p", "Étoile RemuxÉ", "Étoile RemuxÉ"),
    ];
    for (quality, title, expected) in cases {
        assert_eq!(without_its_words(title, quality), expected, "{title} {quality}");
    }
}
