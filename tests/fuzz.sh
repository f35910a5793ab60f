#!/bin/sh
# fuzz.sh [SECONDS]: the targets of tests/stress/fuzz.rs, so long each, with libFuzzer choosing the input by what it reaches in the program.
# It tells each one's figures; an input that ends the program is left in target/fuzz.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
host=$(rustc --version --verbose | sed -n 's/^host: //p')
export CARGO_TARGET_DIR=target/fuzz
# rustc's own flags: no other compiler is needed, and with --target they are for the program alone
coverage='-C passes=sancov-module -C llvm-args=-sanitizer-coverage-level=4 -C llvm-args=-sanitizer-coverage-inline-8bit-counters'
export RUSTFLAGS="--cfg fuzzing $coverage -C llvm-args=-sanitizer-coverage-pc-table"
# the program's own crates, as they are locked, and libFuzzer
cp Cargo.lock tests/stress/fuzz/Cargo.lock
cargo build --quiet --release --manifest-path tests/stress/fuzz/Cargo.toml --target "$host"

for target in database_url environment_file names request gate answers; do
    PLEX_LINKER_SEEDS=$(mktemp --directory)
    export PLEX_LINKER_SEEDS PLEX_LINKER_FUZZ=$target
    log=target/fuzz/$target.log
    "$CARGO_TARGET_DIR/$host/release/fuzz" -max_total_time="$seconds" -max_len=32768 -rss_limit_mb=256 \
        -artifact_prefix=target/fuzz/ "$PLEX_LINKER_SEEDS" >"$log" 2>&1 || {
        grep -a -A 2 'panicked at\|ERROR: libFuzzer' "$log" >&2
        exit 1
    }
    rm -r "$PLEX_LINKER_SEEDS"
    echo "| libFuzzer on $target | $(sed -n 's/^Done \(.*\) runs in \(.*\) second.*/\1 inputs in \2 seconds/p' "$log"), none fatal |"
done
