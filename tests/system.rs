//! What is shipped: the static programs, and the units and packages on a real Debian under a real systemd, in containers. It is what
//! `make test-system` runs.

mod support;
mod system {
    mod container;
    mod deb;
    mod debian;
    mod hosts;
    mod machine;
    mod nas;
    mod packages;
    mod rpm;
    mod static_program;
    mod timer;
    mod units;
}
