# Builds, shows and tests plex-linker. Cargo does the work.

# What a release is built for. ARMv6 runs on all 32-bit Raspberry Pis.
TARGETS = x86_64-unknown-linux-musl aarch64-unknown-linux-musl arm-unknown-linux-musleabihf

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

build: ## the release program: target/release/plex-linker
	@cargo build --locked --release

demo: ## a sample library, a sample Radarr and Sonarr, and what plex-linker does with them
	@command -v cargo >/dev/null || { echo 'make demo: Rust is missing: see https://rustup.rs' >&2; exit 1; }
	@command -v "$${CC:-cc}" >/dev/null || { echo 'make demo: a C compiler is missing, for SQLite: install gcc' >&2; exit 1; }
	@cargo build --locked --bins --example demo
	@target/debug/examples/demo

test: ## install what the tests need, or say what that is; then run them all, on the static program too
	@tests/setup.sh
	@packaging/build-static.sh $(if $(filter true,$(CI)),$(TARGETS)) || [ "$$CI" != true ]
	@cargo test --locked

test-system: ## packages and units on a clean Debian with its systemd, in containers; needs root
	@tests/setup.sh
	@$(MAKE) --no-print-directory deb rpm
	@cargo test --locked --test system

check: ## formatting, lints, scripts and tests: what must pass before a change is taken
	@cargo fmt --check
	@cargo clippy --locked --all-targets --test system -- -D warnings
	@tests/setup.sh
	@shellcheck .ci/run packaging/*.sh tests/*.sh
	@$(MAKE) --no-print-directory test test-system

static: ## the release program without shared libraries, dist/TARGET/plex-linker (TARGET=aarch64-unknown-linux-musl ...)
	@packaging/build-static.sh $(TARGET)

deb: static ## a package for Debian and Ubuntu, in dist (TARGET as for static)
	@packaging/build-packages.sh deb $(TARGET)

rpm: static ## a package for Fedora and openSUSE, in dist (TARGET as for static)
	@packaging/build-packages.sh rpm $(TARGET)

dist: ## a release, in dist: static programs and packages for x86_64, aarch64 and 32-bit ARM, and SHA256SUMS
	@packaging/build-dist.sh $(TARGETS)

campaign: ## the tests at their full size, for hours; what they find goes to tests/CAMPAIGN.md
	@tests/setup.sh
	@packaging/build-static.sh
	@tests/campaign.sh

bench: ## time, memory and requests of a run, beside the least that the same work can cost
	@cargo bench --locked --bench bench

clean: ## remove what was built
	@cargo clean --quiet
	@rm -rf dist

.PHONY: help build demo test test-system check static deb rpm dist campaign bench clean
