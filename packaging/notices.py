#!/usr/bin/env python3
"""notices.py TARGET...: prints the licences of the crates that are linked into plex-linker for these targets, each text once.

Most licences ask that their text goes with the program. Where a crate lets choose, it is taken by the first of CHOICE; a crate that
fits none of them ends this with an error: look at its licence, then add it here and to packaging/copyright.
"""

import json
import pathlib
import re
import subprocess
import sys

CHOICE = ["MIT", "Apache-2.0", "ISC", "BSD-3-Clause", "Zlib", "Unicode-3.0", "CDLA-Permissive-2.0"]
# What tells the texts of the choices that were not taken.
MARKS = {"MIT": "Permission is hereby granted, free of charge", "Apache-2.0": "www.apache.org/licenses/"}


def linked(targets):
    """The crates in the program: not build scripts, macros, and what only those need."""
    command = ["cargo", "metadata", "--locked", "--format-version=1"]
    command += [f"--filter-platform={target}" for target in targets]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    found, waiting = {}, [metadata["resolve"]["root"]]
    while waiting:
        crate = waiting.pop()
        kinds = {kind for made in packages[crate]["targets"] for kind in made["kind"]}
        if crate not in found and "proc-macro" not in kinds:
            found[crate] = packages[crate]
            needed = (dep for dep in nodes[crate]["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"]))
            waiting += [dep["pkg"] for dep in needed]
    del found[metadata["resolve"]["root"]]
    return sorted(found.values(), key=lambda package: package["name"])


def taken(package):
    """The licences that it is used under."""
    expression = (package["license"] or "").replace("/", " OR ")
    parts = [part.strip("() ") for part in re.split(r" AND (?![^(]*\))", expression)]
    chosen = [next((choice for choice in CHOICE if choice in part.split(" OR ")), None) for part in parts]
    if None in chosen:
        sys.exit(f"cannot tell the licences: {package['name']} has {package['license']}: see packaging/notices.py")
    return chosen


def texts(package, licences):
    folder = pathlib.Path(package["manifest_path"]).parent
    names = re.compile(r"(licen[sc]e|copying|copyright|notice)", re.IGNORECASE)
    files = sorted(file for file in folder.iterdir() if file.is_file() and names.match(file.name))
    found = [file.read_text().strip() for file in files]
    others = [mark for licence, mark in MARKS.items() if licence not in licences]
    wanted = [text for text in found if not any(mark in text for mark in others)]
    return wanted or found


said = {}
for package in linked(sys.argv[1:]):
    licences = taken(package)
    heading = f"{package['name']} {package['version']}: {' and '.join(licences)}"
    own = texts(package, licences) or ["Copyright: " + (", ".join(package["authors"]) or package["repository"])]
    said.setdefault("\n\n".join(own), []).append(heading)
for text, headings in said.items():
    print("\n".join(["=" * 80, *headings, "", text, ""]))
