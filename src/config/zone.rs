//! The local time, for people: as `TZ` or /etc/localtime has it.

use tz::TimeZone;

use crate::model::{civil, time};

/// Where the clocks on the wall are; `None` is UTC.
#[derive(Debug, Clone, Default)]
pub struct Zone(Option<TimeZone>);

impl Zone {
    /// `tz` is the variable of that name; the sentence tells of one that cannot be used. Machines without either have UTC.
    pub fn new(tz: Option<&str>) -> (Zone, Option<String>) {
        let local = || TimeZone::local().ok();
        match tz.filter(|tz| !tz.is_empty()).map(|tz| (tz, TimeZone::from_posix_tz(tz))) {
            None => (Zone(local()), None),
            // also in a container without files of zones
            Some(("UTC" | "GMT" | "Etc/UTC", _)) => (Zone(None), None),
            Some((_, Ok(zone))) => (Zone(Some(zone)), None),
            Some((tz, Err(_))) => {
                let zone = Zone(local());
                let instead = if zone.0.is_some() { "as /etc/localtime has them" } else { "in UTC" };
                let said = format!(
                    "TZ is {tz:?}, which is no time zone known here, so times are {instead}: see /usr/share/zoneinfo, which tzdata brings, \
                     and which may be mounted into a container"
                );
                (zone, Some(said))
            }
        }
    }

    /// Seconds since 1970 as `2026-11-22 17:03:00+01:00`, and in UTC as `2026-11-22 16:03:00Z`.
    pub fn time(&self, seconds: i64) -> String {
        let kind = self.0.as_ref().and_then(|zone| zone.find_local_time_type(seconds).ok());
        match kind.map_or(0, |kind| i64::from(kind.ut_offset())) {
            0 => time(seconds),
            offset => {
                let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.abs() / 60);
                format!("{}{sign}{:02}:{:02}", civil(seconds + offset), minutes / 60, minutes % 60)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_wall() {
        let cases = [
            ("CET-1CEST,M3.5.0,M10.5.0/3", 1_763_827_445, "2025-11-22 17:04:05+01:00"),
            ("CET-1CEST,M3.5.0,M10.5.0/3", 1_751_371_200, "2025-07-01 14:00:00+02:00"),
            // the hour that comes twice
            ("CET-1CEST,M3.5.0,M10.5.0/3", 1_761_438_600, "2025-10-26 02:30:00+02:00"),
            ("CET-1CEST,M3.5.0,M10.5.0/3", 1_761_442_200, "2025-10-26 02:30:00+01:00"),
            ("EST5EDT,M3.2.0,M11.1.0", 1_767_225_600, "2025-12-31 19:00:00-05:00"),
            ("<+0545>-5:45", 0, "1970-01-01 05:45:00+05:45"),
            ("<-0330>3:30", 0, "1969-12-31 20:30:00-03:30"),
            ("UTC0", 1_763_827_445, "2025-11-22 16:04:05Z"),
        ];
        for (tz, seconds, text) in cases {
            assert_eq!(Zone::new(Some(tz)).0.time(seconds), text, "{tz}");
        }
        assert_eq!(Zone::default().time(0), "1970-01-01 00:00:00Z");
    }

    #[test]
    fn a_zone_that_is_none_is_said() {
        for tz in ["Europe/Nowhere", "../../etc/passwd", ":", "x\0y"] {
            let (zone, said) = Zone::new(Some(tz));
            let said = said.unwrap();
            assert_eq!(zone.0, TimeZone::local().ok());
            let wanted =
                if zone.0.is_some() { "so times are as /etc/localtime has them" } else { "so times are in UTC" };
            assert!(said.contains(wanted) && said.contains("/usr/share/zoneinfo"), "{tz}: {said}");
        }
        assert!(Zone::new(Some("")).1.is_none() && Zone::new(None).1.is_none());
    }

    #[test]
    fn utc_needs_no_files_of_zones() {
        for tz in ["UTC", "GMT", "Etc/UTC"] {
            assert!(matches!(Zone::new(Some(tz)), (Zone(None), None)), "{tz}");
        }
    }
}
