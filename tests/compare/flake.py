#!/usr/bin/env python3
"""compare/flake.py PACKSCOPE PATH...: the flakes of HEAD as `packscope pack2nix` reads them, against nix.

Of a flake.nix: description, and of each input url, flake, follows, overrides and attributes, against
`nix-instantiate --eval --strict --json`; then what each url was resolved into, against "original" in the flake.lock beside
it, which nix wrote. Of a flake.lock: every node, against its own JSON. exit 1: a difference.
"""
import json
import os

import manifests

EXPRESSION = "let f = import FILE; in assert builtins.isAttrs f; { inputs = f.inputs or { }; description = f.description or null; }"
LOCKED = ("type", "owner", "repo", "url", "rev", "narHash", "lastModified")


def evaluated(folder, text):
    file = os.path.join(folder, "flake.nix")
    with open(file, "wb") as out:
        out.write(text)
    done = manifests.run("nix-instantiate", "--eval", "--strict", "--json", "-E", EXPRESSION.replace("FILE", file))
    return json.loads(done.stdout) if done.returncode == 0 else None


def overrides(inputs):
    """Nix's set of overrides as our record shows it, less what urls resolve into."""
    return {name: {key: overrides(value) if key == "inputs" else value for key, value in one.items()
                   if key != "inputs" or value}
            for name, one in inputs.items()}


def without_reference(inputs):
    return {name: {key: without_reference(value) if key == "inputs" else value for key, value in one.items()
                   if key not in ("type", "original")}
            for name, one in inputs.items()}


def compare_flake(record, oracle, where, tally):
    tally.check(where, "description", record["description"], oracle["description"])
    names = sorted(name for name, one in oracle["inputs"].items() if name != "self" or {"url", "type"} & set(one))
    tally.check(where, "names", [one["name"] for one in record["inputs"]], names)
    for one in record["inputs"]:
        want = oracle["inputs"].get(one["name"])
        if want is None:
            continue
        at = f"{where}: {one['name']}"
        tally.check(at, "url", one["url"], want.get("url"))
        tally.check(at, "flake", one["flake"], want.get("flake", True))
        tally.check(at, "follows", one["follows"], want.get("follows"))
        tally.check(at, "inputs", without_reference(one["inputs"]), overrides(want.get("inputs", {})))
        if "type" in want:
            attributes = {key: value for key, value in want.items() if key not in ("flake", "follows", "inputs")}
            tally.check(at, "original", one["original"], attributes)


def without_dir(url):
    """Older nix leaves ?dir=… in the url of a git input, beside the attribute."""
    base, _, query = url.partition("?")
    rest = "&".join(part for part in query.split("&") if part and not part.startswith("dir="))
    return base + ("?" + rest if rest else "")


def compare_original(record, lock, where, tally):
    root = lock["nodes"].get(lock["root"], {}).get("inputs", {})
    for one in record["inputs"]:
        node = root.get(one["name"])
        if not isinstance(node, str) or one["follows"] is not None:
            continue
        want = dict(lock["nodes"][node].get("original", {}))
        if "url" in want:
            want["url"] = without_dir(want["url"])
        if one["type"] == "path" and want.get("path", "").startswith("/nix/store/"):
            continue  # older nix wrote where it had copied the folder to
        tally.check(f"{where}: {one['name']}", "original", one["original"], want)


def compare_lock(record, lock, where, tally):
    tally.check(where, "root", record["root"], lock["root"])
    tally.check(where, "nodes", [node["name"] for node in record["nodes"]], sorted(lock["nodes"]))
    for node in record["nodes"]:
        want = lock["nodes"][node["name"]]
        locked = {**want.get("locked", {}), **want.get("info", {})}
        expected = {key: locked.get(key) for key in LOCKED}
        expected["ref"] = locked.get("ref", want.get("original", {}).get("ref"))
        expected["inputs"] = want.get("inputs", {})
        tally.check(f"{where}: {node['name']}", "node", {key: node[key] for key in expected}, expected)


def compare(packscope, path, folder, tally):
    found, errors = manifests.records(packscope, "pack2nix", path)
    texts = {record["path"]: manifests.git(path, "cat-file", "blob", record["object"]) for record in found}
    for name, line in errors.items():
        text = manifests.git(path, "show", f"HEAD:{name}")
        if name.endswith("flake.nix") and evaluated(folder, text) is not None:
            tally.check(name, "read", line, "nix reads it")
        else:
            tally.refused += 1
    for record in found:
        where = record["path"]
        if "nodes" in record:
            compare_lock(record, json.loads(texts[where]), where, tally)
            continue
        oracle = evaluated(folder, texts[where])
        if oracle is None:
            tally.refused += 1
        else:
            compare_flake(record, oracle, where, tally)
        beside = where[: -len("flake.nix")] + "flake.lock"
        if beside in texts:
            compare_original(record, json.loads(texts[beside]), where, tally)


if __name__ == "__main__":
    manifests.main("nix", compare, "facts", __doc__)
