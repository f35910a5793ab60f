//! The local time, for people: as `TZ` or /etc/localtime has it.

use tz::TimeZone;

use crate::model::{civil, time};

/// Where the clocks on the wall are; `None` is UTC.
#[derive(Debug, Clone, Default)]
pub struct Zone(Option<TimeZone>);

impl Zone {
    /// `tz` is the variable of that name. Machines without either have UTC.
    pub fn new(tz: Option<&str>) -> Result<Zone, String> {
        let Some(tz) = tz.filter(|tz| !tz.is_empty()) else { return Ok(Zone(TimeZone::local().ok())) };
        TimeZone::from_posix_tz(tz).map(|zone| Zone(Some(zone))).map_err(|_| {
            format!(
                "TZ is {tz:?}, which is no time zone known here, so times are in UTC: see /usr/share/zoneinfo, or install tzdata"
            )
        })
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
    use super::Zone;

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
            assert_eq!(Zone::new(Some(tz)).unwrap().time(seconds), text, "{tz}");
        }
        assert_eq!(Zone::default().time(0), "1970-01-01 00:00:00Z");
    }

    #[test]
    fn a_zone_that_is_none_is_said() {
        for tz in ["Europe/Nowhere", "../../etc/passwd", ":", "x\0y"] {
            assert!(Zone::new(Some(tz)).unwrap_err().contains("so times are in UTC"), "{tz}");
        }
        assert!(Zone::new(Some("")).is_ok() && Zone::new(None).is_ok());
    }
}
