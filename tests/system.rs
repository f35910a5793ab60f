//! The units and packages on a real Debian under a real systemd, in containers: what `make test-system` runs.

mod support;
mod system {
    mod debian;
    mod machine;
    mod nas;
    mod units;
}
