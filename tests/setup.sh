#!/bin/sh
# setup.sh: installs what the tests need and this machine lacks, else says what that is.
#
# It installs as root, or by a sudo that asks no password, with apt-get, dnf or apk. Where it may not, that is an error with
# CI=true; elsewhere the tests that need what is missing say so themselves.
set -eu

have() {
    command -v "$1" >/dev/null
}

if have apt-get; then
    install='apt-get install --yes --quiet --no-install-recommends'
elif have dnf; then
    install='dnf install --assumeyes --quiet'
elif have apk; then
    install='apk add --quiet'
else
    install='the packages that Debian calls'
fi

# need DEBIAN FEDORA ALPINE: notes something missing by its packages' names there.
missing=
need() {
    case $install in
    dnf*) shift ;;
    apk*) shift 2 ;;
    esac
    missing="$missing${1:+ $1}"
}

have chromedriver || need 'chromium chromium-driver' 'chromium chromedriver' 'chromium chromium-chromedriver'
have cc || need 'gcc libc6-dev' gcc 'gcc musl-dev'
have initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need postgresql postgresql-server postgresql
have buildah || need buildah buildah buildah
have busybox || need busybox-static busybox busybox-static
have fish || need fish fish fish
have dpkg-deb || need dpkg dpkg dpkg
have groff || need groff groff groff
have lintian || need lintian '' ''
have mandoc || need mandoc mandoc mandoc
have mmdebstrap || need mmdebstrap '' ''
have nginx || [ -x /usr/sbin/nginx ] || need nginx-light nginx nginx
have mergerfs || need mergerfs '' mergerfs
have encfs || need encfs fuse-encfs encfs
have mount.exfat-fuse || [ -x /usr/sbin/mount.exfat-fuse ] || need exfat-fuse fuse-exfat ''
have mkfs.exfat || [ -x /usr/sbin/mkfs.exfat ] || need exfatprogs exfatprogs exfatprogs
have lowntfs-3g || need ntfs-3g ntfs-3g ntfs-3g
have openssl || need openssl openssl openssl
have qemu-arm-static || need qemu-user-static qemu-user-static ''
have readelf || need binutils binutils binutils
have rpm || need rpm rpm rpm
have rpmlint || need rpmlint rpmlint ''
have script || need bsdutils util-linux util-linux-misc
have shellcheck || need shellcheck ShellCheck shellcheck
have strace || need strace strace strace
have systemd-nspawn || need systemd-container systemd-container ''
have xz || need xz-utils xz xz
have zsh || need zsh zsh zsh

# packaging/build-static.sh needs pip, and rustup's standard libraries for musl or Debian's source of one.
python3 -c 'import pip' 2>/dev/null || need python3-pip python3-pip py3-pip
for target in x86_64-unknown-linux-musl aarch64-unknown-linux-musl arm-unknown-linux-musleabihf; do
    [ -d "$(rustc --print target-libdir --target $target)" ] || std=debian
done
[ -z "${std:-}" ] || dpkg -s rustc-web cargo-web rust-web-src >/dev/null 2>&1 || need 'rustc-web cargo-web rust-web-src' '' ''

[ -n "$missing" ] || exit 0
as_root=
[ "$(id -u)" = 0 ] || as_root='sudo -n'
if [ "${install#the}" = "$install" ] && $as_root true 2>/dev/null; then
    echo "tests/setup.sh: $install$missing" >&2
    export DEBIAN_FRONTEND=noninteractive
    ! have apt-get || $as_root apt-get update -qq
    # shellcheck disable=SC2086 # lists of words
    $as_root $install $missing >/dev/null
else
    echo "tests/setup.sh: some tests cannot run on this machine before root does: $install$missing" >&2
    [ "${CI:-}" != true ]
fi
