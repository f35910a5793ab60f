#!/bin/sh
# campaign.sh [TEST...]: runs all tests, or those with these words in their names, at their full size, and writes what they found to
# tests/CAMPAIGN.md: the rows of the tests that ran are new, the others stay.
set -eu
cd "$(dirname "$0")/.."
results=tests/CAMPAIGN.md
figures=$(mktemp)
trap 'rm -f "$figures" "$figures.rows"' EXIT

# what is released, where it has been built
static=$PWD/dist/$(uname -m)-unknown-linux-musl/plex-linker
[ ! -x "$static" ] || export PLEX_LINKER_PROGRAM="$static"

# one after the other: what is measured has the machine for itself
failed=
PLEX_LINKER_CAMPAIGN=$figures cargo test --locked --test it -- --test-threads=1 "$@" || failed=1
if [ $# = 0 ] && [ -z "$failed" ]; then
    PROPTEST_CASES=10000 cargo test --locked --lib
    echo '| 10,000 cases of each property of names, paths, plans, JSON and heads of requests | all hold |' >>"$figures"
    PLEX_LINKER_CAMPAIGN=$figures cargo bench --locked --bench bench
    tests/fuzz.sh 600 >>"$figures"
fi

grep '^| ' "$results" 2>/dev/null | tail -n +3 | cat - "$figures" |
    awk -F ' [|] ' '{ row[$1] = $0 } END { for (name in row) print row[name] }' | sort >"$figures.rows"
{
    echo "# What the campaign found"
    echo
    echo "\`make campaign\` wrote these figures, with the sizes that a release is tested with; \`make test\` does the same with smaller ones."
    echo
    echo "| what was done | what was found |"
    echo "| --- | --- |"
    cat "$figures.rows"
} >"$results.new"
mv "$results.new" "$results"
[ -z "$failed" ]
