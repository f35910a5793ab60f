//! The qualities' fixed names, from bad to good (*facts B.2*).

use super::json::Json;
use crate::object;

pub struct Quality {
    id: u32,
    pub radarr: &'static str,
    pub sonarr: &'static str,
    /// In Radarr; Sonarr's word follows from it.
    source: &'static str,
    resolution: u32,
}

const fn quality(id: u32, name: &'static str, source: &'static str, resolution: u32) -> Quality {
    Quality { id, radarr: name, sonarr: name, source, resolution }
}

const QUALITIES: [Quality; 23] = [
    quality(0, "Unknown", "unknown", 0),
    quality(1, "SDTV", "tv", 480),
    quality(8, "WEBDL-480p", "webdl", 480),
    quality(12, "WEBRip-480p", "webrip", 480),
    // Sonarr reads a DVD in either (*observed 9*)
    Quality { sonarr: "DVD", ..quality(22, "BR-DISK", "bluray", 1080) },
    Quality { sonarr: "DVD", ..quality(23, "DVD-R", "dvd", 480) },
    quality(2, "DVD", "dvd", 0),
    quality(20, "Bluray-480p", "bluray", 480),
    quality(22, "Bluray-576p", "bluray", 576),
    quality(4, "HDTV-720p", "tv", 720),
    quality(14, "WEBRip-720p", "webrip", 720),
    quality(5, "WEBDL-720p", "webdl", 720),
    quality(6, "Bluray-720p", "bluray", 720),
    quality(9, "HDTV-1080p", "tv", 1080),
    quality(15, "WEBRip-1080p", "webrip", 1080),
    quality(3, "WEBDL-1080p", "webdl", 1080),
    quality(7, "Bluray-1080p", "bluray", 1080),
    Quality { sonarr: "Bluray-1080p Remux", ..quality(30, "Remux-1080p", "bluray", 1080) },
    quality(16, "HDTV-2160p", "tv", 2160),
    quality(17, "WEBRip-2160p", "webrip", 2160),
    quality(18, "WEBDL-2160p", "webdl", 2160),
    quality(19, "Bluray-2160p", "bluray", 2160),
    Quality { sonarr: "Bluray-2160p Remux", ..quality(31, "Remux-2160p", "bluray", 2160) },
];

impl Quality {
    pub fn of_radarr(name: &str) -> &'static Quality {
        QUALITIES.iter().find(|quality| quality.radarr == name).unwrap_or_else(|| panic!("no quality {name:?}"))
    }

    /// What Sonarr makes of a file's name; the real one then asks the file itself, of which ours know nothing.
    pub fn in_name(name: &str) -> &'static Quality {
        let names = |quality: &&Quality| name.contains(quality.sonarr) || name.contains(quality.radarr);
        QUALITIES.iter().rev().find(names).unwrap_or(&QUALITIES[0])
    }

    /// The revision that Sonarr reads from a name, be it in the special's title (*observed 9*).
    pub fn revision_in(name: &str) -> u32 {
        let name = name.to_lowercase();
        let mut words = name.split(|letter: char| !letter.is_alphanumeric());
        let counted = |(at, _): (usize, &str)| {
            let before = name[..at].strip_suffix(['-', '.', '_', ' ']).unwrap_or(&name[..at]);
            name[..at].ends_with('[')
                || before.ends_with(|letter: char| letter.is_ascii_digit())
                    && name[at + 2..].starts_with(['-', '.', '_', ' '])
        };
        let second = words.any(|word| word == "proper" || word == "repack") || name.match_indices("v2").any(counted);
        if second { 2 } else { 1 }
    }

    pub fn is_better_than(&self, other: &Quality) -> bool {
        let rank = |wanted: &Quality| QUALITIES.iter().position(|quality| quality.radarr == wanted.radarr);
        rank(self) > rank(other)
    }

    pub fn radarr_json(&self, version: u32) -> Json {
        let modifier = if self.radarr.starts_with("Remux") { "remux" } else { "none" };
        let quality = object! {
            "id": self.id,
            "name": self.radarr,
            "source": self.source,
            "resolution": self.resolution,
            "modifier": modifier,
        };
        object! { "quality": quality, "revision": revision(version) }
    }

    pub fn sonarr_json(&self, version: u32) -> Json {
        let source = match self.source {
            "tv" => "television",
            "webdl" => "web",
            "webrip" => "webRip",
            "bluray" if self.sonarr.ends_with("Remux") => "blurayRaw",
            other => other,
        };
        let quality = object! { "id": self.id, "name": self.sonarr, "source": source, "resolution": self.resolution };
        object! { "quality": quality, "revision": revision(version) }
    }
}

fn revision(version: u32) -> Json {
    object! { "version": version, "real": 0, "isRepack": false }
}
