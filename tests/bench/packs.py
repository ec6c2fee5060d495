#!/usr/bin/env python3
"""packs.py BUILD PATH... [--rounds N]: reading whole packs, against git in the same run.

BUILD: a meson build folder (buildtype release) with src/tools/packscope and tests/bench/pack_bench.
PATH: bare repositories, each with its objects in packs. For each:
first the answers (ids, types, sizes of all objects, by git cat-file and by stat --verify; leaf names, by git's own
trees), then the times: all commands in turn, N rounds, medians of processor time and wall time, ratios to git, the
ratio to the bound (libdeflate alone over the same streams, and a memcpy of what they give), and the most anonymous
memory that was seen. Instructions where perf may count them.
"""
import argparse, glob, json, os, re, shutil, statistics, subprocess, sys, tempfile, threading, time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("build")
parser.add_argument("paths", nargs="+")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--json", help="write the figures there too")
arguments = parser.parse_args()
PACKSCOPE = os.path.join(arguments.build, "src/tools/packscope")
BENCH = os.path.join(arguments.build, "tests/bench/pack_bench")
FOLDER = tempfile.mkdtemp()
CONFIG = os.path.join(FOLDER, "config")
with open(CONFIG, "w") as file:
    file.write("[safe]\n\tdirectory = *\n")
os.environ.update(GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=CONFIG, LC_ALL="C")


def anonymous(pid):
    """KiB of a process's memory beside mapped files."""
    try:
        with open(f"/proc/{pid}/status") as status:
            return int(re.search(r"RssAnon:\s+(\d+)", status.read()).group(1))
    except (OSError, AttributeError):
        return 0


def measure(command, standard_input=None):
    """Runs a command: seconds of processor and wall time, most anonymous KiB, instructions or None."""
    counts = os.path.join(FOLDER, "perf")
    if os.path.exists(counts):
        os.remove(counts)
    if INSTRUCTIONS:
        command = ["perf", "stat", "-x,", "-e", "instructions:u", "-o", counts, "--"] + command
    begin = time.monotonic()
    source = open(standard_input) if standard_input else subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak = 0
    def watch():
        nonlocal peak
        while process.returncode is None:
            peak = max(peak, anonymous(process.pid))
            time.sleep(0.005)
    watcher = threading.Thread(target=watch)
    watcher.start()
    complaint = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begin
    watcher.join()
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {process.returncode}: {complaint.decode(errors='replace')}")
    instructions = None
    if os.path.exists(counts):
        found = re.search(r"^(\d+),", open(counts).read(), re.M)
        instructions = int(found.group(1)) if found else None
    return {"cpu": usage.ru_utime + usage.ru_stime, "wall": wall, "anonymous_kib": peak, "instructions": instructions}


def can_count():
    if not shutil.which("perf"):
        return False
    probe = subprocess.run(["perf", "stat", "-x,", "-e", "instructions:u", "--", "true"], capture_output=True, text=True)
    return re.search(r"^\d+,", probe.stderr, re.M) is not None


INSTRUCTIONS = can_count()


