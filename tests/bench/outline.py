#!/usr/bin/env python3
"""bench/outline.py PACKSCOPE PARSE_FILES PATH...: `pack_compiler outline --rev HEAD` against a checkout that is parsed.

  checkout  git archive HEAD | tar x, then reading every file (parse_files FOLDER read)
  parser    the same files through the same parser: parse_files FOLDER parse, less its reading
  ours      pack_compiler outline --rev HEAD --json, one thread; what of it is parsing it says itself

First that both find as many declarations. Then processor seconds of all processes (medians of RUNS, 5), what ours takes
beside parsing as a part of the checkout, and ours as a part of checkout and parser together.
"""
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile

RUNS = int(os.environ.get("RUNS", "5"))
ENVIRONMENT = dict(os.environ, LC_ALL="C", GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_COUNT="1",
                   GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")


def timed(command, **options):
    """Processor seconds of all processes, the output and what was said beside it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, env=ENVIRONMENT, check=False, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout, done.stderr.decode()


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    packscope, parse_files, failed = sys.argv[1], sys.argv[2], False
    for path in sys.argv[3:]:
        listing = subprocess.run(["git", "-C", path, "ls-tree", "-r", "-z", "--name-only", "HEAD"], env=ENVIRONMENT,
                                 capture_output=True, check=True).stdout
        rounds = []
        for _ in range(RUNS):
            with tempfile.TemporaryDirectory() as folder:
                archive = timed(["sh", "-c", f"git -C '{path}' archive HEAD | tar x -C '{folder}'"])[0]
                read = timed([parse_files, folder, "read"], input=listing)[0]
                parse, theirs, _ = timed([parse_files, folder, "parse"], input=listing)
            ours, records, said = timed([packscope, "pack_compiler", "outline", "--rev", "HEAD", "--json", "--verbose", "--threads", "1", path])
            beside = ours - float(re.search(r"parsing took ([0-9.]+) s", said)[1])
            rounds.append((archive + read, parse - read, ours, beside))
        declarations = sum(len(json.loads(line)["declarations"]) for line in records.splitlines())
        same = int(theirs.split()[-2]) == declarations
        failed = failed or not same
        checkout, parser, ours, beside = (statistics.median(column) for column in zip(*rounds))
        note = "" if same else " (not as many as in the checkout)"
        print(f"{path}: {declarations} declarations{note}: "
              f"checkout {checkout:.3f} s, parser {parser:.3f} s, ours {ours:.3f} s: beside parsing "
              f"{beside:.3f} s, {beside / checkout:.2f} of the checkout, in all {ours / (checkout + parser):.2f} of both", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
