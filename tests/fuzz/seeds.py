"""Seed corpora for the fuzz targets, made by git and zlib: seeds.py FOLDER fills FOLDER/TARGET/ for each target."""
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import zlib

out = pathlib.Path(sys.argv[1])


def seed(target, name, content):
    folder = out / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def texts():
    source = pathlib.Path(__file__).read_bytes()
    yield from [b"", b"a", b"the same the same the same", source[:300], source, b"\0" * 3000]
    yield random.Random(1).randbytes(500)


def deflate_seeds():
    count = 0
    for text in texts():
        for level, strategy in [(0, 0), (1, 0), (6, 0), (6, 2), (6, 3), (6, 4)]:
            packer = zlib.compressobj(level, zlib.DEFLATED, -15, 8, strategy)
            raw = packer.compress(text[: len(text) // 2]) + packer.flush(zlib.Z_SYNC_FLUSH)
            raw += packer.compress(text[len(text) // 2 :]) + packer.flush()
            seed("symbols", f"{count}", raw)
            seed("block_header", f"{count}", raw[:120])
            seed("clue", f"{count}", zlib.compress(text, level))
            seed("zlib_stream", f"{count}", len(text).to_bytes(2, "little") + zlib.compress(text, level))
            for mem_level, window in [(1, 9), (8, 15), (9, 12)]:
                packer = zlib.compressobj(level, zlib.DEFLATED, window, mem_level, strategy)
                seed("fingerprint", f"{count}-{mem_level}", len(text).to_bytes(2, "little") + packer.compress(text) + packer.flush())
            count += 1


def git(folder, *arguments, stdin=b""):
    environment = dict(os.environ, GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        environment.update({f"GIT_{role}_NAME": "a", f"GIT_{role}_EMAIL": "a@b", f"GIT_{role}_DATE": "@1 +0000"})
    return subprocess.run(["git", "-C", folder, *arguments], input=stdin, env=environment, check=True, capture_output=True).stdout


def pack_seeds():
    with tempfile.TemporaryDirectory() as folder:
        git(folder, "init", "-q")
        path = pathlib.Path(folder)
        (path / "sub").mkdir()
        text = pathlib.Path(__file__).read_text().splitlines(keepends=True)
        for version in range(4):
            (path / "sub" / "file").write_text("".join(text[version:] + text[:version]))
            (path / "top").write_text(f"{version}\n")
            git(folder, "add", "-A")
            git(folder, "commit", "-q", "-m", str(version))
        git(folder, "tag", "-a", "-m", "tag", "v1")
        ids = git(folder, "rev-list", "--objects", "--all").split(b"\n")
        wanted = b"\n".join(line.split(b" ")[0] for line in ids)
        for name, options in [("ofs", ["--delta-base-offset"]), ("ref", []), ("whole", ["--window=0"])]:
            pack = git(folder, "pack-objects", "-q", "--stdout", *options, stdin=wanted)
            seed("pack", name, pack)
            (path / "p.pack").write_bytes(pack)
            for index_version in (1, 2, "2,0x40"):  # the last one has 64-bit offsets
                git(folder, "index-pack", f"--index-version={index_version}", "-o", "p.idx", "p.pack")
                index = (path / "p.idx").read_bytes()
                seed("index", f"{name}-{index_version}", index)
                seed("boot", f"{name}-{index_version}", b"".join(map(archive_member, ("p.pack", "p.idx", "TRAILER!!!"), (pack, index, b""))))
                os.remove(path / "p.idx")
            offsets = [line.split() for line in verify(folder, pack)]
            for fields in offsets:
                at = int(fields[4])
                seed("entry_header", f"{name}-{at}", pack[at : at + 40])
                if len(fields) > 5:  # a delta: its instructions
                    seed("delta", f"{name}-{at}", delta_of(pack, at))
        for line in git(folder, "rev-list", "--objects", "--all", "--filter=blob:none").split(b"\n"):
            if line and git(folder, "cat-file", "-t", line.split()[0].decode()) == b"tree\n":
                tree = line.split()[0].decode()
                seed("tree", tree[:8], git(folder, "cat-file", "tree", tree))


def archive_member(name, data):  # cpio "newc"
    fields = (0, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
    return (head + b"\0" * (-len(head) % 4) + data).ljust((len(head) + 3) // 4 * 4 + (len(data) + 3) // 4 * 4, b"\0")


def verify(folder, pack):
    path = pathlib.Path(folder)
    (path / "v.pack").write_bytes(pack)
    git(folder, "index-pack", "-o", "v.idx", "v.pack")
    lines = git(folder, "verify-pack", "-v", "v.idx").decode().splitlines()
    os.remove(path / "v.idx")
    return [line for line in lines if len(line.split()) in (5, 7)]


def delta_of(pack, at):
    """The inflated stream behind an entry's header: the first bytes that inflate."""
    for skip in range(2, 40):
        try:
            return zlib.decompressobj().decompress(pack[at + skip :])
        except zlib.error:
            continue
    raise ValueError(f"no stream at {at}")


def manifest_seeds():
    seed("cargo", "package", b'[package]\nname = "a"\nversion.workspace = true\n[dependencies]\nb = "1"\nc = { git = "u", tag = "t", package = "d", features = ["x"] }\n'
         b'[target."cfg(unix)".dev-dependencies]\nb.workspace = true\n[workspace]\nmembers = []\nexclude = ["x"]\n[workspace.dependencies]\nb = { path = "../b" }\n'
         b'[patch.crates-io]\nb = { path = "b" }\n[replace]\n"b:1" = { path = "b" }\n')
    seed("cargo", "lock", b'version = 4\n[[package]]\nname = "a"\nversion = "1"\nsource = "s"\nchecksum = "c"\n[metadata]\n"checksum a 1 (s)" = "x"\n')
    seed("flake", "nix", b'# c\n{ description = "d"; /* c */ inputs = { a.url = "github:o/r/f?dir=x"; b = { type = "git"; url = https://h/b; shallow = true; }; };\n'
         b"  inputs.\"c\".inputs.x.follows = ''\n  a/x''; outputs = { self }: let a = with b; c; in \"${''}''}\"; }")
    seed("flake", "lock", b'{"version":7,"root":"root","nodes":{"root":{"inputs":{"a":"b","c":["a","x"]}},"b":{"locked":{"type":"github","lastModified":1},"flake":false}}}')
    for number, url in enumerate(["nixpkgs/nixos-23.05", "git+ssh://git@h/a?ref=b&submodules=1", "path:./x", "https://h/a.tar.gz", "sourcehut:~u/r"]):
        seed("flake", f"url-{number}", url.encode())
    seed("gitmodules", "two", b'[submodule "a \\" b"]\n\tpath = "x # y"\n\turl = ../a ; c\n[submodule.old]\n branch\n url = a\\\n b\n')
    seed("gitmodules", "relative", b"git@h:o/r.git\n../../x/")



def compile_commands_seeds():
    for name, text in {
        "command": r'[{"directory": "/w/p/build", "command": "cc -DA=\"x y\" -I../include -isystem /usr/include -MD -MF a.d -o a.o -c ../src/a.c", "file": "../src/a.c"}]',
        "arguments": '[{"directory": "/w/p", "arguments": ["c++", "-std=c++17", "-fno-rtti", "-include", "x.h", "-msse2", "a.cc"], "file": "/w/p/a.cc", "output": "a.o"}]',
        "refused": '[{"directory": ".", "arguments": ["cc", "-fplugin=x.so", "@x", "-Xclang", "-load"], "file": "a.c"}]',
        "two": '[{"directory": "/a", "arguments": ["cc"], "file": "s.c"}, {"directory": "/b", "command": "cc \'q\' \\\\", "file": "s.c"}]',
        "words": "cc -D'a b' \"c\\\"d\" e\\ f",
    }.items():
        seed("compile_commands", name, text.encode())


def path_seeds():
    for number, path in enumerate(["src/a.c", "../a", "a/../b", "/a", "a//b", ".git/x", "a/./b", "a/", "n" * 256]):
        seed("checkout_path", str(number), path.encode())


def ref_seeds():
    one, two = b"1" * 40, b"2" * 40
    packed = b"# pack-refs with: peeled fully-peeled sorted \n" + one + b" refs/heads/main\n" + two + b" refs/tags/v1\n^" + one + b"\n"
    seed("ref_files", "usual", packed + b"\fref: refs/heads/main\n\f" + two + b"\n")
    seed("ref_files", "circle", b"\fref:\trefs/heads/loose\n\fref: HEAD\n")
    for number, revision in enumerate(["HEAD", "@", "main~1^0", "v1^{}", "v1^{tree}:a", "main:a", "HEAD^2", "refs/tags/v1^{commit}~"]):
        seed("revision", str(number), revision.encode())
    header = b"REFT" + bytes([1]) + (0).to_bytes(3, "big") + (1).to_bytes(8, "big") * 2
    records = b"\0" + bytes([4 << 3 | 3]) + b"HEAD" + b"\0" + bytes([15]) + b"refs/heads/main" + b"\0" + bytes([15 << 3 | 1]) + b"refs/heads/main"[:15] + b"\0" + bytes(20)
    block = b"r" + (len(header) + 4 + len(records) + 5).to_bytes(3, "big") + records + (len(header) + 4).to_bytes(3, "big") + (1).to_bytes(2, "big")
    seed("reftable", "two", header + block + header + bytes(44))


def pattern_seeds():
    seed("patterns", "records", bytes([120, 200, 1, 32]) + b"".join(b"HEAD" + bytes([i % 3, i * 37 % 256]) + b"TAIL" for i in range(60)) + b"HEAD")
    seed("patterns", "gaps", bytes([255, 0, 0, 9]) + b"".join(b"begin" + bytes(range(i % 7)) + b"end" + bytes([i * 91 % 256] * 3) for i in range(50)))
    seed("patterns", "runs", bytes([128, 128, 2, 4]) + bytes(300) + b"ab" * 200 + bytes(range(256)) * 2)


def lattice_seeds():
    """Small lattices, page by page: src/lattice/btree.h has the format."""
    mask = (1 << 64) - 1

    def hash_bytes(data, seed):
        first, second = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9
        number = lambda part: int.from_bytes(part, "little")
        fold = lambda a, b: a * b >> 64 ^ a * b & mask
        value = ((seed ^ second) * first + len(data)) & mask
        whole = len(data) // 16 * 16
        for at in range(0, whole, 16):
            value = fold(number(data[at : at + 8]) ^ first, number(data[at + 8 : at + 16]) ^ value) + value & mask
        rest = data[whole:]
        part = 8 if len(rest) >= 8 else 4
        low, high = number(rest[:part]), number(rest[-part:])
        if len(rest) < 4:
            low, high = number(bytes([rest[0], rest[len(rest) // 2], rest[-1]])) if rest else 0, 0
        return fold(fold(low ^ first, high ^ value) ^ second, value ^ first)

    def page(number, flags, nodes, size=512):
        offsets, body, end = b"", b"", size
        for node in nodes:
            node += b"\0" * (len(node) % 2)
            end -= len(node)
            offsets, body = offsets + end.to_bytes(2, "little"), node + body
        head = number.to_bytes(8, "little") + struct.pack("<HHHH", 0, flags, 16 + len(offsets), end) + offsets
        return head + b"\0" * (end - len(head)) + body

    def leaf_node(key, value):
        return struct.pack("<IHH", len(value), 0, 8) + key.to_bytes(8, "big") + value

    def meta(transaction, entries, root, last):
        empty = struct.pack("<IHHQQQQQ", 512, 0, 0, 0, 0, 0, 0, mask)
        main = struct.pack("<IHHQQQQQ", 0, 0, 1, 0, 1, 0, entries, root)
        body = struct.pack("<IIQQ", 0xBEEFC0DE, 1, 0, 1 << 20) + empty + main + struct.pack("<QQ", last, transaction)
        return (struct.pack("<QHHI", 0, 0, 8, 0) + body).ljust(512, b"\0")

    def one(label, repositories, objects):
        raw = lambda number: number.to_bytes(6, "big")
        out = bytes([len(label)]) + label
        for numbers in (repositories, objects):
            out += bytes([len(numbers)]) + b"".join(map(raw, numbers))
        return out

    few, more = one(b"lrust", [5], [7, 9]), one(b"lc", [1, 5], [8]) + one(b"nmain.c", [1], [8])
    registers = b"\x05lrust\x01" + b"\0" * 5 + b"\x03" + b"\xc1\x0a" + b"\x02" * 512
    for name, values in [("none", []), ("few", [few, more]), ("same", [one(b"lc", [1], [1]) + b"\x02nx\0\0"] * 3), ("registers", [registers])]:
        records = [((3 + at) << 59 | at + 1, value) for at, value in enumerate(values)]
        sum_ = 0
        for key, value in records:
            sum_ = hash_bytes(value, sum_ ^ key)
        records = [(0, b"packscope lattice" + struct.pack(">II", 2, 0)), *records, (mask, struct.pack(">QQ", len(records), sum_))]
        nodes = [leaf_node(key, value) for key, value in records]
        if max(map(len, nodes)) < 400:
            pages = meta(0, 0, mask, 1) + meta(1, len(nodes), 2, 2) + page(2, 2, nodes)
            seed("lattice", name, pages)
        middle = len(nodes) // 2
        branch = [struct.pack("<HHHH", 3, 0, 0, 0), struct.pack("<HHHH", 4, 0, 0, 8) + records[middle][0].to_bytes(8, "big")]
        big = [struct.pack("<IHH", len(value), 1, 8) + key.to_bytes(8, "big") + (5).to_bytes(8, "little") if len(value) > 400 else node for node, (key, value) in zip(nodes, records)]
        overflow = b"".join((struct.pack("<QHHI", 5, 0, 4, 2) + value).ljust(1024, b"\0") for _, value in records if len(value) > 400)
        seed("lattice", f"{name}-branch", meta(0, 0, mask, 1) + meta(1, len(nodes), 2, 4) + page(2, 1, branch) + page(3, 2, big[:middle]) + page(4, 2, big[middle:]) + overflow)
        for at, value in enumerate(values):
            seed("evidence", f"{name}-{at}", value)


deflate_seeds()
pattern_seeds()
lattice_seeds()
path_seeds()
ref_seeds()
manifest_seeds()
compile_commands_seeds()
pack_seeds()
