//! The units and packages on a real Debian under a real systemd, in containers: what `make test-system` runs.

mod support;
mod system {
    mod container;
    mod deb;
    mod debian;
    mod machine;
    mod nas;
    mod packages;
    mod rpm;
    mod timer;
    mod units;
}
