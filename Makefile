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

test: ## install what the tests need, or say what that is; then run them all, but for those of what is shipped
	@tests/setup.sh
	@RUST_TEST_THREADS=$${RUST_TEST_THREADS:-$$((4 * $$(nproc)))} cargo test --locked # many wait for time to pass

test-system: ## static programs, packages and units, on a clean Debian with its systemd, in containers; needs root (with CI=true: all of make dist)
	@tests/setup.sh
	@$(MAKE) --no-print-directory $(if $(filter true,$(CI)),dist,deb rpm)
	@cargo build --locked --bins --example demo
	@cargo test --locked --test system

check: ## formatting, lints, scripts and tests: what must pass before a change is taken
	@cargo fmt --check
	@tests/setup.sh
	@shellcheck .ci/run packaging/*.sh packaging/*.openrc packaging/completions/*.bash tests/*.sh
	@packaging/build-static.sh $(if $(filter true,$(CI)),$(TARGETS)) & static=$$!; \
		cargo clippy --locked --all-targets --test system -- -D warnings && $(MAKE) --no-print-directory test; tested=$$?; \
		wait $$static && exit $$tested
	@$(MAKE) --no-print-directory test-system

static: ## the release program without shared libraries, dist/TARGET/plex-linker (TARGET=aarch64-unknown-linux-musl ...)
	@packaging/build-static.sh $(TARGET)

deb: static ## a package for Debian and Ubuntu, in dist (TARGET as for static)
	@packaging/build-packages.sh deb $(TARGET)

rpm: static ## a package for Fedora and openSUSE, in dist (TARGET as for static)
	@packaging/build-packages.sh rpm $(TARGET)

dist: ## a release, in dist: static programs and packages for x86_64, aarch64 and 32-bit ARM, and SHA256SUMS
	@packaging/build-dist.sh $(TARGETS)

# What "install" puts below PREFIX, and nowhere else: FROM:TO.
PREFIX = /usr/local
PROGRAM = target/release/plex-linker
FILES = \
	$(PROGRAM):bin/plex-linker \
	systemd/plex-linker.service:lib/systemd/system/plex-linker.service \
	systemd/plex-linker-once.service:lib/systemd/system/plex-linker-once.service \
	systemd/plex-linker.timer:lib/systemd/system/plex-linker.timer \
	systemd/plex-linker.sysusers:lib/sysusers.d/plex-linker.conf \
	packaging/plex-linker.8:share/man/man8/plex-linker.8 \
	packaging/plex-linker.env.5:share/man/man5/plex-linker.env.5 \
	packaging/completions/plex-linker.bash:share/bash-completion/completions/plex-linker \
	packaging/completions/_plex-linker:share/zsh/site-functions/_plex-linker \
	packaging/completions/plex-linker.fish:share/fish/vendor_completions.d/plex-linker.fish \
	systemd/examples/media-group.conf:share/doc/plex-linker/examples/media-group.conf \
	systemd/examples/mounts.conf:share/doc/plex-linker/examples/mounts.conf \
	systemd/examples/strict.conf:share/doc/plex-linker/examples/strict.conf \
	README.md:share/doc/plex-linker/README.md \
	LICENSE:share/doc/plex-linker/LICENSE
# Where the program looks for its settings.
ETC = $(DESTDIR)/etc/plex-linker

install: ## put program, units, man pages and completions below PREFIX=/usr/local (DESTDIR=...; builds nothing)
	@[ -x $(PROGRAM) ] || { echo 'make install: $(PROGRAM) is missing: run "make build" first, as yourself' >&2; exit 1; }
	@umask 022; set -e; for file in $(FILES); do \
		to="$(DESTDIR)$(PREFIX)/$${file#*:}"; \
		case $$file in $(PROGRAM):*) mode=755 ;; *) mode=644 ;; esac; \
		install -D -m $$mode "$${file%%:*}" "$$to"; \
		case $$to in *.service) sed -i 's|/usr/bin/|$(PREFIX)/bin/|; s|/usr/share/|$(PREFIX)/share/|' "$$to" ;; esac; \
	done; \
	[ -e "$(ETC)/plex-linker.env" ] || install -D -m 640 packaging/plex-linker.env "$(ETC)/plex-linker.env"
	@[ -n "$(DESTDIR)" ] || printf '%s\n' 'Next, as root, for the units:' \
		'    systemd-sysusers && systemctl daemon-reload && chgrp plex-linker $(ETC)/plex-linker.env' \
		'    install -d -o plex-linker -g plex-linker -m 750 /var/lib/plex-linker' \
		'Then "plex-linker setup" finds where things are, writes it into $(ETC)/plex-linker.env, and starts it.'

uninstall: ## remove what "install" put there (same PREFIX and DESTDIR), but no settings that were changed, and no rules
	@for file in $(FILES); do rm -f "$(DESTDIR)$(PREFIX)/$${file#*:}"; done
	@rmdir "$(DESTDIR)$(PREFIX)/share/doc/plex-linker/examples" "$(DESTDIR)$(PREFIX)/share/doc/plex-linker" 2>/dev/null || :
	@! cmp -s packaging/plex-linker.env "$(ETC)/plex-linker.env" || { rm "$(ETC)/plex-linker.env"; rmdir "$(ETC)" 2>/dev/null || :; }

campaign: ## the tests at their full size, for hours; what they find goes to tests/CAMPAIGN.md
	@tests/setup.sh
	@packaging/build-static.sh
	@tests/campaign.sh

fuzz: ## wrong input as libFuzzer chooses it, a minute for each target
	@tests/fuzz.sh

bench: ## time, memory and requests of a run, beside the least that the same work can cost
	@cargo bench --locked --bench bench

clean: ## remove what was built
	@cargo clean --quiet
	@rm -rf dist

.PHONY: help build demo test test-system check static deb rpm dist install uninstall campaign fuzz bench clean
