#!/bin/sh
#name=plex-linker
#description=Links films that Radarr manages into the specials folders of Sonarr's shows
#arrayStarted=true
#clearLog=true

# For Unraid's User Scripts and Synology's Task Scheduler: installs the static program that lies in the folder APP, and does one run,
# or the command that is given. unraid.md and synology.md beside it tell how. Two at once do no harm, and the exit code is the program's.

# The folder with the program, its settings (plex-linker.env), and its rules.
: "${APP:=/mnt/user/appdata/plex-linker}"
# Who owns what is made when root runs this, PUID and PGID, is who owns the media if they are not set.

die() {
    echo "plex-linker: $1" >&2
    exit 1
}

case $(uname -m) in
x86_64) kind=x86_64 ;;
aarch64) kind=aarch64 ;;
armv[678]*) kind=arm ;;
*) die "there is no program for $(uname -m)" ;;
esac
cd "$APP" || die "the folder $APP is missing: make it, or set APP"

# What root runs, and the settings that say what it does, are root's alone to change. Whoever may rename the folder could put another
# one at its path, so from here on it is the current one and not APP.
rooted() {
    [ "$(id -u)" = 0 ] || return 0
    case $(stat -L -c '%u %A' "$1") in
    '0 '?????-??-?*) ;;
    *) die "others than root may change $2, which root uses: run \"chown 0:0 $2 && chmod go-w $2\" once you know what is in it" ;;
    esac
}
rooted . "$APP"

# The static program of a release, as it was downloaded, takes the place of the one before.
# Of two, the newer comes last and stays.
for new in $(printf '%s\n' plex-linker-*-"$kind"-linux | sort -V); do
    [ -f "$new" ] || continue
    rooted "$new" "$APP/$new"
    { chmod 755 "$new" && "./$new" --version >/dev/null; } || die "$APP/$new does not run on this machine"
    mv -f "$new" plex-linker || die "cannot install $APP/$new"
done
[ -f plex-linker ] || die "the folder $APP has no program: put a release's plex-linker-...-$kind-linux into it"
rooted plex-linker "$APP/plex-linker"
[ ! -e plex-linker.env ] || rooted plex-linker.env "$APP/plex-linker.env"
[ -x plex-linker ] || chmod 755 plex-linker || die "cannot make $APP/plex-linker executable"

mkdir -p state || die "cannot make $APP/state"
if [ "$(id -u)" = 0 ]; then
    setting() { sed -n "s/^$1=//p" plex-linker.env 2>/dev/null | tr -d "\r\"'" | tail -n 1; }
    owners() { while read -r folder; do stat -L -c %u:%g "$folder" 2>/dev/null; done | grep -v ^0: | sort -u; }
    : "${MEDIA_ROOT:=$(setting MEDIA_ROOT)}" "${PUID:=$(setting PUID)}" "${PGID:=$(setting PGID)}"
    owner=${PUID:+$PUID${PGID:+:$PGID}}
    # where the root of the media is root's, the program looks at Sonarr's folders, then at those in it, too
    : "${owner:=$(echo "$MEDIA_ROOT" | owners)}"
    : "${owner:=$(setting SONARR_0_PATH_MAP | tr , '\n' | sed 's/.*=//' | owners)}"
    : "${owner:=$(printf '%s\n' "$MEDIA_ROOT"/[!@#]*/ | owners)}"
    [ "$(echo "$owner" | wc -l)" = 1 ] || owner=
    [ -z "$owner" ] || chown -R "$owner" state || die "cannot give $APP/state to $owner"
fi

export STATE_DIRECTORY=state
# Folders that it makes can be written by their group, as it is with the package.
umask 002
# Between two walks through the media folders, one a day, their disks may sleep.
grep -q '^PLEX_LINKER_CLEAN=' plex-linker.env 2>/dev/null || export PLEX_LINKER_CLEAN="${PLEX_LINKER_CLEAN:-daily}"
# A scheduler that systemd has started may hand on what tells the program that systemd chose its user.
unset INVOCATION_ID
[ $# -gt 0 ] || set -- once
exec ./plex-linker --config plex-linker.env "$@"
