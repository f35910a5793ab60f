#!/bin/sh
# build-dist.sh TARGET...: makes what a release is made of, in dist/: for each target the static program, a .deb and an .rpm; the licences
# of what is linked in; SHA256SUMS.
set -eu
cd "$(dirname "$0")/.."
release=plex-linker-$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
rm -f dist/plex-linker* dist/SHA256SUMS
packaging/build-static.sh "$@"
packaging/build-packages.sh deb "$@"
packaging/build-packages.sh rpm "$@"
for target; do
    cp "dist/$target/plex-linker" "dist/$release-${target%%-*}-linux"
done
cat packaging/copyright >"dist/$release-licenses.txt"
packaging/notices.py "$@" >>"dist/$release-licenses.txt"
cd dist
sha256sum plex-linker* >SHA256SUMS
cat SHA256SUMS
