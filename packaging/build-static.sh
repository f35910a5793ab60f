#!/bin/sh
# build-static.sh [TARGET...]: builds plex-linker as a static (musl) program, dist/TARGET/plex-linker, for each target.
#
# TARGET: x86_64-unknown-linux-musl, aarch64-unknown-linux-musl or arm-unknown-linux-musleabihf (ARMv6 with hard floats, for every
# Raspberry Pi); without it, this machine's own. Their standard library is rustup's; where rustup lacks one, Debian's own newer
# compiler (rustc-web) builds them from source. C is compiled by musl-gcc for this machine's own kind alone, else by zig, which is
# fetched once into the user's cache folder. The same sources give the same bytes in every folder.
set -eu
cd "$(dirname "$0")/.."
case $(uname -m) in
arm*) own=arm-unknown-linux-musleabihf ;;
*) own=$(uname -m)-unknown-linux-musl ;;
esac
[ $# -gt 0 ] || set -- "$own"
# musl as it is: later zigs have an allocator of their own in it, with which the daemon grows to 200 MB in 30,000 requests, not 4 MB.
zig_version=0.15.2 zigbuild_version=0.24.0
zig=${XDG_CACHE_HOME:-$HOME/.cache}/plex-linker/zig-$zig_version-$zigbuild_version

die() {
    echo "cannot build a static program for $*" >&2
    exit 1
}

use_zig() {
    if [ ! -d "$zig" ]; then
        python3 -m pip --version >/dev/null 2>&1 || die "$targets: Python's pip is missing (Debian: apt-get install python3-pip)"
        echo "fetching the C compiler zig into $zig (once, 420 MB)" >&2
        rm -rf "$zig.new"
        PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --no-deps --target "$zig.new" \
            ziglang==$zig_version cargo-zigbuild==$zigbuild_version
        mv "$zig.new" "$zig"
    fi
    PATH=$zig/bin:$zig/ziglang:$PATH
}

command -v rustc >/dev/null || die "$*: Rust is missing: see https://rustup.rs"
lacking=
for target; do
    rm -f "dist/$target/plex-linker"
    std=$(rustc --print target-libdir --target "$target" 2>/dev/null) || die "$target: Rust has no such target"
    [ -d "$std" ] || lacking="$lacking $target"
done

# A folder of its own: in a shared one this compiler and the tests' would each undo what the other built.
export CARGO_TARGET_DIR=target/static
# Panic messages and asserts name source files: the builder's folders must not be in them.
cargo_home=${CARGO_HOME:-$HOME/.cargo}
export RUSTFLAGS="--remap-path-prefix=$cargo_home=cargo --remap-path-prefix=$PWD=."
# No panic passes through C: it needs no tables for that.
export CFLAGS="${CFLAGS:-} -fno-asynchronous-unwind-tables -fno-unwind-tables -ffile-prefix-map=$cargo_home=cargo -ffile-prefix-map=$PWD=."

targets=$*
for target; do
    shift
    set -- "$@" --target "$target"
done
# One cargo for all: they share build scripts and macros, and while one is linked, by one thread, others are compiled.
set -- --locked --release "$@"
if [ -z "$lacking" ]; then
    if [ "$targets" = "$own" ] && command -v musl-gcc >/dev/null; then
        cargo build "$@"
    else
        use_zig
        cargo-zigbuild zigbuild "$@"
    fi
elif dpkg -s rustc-web cargo-web rust-web-src >/dev/null 2>&1; then
    use_zig
    export CARGO=/usr/bin/cargo RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    export RUSTFLAGS="$RUSTFLAGS -C link-self-contained=no" # the start files and libunwind are zig's
    # a stripped program has nothing to tell in a backtrace
    cargo-zigbuild zigbuild "$@" -Z build-std=std,panic_abort -Z build-std-features=optimize_for_size
else
    die "${lacking# }: no standard library: run \"rustup target add$lacking\", or on Debian \"apt-get install rustc-web cargo-web rust-web-src\""
fi

for target in $targets; do
    mkdir -p "dist/$target"
    cp "$CARGO_TARGET_DIR/$target/release/plex-linker" "dist/$target/plex-linker"
    echo "dist/$target/plex-linker"
done
