#!/usr/bin/env python3
"""compare/gitmodules.py PACKSCOPE PATH...: every .gitmodules of HEAD as `packscope pack2gitmodules` reads it, against
`git config -f .gitmodules --list` and the gitlinks of `git ls-tree -r`. exit 1: a difference.
"""
import os

import manifests


def configured(folder, text):
    file = os.path.join(folder, "gitmodules")
    with open(file, "wb") as out:
        out.write(text)
    modules = {}
    for entry in manifests.git(folder, "config", "-f", file, "--list", "-z").decode().split("\0"):
        key, _, value = entry.partition("\n")
        section, _, rest = key.partition(".")
        name, _, variable = rest.rpartition(".")
        if section == "submodule" and name:
            modules.setdefault(name, {})[variable] = value
    return modules


def compare(packscope, path, folder, tally):
    found, errors = manifests.records(packscope, "pack2gitmodules", path)
    entries = [entry.split("\t", 1) for entry in manifests.git(path, "ls-tree", "-r", "-z", "HEAD").decode().split("\0") if entry]
    links = {name: head.split()[2] for head, name in entries if head.startswith("160000")}
    files = [name for head, name in entries if head.startswith("100") and name.rsplit("/", 1)[-1] == ".gitmodules"]
    tally.check(path, "files", sorted([record["path"] for record in found] + list(errors)), sorted(files))
    for record in found:
        where = record["path"]
        want = configured(folder, manifests.git(path, "cat-file", "blob", record["object"]))
        tally.check(where, "names", [one["name"] for one in record["submodules"]], list(want))
        for one in record["submodules"]:
            values = want.get(one["name"], {})
            below = os.path.normpath(os.path.join(os.path.dirname(where), values.get("path", "")))
            expected = {key: values.get(key) for key in ("path", "url", "branch")} | {"commit": links.get(below)}
            tally.check(f"{where}: {one['name']}", "submodule", {key: one[key] for key in expected}, expected)


if __name__ == "__main__":
    manifests.main("git", compare, "facts", __doc__)
