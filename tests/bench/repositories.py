#!/usr/bin/env python3
"""Writes COUNT bare repositories with realistic manifests: tests/bench/repositories.py COUNT FOLDER

Each lies as FOLDER/github.com/OWNER/NAME.git: one pack with its index, one branch, an origin. Packs are written here
byte by byte (git fast-import takes ten times as long for so many). The same COUNT gives the same bytes.

Seven of ten are crates or workspaces (members that inherit, a lock of 40 to 200 packages), four of ten are flakes with
a lock, every seventh has submodules, every fifth is a fork of an earlier one with another README. Crates are drawn by
popularity (Zipf). FOLDER.serde lists the repositories whose manifests name serde, one a line, sorted: what
`build_graph query DB dependents-of pkg:cargo/serde` has to answer.
"""
import bisect
import hashlib
import itertools
import json
import pathlib
import random
import struct
import sys
import zlib

POPULAR = "serde tokio anyhow log clap rand regex libc syn quote bytes futures tracing chrono itertools thiserror".split()
WORDS = "pack read tree blob index delta walk ref commit object store clue graph input lock node edge name path".split()


def entry(kind, data):
    """A pack entry: type and size in base 128, then the zlib stream."""
    size, head = len(data), bytearray()
    byte = kind << 4 | size & 15
    size >>= 4
    while size:
        head.append(byte | 128)
        byte, size = size & 127, size >> 7
    head.append(byte)
    return bytes(head) + zlib.compress(data, 1)


class Pack:
    KINDS = {"commit": 1, "tree": 2, "blob": 3}

    def __init__(self):
        self.objects = {}

    def add(self, kind, data):
        name = hashlib.sha1(f"{kind} {len(data)}\0".encode() + data).digest()
        self.objects.setdefault(name, (kind, data))
        return name

    def tree(self, files, links):
        """files: {path: text}, links: {path: id}; returns the root tree's id."""
        rows, folders = [], {}
        for path, text in files.items():
            head, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(head, ({}, {}))[0][rest] = text
            else:
                rows.append((head, b"100644", self.add("blob", text.encode())))
        for path, name in links.items():
            head, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(head, ({}, {}))[1][rest] = name
            else:
                rows.append((head, b"160000", name))
        for head, below in folders.items():
            rows.append((head, b"40000", self.tree(*below)))
        rows.sort(key=lambda row: row[0] + ("/" if row[1] == b"40000" else ""))
        return self.add("tree", b"".join(mode + b" " + name.encode() + b"\0" + raw for name, mode, raw in rows))

    def write(self, folder):
        body, rows = bytearray(b"PACK" + struct.pack(">II", 2, len(self.objects))), []
        for name, (kind, data) in self.objects.items():
            one = entry(self.KINDS[kind], data)
            rows.append((name, zlib.crc32(one), len(body)))
            body += one
        trailer = hashlib.sha1(body).digest()
        rows.sort()
        counts, fanout = [row[0][0] for row in rows], b""
        for first in range(256):
            fanout += struct.pack(">I", bisect.bisect_right(counts, first))
        index = b"\xfftOc" + struct.pack(">I", 2) + fanout + b"".join(row[0] for row in rows)
        index += b"".join(struct.pack(">I", row[1]) for row in rows) + b"".join(struct.pack(">I", row[2]) for row in rows)
        index += trailer
        index += hashlib.sha1(index).digest()
        folder.mkdir(parents=True)
        (folder / f"pack-{trailer.hex()}.pack").write_bytes(bytes(body) + trailer)
        (folder / f"pack-{trailer.hex()}.idx").write_bytes(index)


class World:
    def __init__(self, count):
        self.count = count
        self.crates = POPULAR + [f"{WORDS[i % 19]}-{WORDS[i // 19 % 19]}-{i}" for i in range(max(count, 100))]
        weights = [1 / (rank + 1) for rank in range(len(self.crates))]
        self.cumulative = list(itertools.accumulate(weights))

    def draw(self, random, many, but=None):
        wanted = {self.crates[bisect.bisect(self.cumulative, random.random() * self.cumulative[-1])] for _ in range(many)}
        return sorted(wanted - {but})

    def name(self, number):
        return f"owner{number % 997}/{self.crates[(number + len(POPULAR)) % len(self.crates)]}"


def version(random):
    return f"{random.randrange(3)}.{random.randrange(40)}.{random.randrange(20)}"


def dependency(random, crate, world):
    kind = random.randrange(10)
    if kind < 6:
        return f'{crate} = "{version(random)[:3]}"\n'
    if kind < 8:
        return f'{crate} = {{ version = "{version(random)}", default-features = false, features = ["std"] }}\n'
    if kind < 9:
        return f'my-{crate} = {{ package = "{crate}", version = "1" }}\n'
    return f'{crate} = {{ git = "https://github.com/{world.name(random.randrange(world.count))}", branch = "main" }}\n'


