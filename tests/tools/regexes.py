#!/usr/bin/env python3
"""pack2regex against engines that are not its own: regexes.py PACKSCOPE CHECK [FILE...]

Every regex that it prints is compiled by Python's re and counted over the very files; yarac compiles the rules and yara
finds them. CHECK: elf, pack, png, text, hostile, yara; or `files`, which holds what is found in FILE... against re.
Exit 77: what the check needs isn't installed.
"""
import json
import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

PACKSCOPE = sys.argv[1]
ELF = os.path.realpath(shutil.which("git"))  # a program of usual size, with sanitizers or without
GIT = dict(os.environ, GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=os.devnull, GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@b",
           GIT_COMMITTER_NAME="a", GIT_COMMITTER_EMAIL="a@b", GIT_AUTHOR_DATE="@1 +0000", GIT_COMMITTER_DATE="@1 +0000")


def same(what, ours, theirs):
    if ours != theirs:
        raise AssertionError(f"{what}: {str(ours)[:300]} is not {str(theirs)[:300]}")


def run(*arguments, code=0, stdin=None):
    done = subprocess.run([PACKSCOPE, "pack2regex", *map(str, arguments)], input=stdin, capture_output=True, timeout=300)
    same(f"exit code of {arguments}: {done.stderr.decode(errors='replace')}", done.returncode, code)
    return done.stdout, done.stderr.decode(errors="replace")


def patterns(*files, options=()):
    """The records, each held against re over the files."""
    out, _ = run("--json", *options, *files)
    records = [json.loads(line) for line in out.splitlines()]
    texts = {str(file): pathlib.Path(file).read_bytes() for file in files}
    for record in records:
        compiled = re.compile(record["regex"].encode())
        matches = [(name, match) for name, text in texts.items() for match in compiled.finditer(text)]
        same(f"support of {record['regex']}", record["support"], len(matches))
        same("bytes covered", record["bytes_covered"], sum(len(match[0]) for _, match in matches))
        first, match = matches[0]
        same("example", (record["example_offset"], record.get("file", first)), (match.start(), first))
        if len(texts) > 1:
            same("files", record["files"], len({name for name, _ in matches}))
    print(f"{len(records)} patterns in {len(texts)} files, support agrees with re")
    return records, texts


def hits(records, text):
    """The regexes that match somewhere in `text`."""
    return [record["regex"] for record in records if re.search(record["regex"].encode(), text)]


def some(what, found):
    if not found:
        raise AssertionError(f"{what}: none found")
    print(f"{what}: {found[0]}")


def make_pack(folder):
    chance = random.Random(3)
    words = [f"{chance.getrandbits(chance.randrange(12, 60)):x}" for _ in range(20000)]  # texts as unlike as those of a real pack
    subprocess.run(["git", "init", "-q", folder], check=True, env=GIT)
    text = [" ".join(chance.choices(words, k=8)) for _ in range(120)]
    for commit in range(120):
        for name in range(6):
            text[chance.randrange(len(text))] = " ".join(chance.choices(words, k=8))
            (folder / f"file{name}.txt").write_text("\n".join(text[name * 10:name * 10 + 60]))
        subprocess.run(["git", "-C", folder, "add", "."], check=True, env=GIT)
        subprocess.run(["git", "-C", folder, "commit", "-q", "-m", f"change {commit} of {chance.choice(words)}"], check=True, env=GIT)
    subprocess.run(["git", "-C", folder, "repack", "-q", "-a", "-d", "-f", "--threads=1"], check=True, env=GIT)
    return next((folder / ".git/objects/pack").glob("*.pack"))


