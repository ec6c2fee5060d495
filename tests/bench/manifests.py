#!/usr/bin/env python3
"""bench/manifests.py READ_MANIFESTS PATH...: finding and reading the Cargo.toml and Cargo.lock of each repository, against

  HEAD     git ls-tree -r HEAD, then git cat-file --batch over the same manifests
  history  git rev-list --objects --all --missing=allow-any, then git cat-file --batch

First that both read the same manifests and bytes; then the medians of alternating runs, wall and processor time, and
ours as a part of git's.
"""
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

NAMES = ("Cargo.toml", "Cargo.lock")
RUNS = int(os.environ.get("RUNS", "7"))
ENVIRONMENT = dict(os.environ, LC_ALL="C", GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_COUNT="1",
                   GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")
SELECT = r"""sed -nE 's/^100[0-9]+ blob ([0-9a-f]+)\t((.*\/)?Cargo\.(toml|lock))$/\1/p'"""
SELECT_HISTORY = r"""sed -nE 's/^([0-9a-f]+) ((.*\/)?Cargo\.(toml|lock))$/\1/p'"""


def timed(command, **options):
    """Wall seconds, processor seconds of all processes, output."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    out = subprocess.run(command, capture_output=True, check=False, **options).stdout
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, out


def git_command(path, scope):
    listing = f"git -C '{path}' ls-tree -r HEAD | {SELECT}" if scope == "HEAD" else \
        f"git -C '{path}' rev-list --objects --all --missing=allow-any | {SELECT_HISTORY}"
    return ["sh", "-c", f"{listing} | git -C '{path}' cat-file --batch"]


def batch_size(out):
    """Count and bytes of what cat-file --batch printed."""
    count = size = at = 0
    while at < len(out):
        end = out.index(b"\n", at)
        match = re.fullmatch(rb"[0-9a-f]+ blob (\d+)", out[at:end])
        if match is None:
            at = end + 1
            continue
        count, size, at = count + 1, size + int(match[1]), end + 2 + int(match[1])
    return f"{count} manifests, {size} bytes"


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    failed = False
    folder = tempfile.TemporaryDirectory(prefix="packscope-bench-")
    program = shutil.copy(sys.argv[1], folder.name)  # as an installation does: what a linker wrote in pieces is mapped in pieces
    for path in sys.argv[2:]:
        for scope in ("HEAD", "--history"):
            ours = [program, scope, path, *NAMES]
            theirs = git_command(path, scope)
            git_says, we_say = timed(theirs, env=ENVIRONMENT)[2], timed(ours)[2]
            agree = batch_size(git_says) == we_say.decode().strip()
            # In a history git lists an object once, under one of its names; we list all names.
            objects = int(we_say.split()[0]) >= int(batch_size(git_says).split()[0])
            failed = failed or not (agree if scope == "HEAD" else objects)
            times = [timed(ours)[:2] + timed(theirs, env=ENVIRONMENT)[:2] for _ in range(RUNS)]
            mine, mine_cpu, git, git_cpu = (statistics.median(column) for column in zip(*times))
            note = "" if agree else f"  (git: {batch_size(git_says)})"
            print(f"{path} {scope}: {we_say.decode().strip()}{note}: {mine * 1e3:.1f} ms, git {git * 1e3:.1f} ms, "
                  f"ratio {mine / git:.2f} (processor time {mine_cpu * 1e3:.1f} and {git_cpu * 1e3:.1f} ms, "
                  f"ratio {mine_cpu / git_cpu:.2f})", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
