#!/usr/bin/env python3
"""The image that answers without an OS, under QEMU: image.py IMAGE PACKSCOPE CHECK. Skipped (77) without QEMU.

CHECK: same (every line equals ast_classifier predict's, for OFS_DELTA and REF_DELTA packs and each rung), broken (a stream
that is damaged costs its own blobs' answers alone), refused (what cannot be begun is said).
"""
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile

QEMU = shutil.which("qemu-system-x86_64")
GIT = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
       "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b", "GIT_AUTHOR_DATE": "@1700000000 +0000",
       "GIT_COMMITTER_DATE": "@1700000000 +0000"}


def git(folder, *arguments, stdin=b""):
    return subprocess.run(["git", "-C", folder, *arguments], input=stdin, check=True, stdout=subprocess.PIPE,
                          env=os.environ | GIT).stdout


def texts(number):
    """Files of several languages, from a handful of words; a later number changes a line of each."""
    draw = random.Random(7)
    word = lambda: draw.choice(["count", "left", "right", "node", "value", "index", "name", "size", "next", "path"])
    c = "#include <stdio.h>\n" + "".join(f"static int {word()}_{i}(int {word()}) {{\n  return {i} * 3;\n}}\n" for i in range(60))
    rust = "".join(f"pub fn {word()}_{i}(x: u32) -> Option<u32> {{\n    Some(x + {i})\n}}\n" for i in range(50))
    python = "".join(f"def {word()}_{i}(self, {word()}):\n    return self.{word()} + {i}\n\n" for i in range(50))
    markdown = "# Title\n\n" + "".join(f"- {word()} and {word()} of the {word()}, see `{word()}`.\n" for i in range(50))
    json = "{\n" + ",\n".join(f'  "{word()}_{i}": {i}' for i in range(50)) + "\n}\n"
    files = {"a.c": c, "b.rs": rust, "c.py": python, "README.md": markdown, "d.json": json, "tiny.toml": "a = 1\n", "empty": ""}
    return {name: text + (f"{number}\n" if text and number else "") for name, text in files.items()}


def packs(folder):
    """The same history as a pack with OFS_DELTAs and as one with REF_DELTAs."""
    repository = os.path.join(folder, "repository")
    subprocess.run(["git", "init", "-q", repository], check=True, env=os.environ | GIT)
    for number in range(4):
        for name, text in texts(number).items():
            pathlib.Path(repository, name).write_text(text)
        git(repository, "add", "-A")
        git(repository, "commit", "-q", "-m", str(number))
    objects = git(repository, "rev-list", "--objects", "--all")
    objects = b"".join(line.split()[0] + b"\n" for line in objects.splitlines())
    made = {}
    for kind, options in {"ofs": ["--delta-base-offset"], "ref": []}.items():
        name = git(repository, "pack-objects", "-q", *options, os.path.join(folder, kind), stdin=objects).decode().strip()
        made[kind] = os.path.join(folder, f"{kind}-{name}.pack")
    deltas = [line for line in git(repository, "verify-pack", "-v", made["ofs"]).splitlines() if line.count(b" ") >= 6]
    assert len(deltas) >= 5, "the packs hold deltas"
    return made


def archive(*paths):
    out = b""
    for name, data in [(os.path.basename(path), pathlib.Path(path).read_bytes()) for path in paths] + [("TRAILER!!!", b"")]:
        fields = (0, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        out += b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return out


def boot(image, folder, modules, rung=None):
    """The lines on the serial port, and the image's exit code."""
    initrd = os.path.join(folder, "modules.cpio")
    pathlib.Path(initrd).write_bytes(modules)
    command = [QEMU, "-M", "microvm", "-accel", "tcg", "-m", "256M", "-nodefaults", "-no-user-config", "-display", "none",
               "-no-reboot", "-kernel", image, "-initrd", initrd, "-serial", "stdio", "-icount", "shift=0",
               "-device", "isa-debug-exit,iobase=0xf4,iosize=4"] + (["-append", f"rung={rung}"] if rung else [])
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=120)
    assert done.returncode & 1, f"QEMU ended by itself: {done.returncode}"
    lines = done.stdout.decode().splitlines()
    return [line for line in lines if not line.startswith("packscope: ")], [line for line in lines if line.startswith("packscope: ")], done.returncode >> 1


def predict(packscope, pack, rung):
    done = subprocess.run([packscope, "ast_classifier", "predict", "--rung", rung, "--no-progress", pack], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    return done.stdout.decode().splitlines(), done.returncode


def same(image, packscope, folder):
    for kind, pack in packs(folder).items():
        modules = archive(pack, pack[:-4] + "idx")
        for rung in ("R0-bits", "R1", "R2", "R3-16"):
            ours, notes, code = boot(image, folder, modules, rung)
            theirs, status = predict(packscope, pack, rung)
            assert status == code == 0, (kind, rung, status, code, notes)
            assert ours == theirs and len(ours) > 20, (kind, rung, [pair for pair in zip(ours, theirs) if pair[0] != pair[1]][:3], len(ours), len(theirs))
            assert any("from its base" in line for line in ours) and any("from its base" not in line for line in ours)
            print(f"{kind} {rung}: {len(ours)} lines; {notes[-1]}")
        assert boot(image, folder, modules)[0] == boot(image, folder, modules, "R3-16")[0], "R3-16 is what it answers by itself"


def broken(image, packscope, folder):
    pack = packs(folder)["ofs"]
    whole = boot(image, folder, archive(pack, pack[:-4] + "idx"))[0]
    rows = [line.split() for line in git(os.path.join(folder, "repository"), "verify-pack", "-v", pack).decode().splitlines()]
    blob = next(row for row in rows if len(row) == 5 and row[1] == "blob" and int(row[2]) > 1000)
    data = bytearray(pathlib.Path(pack).read_bytes())
    at = data.index(b"\x78", int(blob[4]))
    data[at] = 0x0f  # a compression method that does not exist
    os.chmod(pack, 0o644)
    pathlib.Path(pack).write_bytes(data)
    ours, notes, code = boot(image, folder, archive(pack, pack[:-4] + "idx"))
    assert code == 1 and f"offset {at}: " in notes[0], (code, notes)
    assert 0 < len(ours) < len(whole) and set(ours) < set(whole), "all others still answer"
    assert all(blob[0] not in line for line in ours)
    theirs, status = predict(packscope, pack, "R3-16")
    assert status == 1 and ours == theirs


def refused(image, packscope, folder):
    pack = packs(folder)["ofs"]
    index = pack[:-4] + "idx"
    cases = {"no module is a pack": archive(index), "no module is a pack index": archive(pack),
             "archive breaks off": archive(pack, index)[:-200],
             "checksum": archive(pack, packs(os.path.join(folder, "other"))["ref"][:-4] + "idx")}
    for said, modules in cases.items():
        ours, notes, code = boot(image, folder, modules)
        assert any(said in note for note in notes), (said, notes)
        assert said == "archive breaks off" or (code == 2 and not ours), (said, code)
    assert boot(image, folder, archive(pack, index), "R9")[2] == 2


def main():
    image, packscope, check = sys.argv[1:]
    if QEMU is None:
        print("no qemu-system-x86_64: skipped")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "other"))
        {"same": same, "broken": broken, "refused": refused}[check](image, packscope, folder)


main()