def make_png(chance):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    width, height = chance.randrange(4, 200), chance.randrange(4, 100)
    rows = b"".join(b"\0" + chance.randbytes(width) for _ in range(height))
    parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))]
    if chance.random() < .5:
        parts.append(chunk(b"gAMA", struct.pack(">I", 45455)))
    packed = zlib.compress(rows)
    parts += [chunk(b"IDAT", packed[i:i + 8192]) for i in range(0, len(packed), 8192)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def make_pngs(folder):
    chance = random.Random(5)
    folder.mkdir()
    files = []
    for i in range(50):
        files.append(folder / f"{i:02}.png")
        files[-1].write_bytes(make_png(chance))
    return files


def check_pack(folder):
    pack = make_pack(folder / "repository")
    records, texts = patterns(pack)
    zlib_header = [r for r in records if "x\\x9c" in r["regex"]]
    some("zlib header", [r["regex"] for r in zlib_header])
    objects = int.from_bytes(texts[str(pack)][8:12], "big")
    begins = {match.start() + match[0].index(b"x\x9c") for r in zlib_header for match in re.finditer(r["regex"].encode(), texts[str(pack)])
              if b"x\x9c" in match[0]}
    print(f"{len(begins)} of {objects} streams begin in a match")
    same("most streams have it", len(begins) > objects * .75, True)
    # Before it the last byte of an entry's header, whose high bit is clear.
    some("end of an entry's header", [r["regex"] for r in zlib_header if re.match(r"\(\?s\).*\[\\x[0-3].-.*\]x\\x9c", r["regex"])])


def check_png(folder):
    files = make_pngs(folder / "png")
    records, texts = patterns(*files)
    whole = [r for r in records if r["files"] > 45]
    some("signature and IHDR", [r["regex"] for r in whole if r"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR" in r["regex"]])
    some("IDAT", [r["regex"] for r in whole if "IDAT" in r["regex"]])
    some("IEND", [r["regex"] for r in whole if "IEND" in r["regex"]])
    # A folder is its files; what all of them hold is no news against one more of them.
    same("folder", run("--json", folder / "png")[0].count(b"\n"), len(records))
    left, _ = run("--json", *files[1:], "--against", files[0])
    for line in left.splitlines():
        same("negative example", re.search(json.loads(line)["regex"].encode(), texts[str(files[0])]), None)


def check_elf(folder):
    records, texts = patterns(ELF, options=["--top", "48"])
    same("many", len(records) > 20, True)
    if os.uname().machine == "x86_64":
        code = {"call": rb"\xe8", "jump or lea": rb"\x0f[\x84\x85]|\x48\x8d|\x4c\x8d", "mov on the stack": rb"\x48\x89|\x48\x8b"}
        for name, idiom in code.items():
            some(name, [r["regex"] for r in records if any(re.search(idiom, m[0]) for m in [re.search(r["regex"].encode(), texts[ELF])])])


def check_text(folder):
    file = folder / "text"
    file.write_text("".join(f"line {i}: the answer to question {i * 7919 % 1009} is {i * 31 % 97}\n" for i in range(3000)))
    records, _ = patterns(file)
    some("the line", [r["regex"] for r in records if "answer" in r["regex"]])
    (folder / "other").write_text("the answer to question 42\n")
    records, _ = patterns(file, options=["--against", str(folder / "other"), "--"])
    same("negative example", hits(records, b"the answer to question 42\n"), [])
    one, two = run("--json", "--threads", "1", file), run("--json", "--threads", "7", file)
    same("threads", one, two)
    same("list of paths", run("--json", "-", stdin=f"{file}\n".encode())[0], one[0])


def check_hostile(folder):
    names = {"empty": b"", "one": b"x", "zeros": bytes(3_000_000), "random": random.Random(1).randbytes(2_000_000),
             "period": b"abcdefg" * 200_000, "ramp": bytes(range(256)) * 4000, "two": b"ab"}
    for name, data in names.items():
        (folder / name).write_bytes(data)
        records, _ = patterns(folder / name, options=["--memory", "8MiB"])
        if name in ("empty", "one", "two", "zeros", "random"):
            same(name, records, [])
    os.mkfifo(folder / "fifo")
    for path, word in [("/dev/zero", "not a regular file"), (folder / "fifo", "not a regular file"), (folder / "none", "No such file")]:
        out, errors = run("--json", path, folder / "one", code=1)
        same("one line, which names it", (len(errors.splitlines()), str(path) in errors and word in errors), (1, True))
    run(folder / "one", "--yara", folder / "no" / "such.yar", code=1)
    run(code=2)
    run("--min-support", "1", folder / "one", code=2)
    run(folder)  # a FIFO in a folder is passed over


def check_yara(folder):
    if not shutil.which("yarac") or not shutil.which("yara"):
        sys.exit(77)
    (folder / "text").write_text("".join(f"line {i}: the answer to question {i * 7919 % 1009} is {i * 31 % 97}\n" for i in range(3000)))
    sets = {"pack": [make_pack(folder / "repository")], "png": make_pngs(folder / "png"), "elf": [pathlib.Path(ELF)],
            "text": [folder / "text"]}
    for name, files in sets.items():
        rules = folder / f"{name}.yar"
        run("--yara", rules, *files)
        subprocess.run(["yarac", rules, folder / "compiled"], check=True)
        names = re.findall(r"^rule (\w+)", rules.read_text(), re.M)
        matched = set()
        for file in files:
            out = subprocess.run(["yara", "-C", folder / "compiled", file], check=True, capture_output=True).stdout.decode()
            matched |= {line.split()[0] for line in out.splitlines()}
        same(f"{name}: rules that yara matches", sorted(matched), sorted(names))
        same(f"{name}: there are rules", len(names) > 0, True)
        print(f"{name}: {len(names)} rules, all of them match")


def main():
    check, files = sys.argv[2], sys.argv[3:]
    if check == "files":
        patterns(*files)
        return
    with tempfile.TemporaryDirectory() as folder:
        globals()[f"check_{check}"](pathlib.Path(folder))


main()
