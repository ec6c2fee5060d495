#!/usr/bin/env python3
"""compare/cargo.py PACKSCOPE PATH...: every Cargo.toml of HEAD as `packscope pack2cargo` reads it, against
`cargo read-manifest` in a temporary checkout, and every Cargo.lock against Python's own TOML reader.

Compared: name and version; of each dependency key, crate, requirement, kind, source, git url and reference, path,
optional, default features, features, target. Manifests that cargo refuses are counted, not compared. exit 1: a difference.
"""
import collections
import json
import os
import re
import subprocess

import manifests

try:
    import tomllib
except ImportError:
    tomllib = None


def requirement(text):
    """As semver's VersionReq prints it: '1.2, <2' is '^1.2, <2'."""
    parts = []
    for part in text.split(","):
        part = re.sub(r"\s+", "", part).split("+")[0]
        part = re.sub(r"\.[xX]\b", ".*", part)
        if part[:1].isdigit() and "*" not in part:
            part = "^" + part
        parts.append("*" if part in ("x", "X", "") else part)
    return ", ".join(parts)


def squeezed(text):
    return None if text is None else re.sub(r"\s+", "", text)


def ours(one, folder):
    git = None
    if one["source"] == "git":
        reference = next((f"?{key}={one[key]}" for key in ("branch", "tag", "rev") if one[key]), "")
        git = one["git"] + reference
    path = os.path.normpath(os.path.join(folder, one["path"])) if one["source"] == "path" else None
    return (one["name"], one["package"], requirement(one["req"]), one["kind"], one["source"], git, path, one["optional"],
            one["default_features"], tuple(sorted(set(one["features"]))), squeezed(one["target"]))


def theirs(one):
    source = one["source"] or ""
    git = source[4:].split("#")[0] if source.startswith("git+") else None
    kind = "git" if git else "registry" if source else "path"
    git = re.sub(r"%([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), git) if git else None
    return (one["rename"] or one["name"], one["name"], requirement(one["req"]), one["kind"] or "normal", kind, git,
            one.get("path"), one["optional"], one["uses_default_features"], tuple(sorted(set(one["features"]))),
            squeezed(one["target"]))


def compare_lock(record, text, where, tally):
    data = tomllib.loads(text)
    metadata = data.get("metadata", {})
    wanted = []
    for one in ([data["root"]] if "root" in data else []) + data.get("package", []):
        key = f"checksum {one['name']} {one['version']} ({one.get('source')})"
        checksum = one.get("checksum") or metadata.get(key)
        wanted.append({"name": one["name"], "version": one["version"], "source": one.get("source"),
                       "checksum": None if checksum == "<none>" else checksum})
    tally.check(where, "lock", record["lock"], wanted)


def compare_tables(record, data, where, tally):
    """What cargo does not show: a workspace's members, and overrides."""
    if "workspace" in data:
        tally.check(where, "members", record["workspace"]["members"], data["workspace"].get("members", []))
    patches = sorted((of, key) for of, entries in data.get("patch", {}).items() for key in entries)
    tally.check(where, "patch", sorted((one["of"], one["name"]) for one in record.get("patch", [])), patches)
    tally.check(where, "replace", sorted(one["of"] for one in record.get("replace", [])), sorted(data.get("replace", {})))


def compare(packscope, path, folder, tally):
    names = check_out(path, folder, tally)
    found, errors = manifests.records(packscope, "pack2cargo", path)
    environment = dict(os.environ, CARGO_NET_OFFLINE="true")
    for name in sorted(names - {record["path"] for record in found} - set(errors)):
        tally.check(name, "found", None, name)
    for name, line in errors.items():
        if name.endswith("Cargo.toml") and read_manifest(folder, name, environment):
            tally.check(name, "read", line, "cargo reads it")
    for record in found:
        where, file = record["path"], os.path.join(folder, record["path"])
        if "lock" in record:
            if tomllib:
                compare_lock(record, open(file, encoding="utf-8").read(), where, tally)
            continue
        if tomllib:
            compare_tables(record, tomllib.loads(open(file, encoding="utf-8").read()), where, tally)
        if record["package"] is None:
            continue  # virtual: cargo shows nothing of it by itself
        oracle = read_manifest(folder, where, environment)
        if oracle is None:
            tally.refused += 1
            continue
        tally.check(where, "package", (record["package"]["name"], record["package"]["version"] or "0.0.0"),
                    (oracle["name"], oracle["version"]))
        have = collections.Counter(ours(one, os.path.dirname(file)) for one in record["dependencies"])
        want = collections.Counter(theirs(one) for one in oracle["dependencies"])
        tally.same += (have & want).total() if hasattr(have, "total") else sum((have & want).values())
        only_ours, only_theirs = sorted((have - want).elements(), key=str), sorted((want - have).elements(), key=str)
        for i in range(max(len(only_ours), len(only_theirs))):
            tally.check(where, "dependency", (only_ours[i:] or [None])[0], (only_theirs[i:] or [None])[0])


def read_manifest(folder, name, environment):
    done = manifests.run("cargo", "read-manifest", "--manifest-path", os.path.join(folder, name), env=environment,
                         cwd=os.path.dirname(folder))
    return json.loads(done.stdout) if done.returncode == 0 else None


def check_out(path, folder, tally):
    """The manifests of HEAD, and empty files for all else: cargo asks only whether a target's source is there."""
    entries = manifests.git(path, "ls-tree", "-r", "-z", "HEAD").decode(errors="surrogateescape").split("\0")
    wanted = set()
    for entry in entries:
        if not entry.startswith("100"):
            continue  # a link or a submodule
        head, name = entry.split("\t", 1)
        file = os.path.join(folder, name)
        os.makedirs(os.path.dirname(file), exist_ok=True)
        manifest = name.rsplit("/", 1)[-1] in ("Cargo.toml", "Cargo.lock")
        with open(file, "wb") as out:
            if not manifest:
                continue
            try:
                out.write(manifests.git(path, "cat-file", "blob", head.split()[2]))
                wanted.add(name)
            except subprocess.CalledProcessError:
                tally.absent += 1  # a partial clone; where git itself fails, they are many
                print(f"  {path}: {name} is not there")
    return wanted


if __name__ == "__main__":
    manifests.main("cargo", compare, "facts", __doc__)
