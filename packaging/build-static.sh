#!/bin/sh
# build-static.sh [TARGET]: builds plex-linker as one static (musl) program, dist/TARGET/plex-linker.
#
# TARGET: x86_64-unknown-linux-musl, aarch64-unknown-linux-musl, armv7-unknown-linux-musleabihf or
# arm-unknown-linux-musleabihf; without it, this machine's own. Its standard library is rustup's; where rustup has none,
# Debian's own newer compiler (rustc-web) builds one from source. C is compiled by musl-gcc for this machine's own kind,
# else by zig, which is fetched once into the user's cache folder.
set -eu
cd "$(dirname "$0")/.."
target=${1:-$(uname -m)-unknown-linux-musl}
program=dist/$target/plex-linker
# musl as it is: later zigs have an allocator of their own in it, with which the daemon grows to 200 MB in 30,000 requests, not 4 MB.
zig_version=0.15.2 zigbuild_version=0.24.0
zig=${XDG_CACHE_HOME:-$HOME/.cache}/plex-linker/zig-$zig_version-$zigbuild_version

die() {
    echo "cannot build a static program for $target: $1" >&2
    exit 1
}

use_zig() {
    if [ ! -d "$zig" ]; then
        python3 -m pip --version >/dev/null 2>&1 || die "Python's pip is missing (Debian: apt-get install python3-pip)"
        echo "fetching the C compiler zig into $zig (once, 420 MB)" >&2
        rm -rf "$zig.new"
        PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --no-deps --target "$zig.new" \
            ziglang==$zig_version cargo-zigbuild==$zigbuild_version
        mv "$zig.new" "$zig"
    fi
    PATH=$zig/bin:$zig/ziglang:$PATH
}

rm -f "$program"
command -v rustc >/dev/null || die "Rust is missing: see https://rustup.rs"
std=$(rustc --print target-libdir --target "$target" 2>/dev/null) || die "Rust has no such target"
# A folder of its own: in a shared one this compiler and the tests' would each undo what the other built.
export CARGO_TARGET_DIR=target/static
# No panic passes through C: it needs no tables for that.
export CFLAGS="${CFLAGS:-} -fno-asynchronous-unwind-tables -fno-unwind-tables"
# Panic messages name source files: without the builder's home folder in them the program is the same on every machine.
export RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"

if [ -d "$std" ]; then
    if [ "$target" = "$(uname -m)-unknown-linux-musl" ] && command -v musl-gcc >/dev/null; then
        cargo build --locked --release --target "$target"
    else
        use_zig
        cargo-zigbuild zigbuild --locked --release --target "$target"
    fi
elif dpkg -s rustc-web cargo-web rust-web-src >/dev/null 2>&1; then
    use_zig
    export CARGO=/usr/bin/cargo RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    export RUSTFLAGS="$RUSTFLAGS -C link-self-contained=no" # the start files and libunwind are zig's
    # a stripped program has nothing to tell in a backtrace
    cargo-zigbuild zigbuild --locked --release --target "$target" -Z build-std=std \
        -Z build-std-features=panic-unwind,optimize_for_size
else
    die "no standard library: run \"rustup target add $target\", or on Debian \"apt-get install rustc-web cargo-web rust-web-src\""
fi

mkdir -p "dist/$target"
cp "$CARGO_TARGET_DIR/$target/release/plex-linker" "$program"
echo "$program"