def cargo(random, number, world, files):
    """Manifests and lock of one repository; returns whether one names serde."""
    own = world.crates[(number + len(POPULAR)) % len(world.crates)]
    members = [f"{own}-{part}" for part in ("core", "cli", "macros")[: random.choice((0, 0, 1, 3))]]
    shared, used = world.draw(random, 6, own), set()
    manifest = f'[package]\nname = "{own}"\nversion = "{version(random)}"\nedition = "2021"\n\n[dependencies]\n'
    for crate in world.draw(random, random.randrange(4, 20), own):
        manifest += dependency(random, crate, world)
        used.add(crate)
    manifest += "\n[dev-dependencies]\n"
    for crate in world.draw(random, 3, own):
        manifest += f'{crate} = "1"\n'
        used.add(crate)
    if members:
        manifest += f"\n[workspace]\nmembers = {json.dumps(members)}\n\n[workspace.dependencies]\n"
        manifest += "".join(f'{crate} = "1.{rank}"\n' for rank, crate in enumerate(shared))
    files["Cargo.toml"] = manifest
    for member in members:
        text = f'[package]\nname = "{member}"\nversion = "0.1.0"\n\n[dependencies]\n{own} = {{ path = ".." }}\n'
        for crate in shared[: random.randrange(1, 6)]:
            text += f"{crate}.workspace = true\n"
            used.add(crate)
        files[f"{member}/Cargo.toml"] = text
        files[f"{member}/src/lib.rs"] = f"//! {member}\npub fn run() {{}}\n"
    lock = "# This file is automatically @generated by Cargo.\nversion = 4\n"
    for crate in world.draw(random, random.randrange(40, 200)):
        digest = hashlib.sha256(crate.encode()).hexdigest()
        lock += f'\n[[package]]\nname = "{crate}"\nversion = "{version(random)}"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "{digest}"\n'
    files["Cargo.lock"] = lock
    return "serde" in used


def flake(random, world, files):
    inputs = {"nixpkgs": "NixOS/nixpkgs", "flake-utils": "numtide/flake-utils"}
    for _ in range(random.randrange(4)):
        number = random.randrange(world.count)
        inputs[f"input-{number}"] = world.name(number)
    text = '{\n  description = "generated";\n'
    text += "".join(f'  inputs.{name}.url = "github:{repo}";\n' for name, repo in inputs.items())
    text += f"  outputs = {{ self, {', '.join(inputs)} }}: {{ }};\n}}\n"
    nodes = {"root": {"inputs": {name: name for name in inputs}}}
    for name, repo in inputs.items():
        owner, repo = repo.split("/")
        rev = hashlib.sha1(f"{repo}{random.randrange(30)}".encode()).hexdigest()
        nodes[name] = {"locked": {"lastModified": 1700000000, "narHash": "sha256-" + "A" * 43 + "=", "owner": owner, "repo": repo, "rev": rev, "type": "github"},
                       "original": {"owner": owner, "repo": repo, "type": "github"}}
    files["flake.nix"] = text
    files["flake.lock"] = json.dumps({"nodes": nodes, "root": "root", "version": 7}, indent=2) + "\n"


def contents(number, world):
    """Files, gitlinks, and whether serde is named, of what repository `number` holds."""
    own = random.Random(number)
    if number % 5 == 4:  # a fork of an earlier one
        files, links, serde = contents(own.randrange(number // 5 * 5 + 1) // 5 * 5, world)
        files["README.md"] += f"\nFork {number}.\n"
        return files, links, serde
    files, links, serde = {"README.md": f"# {world.name(number)}\n"}, {}, False
    for part in range(own.randrange(5, 30)):
        files[f"src/{WORDS[part % 19]}/{part}.rs"] = "".join(f"pub fn {own.choice(WORDS)}_{line}() {{}}\n" for line in range(10))
    if own.random() < 0.7:
        serde = cargo(own, number, world, files)
    if own.random() < 0.4:
        flake(own, world, files)
    if own.random() < 0.14:
        modules = ""
        for module in {own.randrange(world.count) for _ in range(3)}:
            modules += f'[submodule "m{module}"]\n\tpath = deps/m{module}\n\turl = https://github.com/{world.name(module)}.git\n'
            links[f"deps/m{module}"] = hashlib.sha1(str(module).encode()).digest()
        files[".gitmodules"] = modules
    return files, links, serde


def write(number, world, folder):
    files, links, serde = contents(number, world)
    pack = Pack()
    person = b"A U Thor <author@example.org> 1700000000 +0000"
    commit = pack.add("commit", b"tree %s\nauthor %s\ncommitter %s\n\nOne\n" % (pack.tree(files, links).hex().encode(), person, person))
    name = world.name(number)
    bare = folder / "github.com" / f"{name}.git"
    pack.write(bare / "objects" / "pack")
    (bare / "refs" / "heads").mkdir(parents=True)
    (bare / "refs" / "heads" / "main").write_text(commit.hex() + "\n")
    (bare / "HEAD").write_text("ref: refs/heads/main\n")
    (bare / "config").write_text(f'[core]\n\trepositoryformatversion = 0\n\tbare = true\n[remote "origin"]\n\turl = https://github.com/{name}.git\n')
    return f"github.com/{name}.git" if serde else None


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    count, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    if folder.exists():
        sys.exit(f"{folder} is there already")
    world = World(count)
    named = [write(number, world, folder) for number in range(count)]
    pathlib.Path(f"{folder}.serde").write_text("".join(f"{name}\n" for name in sorted(filter(None, named))))


if __name__ == "__main__":
    main()
