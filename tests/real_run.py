"""The built program on this project's own history, checked against git: real_run.py PACKSCOPE.

Makes packs of several shapes on the spot, runs the commands over them as a user would, and compares what they say with
git's own answers. A line a check; ends with "N passed, M failed".
"""
import collections
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

packscope = os.path.abspath(sys.argv[1])
root = pathlib.Path(__file__).resolve().parent.parent
environment = dict(os.environ, GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=os.devnull,
                   GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")


def run(*command, stdin=None):
    done = subprocess.run(command, input=stdin, capture_output=True, env=environment, timeout=600)
    if done.returncode != 0:
        raise AssertionError(f"exit {done.returncode}: {' '.join(map(str, command))}\n{done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def same(what, ours, theirs):
    if ours != theirs:
        raise AssertionError(f"{what}: {str(ours)[:300]} is not {str(theirs)[:300]}")


def make_packs(folder):
    """name -> path; the repository `self.git` holds the first of them, and every object there is."""
    repository = folder / "self.git"
    run("git", "clone", "-q", "--bare", "--no-local", root, repository)  # only what is reachable
    run("git", "-C", repository, "repack", "-q", "-a", "-d", "-F", "--depth=50")
    pack = next((repository / "objects" / "pack").glob("*.pack"))
    ids = run("git", "-C", repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    (folder / "ref_delta.pack").write_bytes(run("git", "-C", repository, "pack-objects", "-q", "--stdout", stdin=ids))
    run("git", "-C", folder, "index-pack", "--index-version=1", "ref_delta.pack")
    (folder / "bare.pack").write_bytes(pack.read_bytes())  # without an index
    return {"with index v2": pack, "REF_DELTA, index v1": folder / "ref_delta.pack", "without index": folder / "bare.pack"}


def check_stat(repository, pack):
    batch = run("git", "-C", repository, "cat-file", "--batch-all-objects", "--batch-check").decode().splitlines()
    (record,) = map(json.loads, run(packscope, "stat", "--json", "--verify", pack).splitlines())
    same("objects", record["objects"], len(batch))
    indexed = pack.with_suffix(".idx").exists()
    if indexed:  # otherwise nobody states what an id should be
        same("verified", record["verified"], len(batch))
    same("errors", record["errors"], 0)
    same("objects by type", {k: v for k, v in record["by_type"].items() if v}, dict(collections.Counter(line.split()[1] for line in batch)))
    # One record an object, then the pack's own. A pack that is only walked has no ids to name.
    *objects, _ = map(json.loads, run(packscope, "stat", "--json", "--objects", pack).splitlines())
    ours = [f"{o['object']} {o['type']} {o['size']}" if indexed else f"{o['type']} {o['size']}" for o in objects]
    same("objects", sorted(ours), sorted(line if indexed else line.split(" ", 1)[1] for line in batch))


def check_trace(repository, pack, folder):
    database = folder / "trace.sqlite"
    run(packscope, "trace", "-o", database, pack)
    blobs = {}
    for line in run("git", "-C", repository, "cat-file", "--batch-all-objects", "--batch-check").decode().splitlines():
        name, kind, size = line.split()
        if kind == "blob":
            blobs[name] = int(size)
    trace = sqlite3.connect(database)
    query = lambda sql, *values: trace.execute(sql, values).fetchall()
    same("integrity", query("pragma integrity_check"), [("ok",)])
    same("traced blobs", dict(query("select id, size from object where traced")), blobs)
    same("blobs whose pieces don't tile the text", query("""select count(*) from object o where traced and size !=
        (select coalesce(sum(end - begin), 0) from piece p where p.object = o.object)"""), [(0,)])
    same("tokens", query("select count(*) > 0 from token"), [(1,)])
    # Where a token of the grammar is a fixed text, that text stands there in what git prints.
    rows = query("""select o.id, t.begin, t.end, t.kind from token t join object o using (object) where not t.named
        and t.kind in ('{', '}', '(', ')', ';', 'return', 'const', 'def', 'if') and t.token % 97 = 0 limit 400""")
    texts = {name: run("git", "-C", repository, "cat-file", "blob", name) for name in {row[0] for row in rows}}
    for name, begin, end, kind in rows:
        same(f"{name} [{begin}, {end})", texts[name][begin:end].decode(), kind)
    same("such tokens", len(rows) > 20, True)


def records(*command):
    return [json.loads(line) for line in run(packscope, *command, "--json").splitlines()]


def check_manifests(repository, folder):
    """The files that each command names are those that git lists under these names, at HEAD and in the whole history."""
    listed = [line.split(None, 3) for line in run("git", "-C", repository, "ls-tree", "-r", "HEAD").decode().splitlines()]
    names = {"pack2cargo": {"Cargo.toml", "Cargo.lock"}, "pack2nix": {"flake.nix", "flake.lock"}, "pack2gitmodules": {".gitmodules"}}
    trees = run("git", "-C", repository, "rev-list", "--all").decode().split()
    for command, files in names.items():
        wanted = lambda path: path.rsplit("/", 1)[-1] in files
        ours = sorted((one["object"], one["path"]) for one in records(command, "--rev", "HEAD", repository))
        same(command, ours, sorted((name, path) for mode, kind, name, path in listed if kind == "blob" and wanted(path)))
        history = {(one["object"], one["path"]) for one in records(command, "--history", repository)}
        theirs = set()
        for commit in trees:
            for line in run("git", "-C", repository, "ls-tree", "-r", commit).decode().splitlines():
                mode, kind, name, path = line.split(None, 3)
                if kind == "blob" and wanted(path):
                    theirs.add((name, path))
        same(f"{command} --history", history, theirs)
    texts = {}
    for one in records("pack2git", "--rev", "HEAD", repository):
        text = texts.setdefault(one["object"], run("git", "-C", repository, "cat-file", "blob", one["object"]))
        same(f"{one['url']} in {one['path']}", one["url"].encode() in text, True)
    same("urls", len(texts) > 0, True)
    graph = folder / "graph.sqlite"
    run(packscope, "build_graph", repository, "-o", graph)
    inputs = {one["id"] for one in records("build_graph", "query", graph, "dependencies-of", "self.git")}
    same("nixpkgs is an input", "pkg:github/nixos/nixpkgs" in inputs, True)


def check_lattice(repository, packs, folder):
    one, other, both = folder / "one.lattice", folder / "other.lattice", folder / "both.lattice"
    pack, bare = packs["with index v2"], packs["without index"]
    run(packscope, "pack2lattice", "build", "-o", one, pack)
    run(packscope, "pack2lattice", "build", "-o", other, bare)  # the same objects, without an index: the same lattice
    same("lattices of one pack with and without its index", one.read_bytes(), other.read_bytes())
    run(packscope, "pack2lattice", "join", "-o", both, other, one)
    same("a join with itself", both.read_bytes(), one.read_bytes())
    told = records("pack2lattice", "explain", "--rev", "HEAD", both, repository)
    wrong = [row["path"] for row in told if row["label"] != "cpp" and row["path"].endswith(".cc")]
    same("C++ files that a lattice of themselves takes for something else", wrong, [])
    same("files explained", len(told) > 300 and all(row["evidence"] for row in told), True)


def check_compression(repository, pack, folder):
    """git's own level, 6, explains each stream of its pack, and the verdict names it; what stores its texts is told from it."""
    library = "zlib-ng" if b"zlib-ng:" in run("git", "version", "--build-options") else "zlib"
    usual = {"library": library, "level": 6, "mem_level": 8, "strategy": "default", "window_bits": 15}
    *streams, verdict = records("compression_lattice", "fingerprint", "--all", pack)
    same("streams", (len(streams), verdict["sampled"], verdict["unexplained"]), (verdict["streams"], verdict["streams"], 0))
    same("streams without level 6", [one["offset"] for one in streams if usual not in one["candidates"]], [])
    same("verdict", usual in verdict["verdict"] and {one["level"] for one in verdict["verdict"]}, {6})
    costs = records("compression_lattice", "cost", "--no-cost", "--blobs", "40", repository)
    ratios = [one["ratio"] for one in costs if one["library"] == "zlib"]
    same("ratios grow with zlib's levels", (len(ratios), ratios[0] < ratios[1] < ratios[9]), (10, True))
    for label, pattern in (("cpp", "src/base/*.[ch]*"), ("nix", "nix/*.nix")):
        (folder / label).write_bytes(run("git", "-C", repository, "cat-file", "--batch", stdin=b"".join(
            line.split()[2] + b"\n" for line in run("git", "-C", repository, "ls-tree", "-r", "HEAD").splitlines()
            if pathlib.PurePath(line.split(b"\t")[1].decode()).match(pattern))))
    blobs = records("compression_lattice", "classify", "--rev", "HEAD", "--dictionary", f"cpp={folder}/cpp", f"nix={folder}/nix", repository)
    told = [(one["label"] == "nix") == one["path"].endswith(".nix") for one in blobs if one["path"].endswith((".cc", ".h", ".nix"))]
    same("nine of ten files are of the class that their name says", len(told) > 50 and sum(told) >= 0.9 * len(told), True)


def check_outlines(repository):
    """Outlines of HEAD: one of each file in a language with declarations, and each declaration's name stands in its range."""
    listed = [line.split(None, 3) for line in run("git", "-C", repository, "ls-tree", "-r", "HEAD").decode().splitlines()]
    ours = records("pack_compiler", "outline", "--rev", "HEAD", repository)
    sources = sorted((name, path) for mode, kind, name, path in listed if path.endswith((".cc", ".h", ".py", ".json", ".sh")))
    same("outlines", sorted((o["object"], o["path"]) for o in ours if o["path"].endswith((".cc", ".h", ".py", ".json", ".sh"))), sources)
    for one in ours[::9]:
        text = run("git", "-C", repository, "cat-file", "blob", one["object"]).decode(errors="replace")
        if not text.isascii():
            continue
        for d in one["declarations"]:
            own = " ".join(text[d["begin"]:d["end"]].split())
            same(f"{one['path']} {d['name']}", d["name"] is None or d["name"] in own, True)
    (line,) = [o for o in ours if o["path"] == "src/base/bits.h"]
    same("bits.h", [d["name"] for d in line["declarations"]][:3], ["base/bytes.h", "packscope", "BitReader"])
    tokens = records("pack_compiler", "tokens", "--rev", "HEAD", repository)
    same("tokens", all(t["pieces"] for o in tokens for t in o["tokens"]), True)
    *predicted, summary = records("pack_compiler", "predict", "--compare", "--rev", "HEAD", repository)
    n, agree = summary["agreement"]["language"]["n"], summary["agreement"]["language"]["agree"]
    same("agreement", agree, sum(o["language"] == o["exact"]["language"] for o in predicted))
    same("of all", n, len(predicted))


def check_build(folder):
    """C from a pack alone runs as the compiler's own program does, and features are compiled one by one."""
    work = folder / "sums"
    work.mkdir()
    (work / "sum.h").write_text("int sum(const int *of, int n);\n")
    (work / "sum.c").write_text('#include "sum.h"\nint sum(const int *of, int n) {\n  int all = 0;\n  while (n-- > 0) all += of[n];\n  return all;\n}\n')
    (work / "main.c").write_text('#include <stdio.h>\n#include "sum.h"\nint main(void) {\n  int of[] = {2, 3, 5, 7, 11};\n'
                                 '  printf("%d\\n", sum(of, 5));\n  return 3;\n}\n')
    run("git", "-C", work, "init", "-q")
    run("git", "-C", work, "add", "-A")
    run("git", "-C", work, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "sums")
    bare = folder / "sums.git"
    run("git", "clone", "-q", "--bare", "--no-local", work, bare)
    ask = lambda name: subprocess.run([packscope, "pack_compiler", "build", "--backend", name, "--repo", bare, "HEAD:none.c"], capture_output=True, env=environment)
    backends = [name for name in ("clang", "tcc") if b"not installed" not in ask(name).stderr]
    same("a compiler is there", len(backends) > 0, True)
    for backend in backends:
        done = subprocess.run([packscope, "pack_compiler", "build", "--repo", bare, "--backend", backend, "--run", "HEAD:main.c", "HEAD:sum.c"],
                              capture_output=True, env=environment)
        same(f"{backend} runs it", (done.returncode, done.stdout, done.stderr), (3, b"28\n", b""))
    units = {(one["compiler"], one["unit"]) for one in records("compiler_lattice", "features", "--compilers", "gcc") if "unit" in one}
    same("features", len(units) > 50, True)


def check_seed():
    same("'8 of 8' is said", b"8 of 8 right" in run(packscope, "ast_classifier"), True)
    records = [json.loads(line) for line in run(packscope, "ast_classifier", "--json").splitlines()]
    same("predictions", [r["predicted"] for r in records], [r["expected"] for r in records])
    same("kinds", sorted({r["expected"] for r in records}), ["const", "fn", "use"])


def check_predict(repository):
    environment["PACKSCOPE_MODELS"] = str(root / "traces" / "models")
    said = [json.loads(line) for line in run(packscope, "ast_classifier", "predict", "--json", "--all-objects", repository).splitlines()]
    objects = run("git", "-C", repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)").decode().split()
    same("blobs", sorted(one["object"] for one in said), sorted(id for id, kind in zip(objects[::2], objects[1::2]) if kind == "blob"))
    same("some of them inherit", {one["inherited"] for one in said}, {True, False})
    agreement = json.loads(run(packscope, "decompress_rounds", "inherit", "--json", "--objects", "200", repository))
    same("deltas agree with what they inherit", agreement["n"] > 0 and agreement["agreement"] > 0.95, True)
    ladder = [json.loads(line) for line in run(packscope, "decompress_rounds", "--json", "--no-cost", "--no-peers", "--task", "language", repository).splitlines()]
    same("the ladder's rungs", {"R0-bits", "R2", "R3-16", "cascade"} <= {one["rung"] for one in ladder}, True)


def main():
    counts = [0, 0]

    def check(name, function, *arguments):
        try:
            function(*arguments)
            print(f"ok      {name}")
            counts[0] += 1
        except Exception as error:
            print(f"FAILED  {name}: {error}")
            counts[1] += 1

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        packs = {}
        check("packs of our own history are made", lambda: packs.update(make_packs(folder)))
        for shape, pack in packs.items():
            check(f"stat agrees with git: {shape}", check_stat, folder / "self.git", pack)
        for shape, pack in list(packs.items())[:2]:
            check(f"trace agrees with git: {shape}", check_trace, folder / "self.git", pack, folder)
        check("manifests, urls and graph agree with git", check_manifests, folder / "self.git", folder)
        check("a lattice knows its own files", check_lattice, folder / "self.git", packs, folder)
        check("compression_lattice knows git's own level", check_compression, folder / "self.git", next(iter(packs.values()), None), folder)
        check("outlines, tokens and predicted facts agree with git and the text", check_outlines, folder / "self.git")
        check("C is compiled and run from a pack alone", check_build, folder)
        check("ast_classifier learns the seed's declarations", check_seed)
        check("every blob has an answer, deltas their base's", check_predict, folder / "self.git")
    print(f"{counts[0]} passed, {counts[1]} failed")
    return counts[1] != 0


if __name__ == "__main__":
    sys.exit(main())
