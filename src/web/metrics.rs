//! The numbers that Prometheus collects.

use std::fmt::Display;

use super::{reply::Reply, state::State};

pub fn reply(state: &State) -> Reply {
    Reply::new(200, "text/plain; version=0.0.4; charset=utf-8", metrics(state))
}

fn metrics(state: &State) -> String {
    let mut text = Text::default();
    text.family("build_info", "gauge", "The version of plex-linker.");
    text.sample("build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    text.one("running", "gauge", "Whether a run is under way.", u8::from(state.running));
    if let Some(at) = state.last_run_at {
        text.one("last_run_timestamp_seconds", "gauge", "When the last run ended.", at);
        if state.counters.runs > 0 {
            let seconds = state.last_duration_ms as f64 / 1000.0;
            text.one("last_run_duration_seconds", "gauge", "How long the last run took.", seconds);
        }
        let success = u8::from(state.failures().is_empty());
        text.one("last_run_success", "gauge", "Whether nothing failed in the last run.", success);
    }
    if let Some(at) = state.next_run_at {
        text.one("next_run_timestamp_seconds", "gauge", "When the next run begins by itself.", at);
    }
    text.family("rules", "gauge", "Rules by what the last run found: linked, or why not.");
    for (word, count) in state.states() {
        text.sample("rules", &[("state", word)], count);
    }
    text.family("runs_total", "counter", "Runs since the start.");
    let failed = state.counters.failed_runs;
    text.sample("runs_total", &[("result", "done")], state.counters.runs - failed);
    text.sample("runs_total", &[("result", "failed")], failed);
    text.one("changes_total", "counter", "Links made, replaced or removed since the start.", state.counters.changes);
    text.one("problems_total", "counter", "What failed in runs since the start.", state.counters.problems);
    text.family("app_up", "gauge", "Whether a Sonarr or Radarr could be used the last time.");
    for app in &state.apps {
        text.sample("app_up", &[("app", &app.name)], u8::from(app.problem.is_none()));
    }
    text.0
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.0 += &format!("# HELP plex_linker_{name} {help}\n# TYPE plex_linker_{name} {kind}\n");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let label = |(name, value): &(&str, &str)| {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            format!("{name}=\"{value}\"")
        };
        let labels: Vec<_> = labels.iter().map(label).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        self.0 += &format!("plex_linker_{name}{labels} {value}\n");
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }
}