def lines(command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.splitlines()


def check_objects(path):
    """Ids, types and sizes, as git lists them."""
    git = set(lines(["git", "-C", path, "cat-file", "--batch-all-objects", "--unordered", "--batch-check"]))
    ours = set()
    for line in lines([PACKSCOPE, "stat", "--verify", "--objects", "--json", "--no-progress", path]):
        record = json.loads(line)
        if "object" in record:  # else the pack's own record
            ours.add(f"{record['object']} {record['type']} {record['size']}".encode())
    if git != ours or not git:
        sys.exit(f"{path}: {len(git ^ ours)} objects differ from git's, of {len(git)}")
    return len(git)


def check_names(path):
    """Every blob that any tree names has a name, and one that some tree gives it."""
    trees = os.path.join(FOLDER, "trees")
    with open(trees, "wb") as file:
        for line in lines(["git", "-C", path, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)"]):
            if line.startswith(b"tree "):
                file.write(line[5:] + b"\n")
    named = {}  # id: the hashes of its names, so that a large history fits into memory
    reader = subprocess.Popen(["git", "-C", path, "cat-file", "--batch"], stdin=open(trees), stdout=subprocess.PIPE)
    while header := reader.stdout.readline():
        tree = reader.stdout.read(int(header.split()[2]) + 1)[:-1]
        at = 0
        while at < len(tree):
            nul = tree.index(b"\0", at)
            mode, name = tree[at:nul].split(b" ", 1)
            if mode not in (b"40000", b"160000"):
                named.setdefault(tree[nul + 1:nul + 21], set()).add(hash(name))
            at = nul + 21
    present = {bytes.fromhex(line.decode()) for line in lines(
        ["git", "-C", path, "cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)"])}
    ours = {}
    for line in subprocess.run([BENCH, "names", path], stdout=subprocess.PIPE, check=True).stdout.split(b"\n"):
        if line:
            ours[bytes.fromhex(line[:40].decode())] = line[41:]
    expected = named.keys() & present
    wrong = [key for key, name in ours.items() if hash(name) not in named.get(key, ())]
    if ours.keys() != expected or wrong:
        sys.exit(f"{path}: leaf names: {len(ours.keys() ^ expected)} missing or too many, {len(wrong)} wrong, of {len(expected)}")
    return len(expected)


def bench(path):
    packs = sorted(glob.glob(os.path.join(path, "objects/pack/*.pack")))
    objects, names = check_objects(path), check_names(path)
    stat = [PACKSCOPE, "stat", "--no-progress", "--quiet"]
    scratch = os.path.join(FOLDER, "scratch.idx")
    commands = {
        "git cat-file": ["git", "-C", path, "cat-file", "--batch-all-objects", "--unordered", "--batch"],
        "bound": [BENCH, "inflate"] + packs,
        "stat --decode --threads 1": stat + ["--decode", "--threads", "1", path],
        "stat --decode --threads 2": stat + ["--decode", "--threads", "2", path],
        "git index-pack --threads=1": ["git", "index-pack", "--threads=1", "-o", scratch, packs[0]],
        "stat --verify --threads 1": stat + ["--verify", "--threads", "1", packs[0]],
        "git rev-list --objects --all": ["git", "-C", path, "rev-list", "--objects", "--all", "--missing=allow-any"],
        "leaf names, 1 thread": [BENCH, "names", path, "--threads", "1"],
        "leaf names, 2 threads": [BENCH, "names", path, "--threads", "2"],
    }
    runs = {name: [] for name in commands}
    for _ in range(arguments.rounds):
        for name, command in commands.items():
            if os.path.exists(scratch):
                os.remove(scratch)
            runs[name].append(measure(command))
    peers = {"stat --decode --threads 1": "git cat-file", "stat --decode --threads 2": "git cat-file",
             "stat --verify --threads 1": "git index-pack --threads=1", "leaf names, 1 thread": "git rev-list --objects --all",
             "leaf names, 2 threads": "git rev-list --objects --all"}
    stored = sum(os.path.getsize(pack) for pack in packs)
    print(f"{path}: {objects} objects in {stored / 1e6:.0f} MB; ids, types and sizes equal git's; {names} leaf names right")
    table = {}
    for name, found in runs.items():
        middle = {key: statistics.median(run[key] for run in found) for key in ("cpu", "wall")}
        middle["anonymous_mib"] = max(run["anonymous_kib"] for run in found) / 1024
        if found[0]["instructions"]:
            middle["instructions"] = statistics.median(run["instructions"] for run in found)
        table[name] = middle
    for name, row in table.items():
        text = f"  {name:30} cpu {row['cpu']:6.2f} s  wall {row['wall']:6.2f} s  {row['anonymous_mib']:6.0f} MiB"
        if "instructions" in row:
            text += f"  {row['instructions'] / 1e9:6.1f} G instructions"
        if name in peers:
            # Rounds are pairs: the ratio of each, then the median.
            for key in ("wall", "cpu"):
                ratio = statistics.median(a[key] / b[key] for a, b in zip(runs[peers[name]], runs[name]))
                row["ratio_" + key] = ratio
            text += f"  {row['ratio_wall']:5.1f} times {peers[name]} (cpu {row['ratio_cpu']:.1f})"
        if name == "stat --decode --threads 1":
            row["over_bound"] = statistics.median(a["cpu"] / b["cpu"] for a, b in zip(runs[name], runs["bound"]))
            text += f"; {row['over_bound']:.2f} of the bound"
        print(text, flush=True)
    return {"path": os.path.basename(path.rstrip("/")), "objects": objects, "bytes": stored, "commands": table}


figures = [bench(path) for path in arguments.paths]
if arguments.json:
    with open(arguments.json, "w") as file:
        json.dump(figures, file, indent=1)
shutil.rmtree(FOLDER)
