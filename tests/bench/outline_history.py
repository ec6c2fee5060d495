#!/usr/bin/env python3
"""bench/outline_history.py PACKSCOPE PARSE_OBJECTS PATH...: `pack_compiler outline --history` against parsing every version by itself.

  separately  every object that ours has a record of, once a language, through the same parser: parse_objects PATH, which counts
              parsing alone (reading the objects is not in it)
  ours        pack_compiler outline --history --json, one thread: walking the history, reading, parsing, printing

First that both find as many declarations; then processor seconds of all processes and ours as a part of the other.
"""
import json
import os
import resource
import subprocess
import sys
import tempfile


def timed(command, **options):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stderr=subprocess.DEVNULL, check=False, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    failed = False
    for path in sys.argv[3:]:
        commits = subprocess.run(["git", "-c", "safe.directory=*", "-C", path, "rev-list", "--count", "--all"], capture_output=True,
                                 env=dict(os.environ, GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*"),
                                 text=True, check=True).stdout.strip()
        with tempfile.NamedTemporaryFile(dir=os.environ.get("TMPDIR")) as records:
            ours = timed([sys.argv[1], "pack_compiler", "outline", "--history", "--json", "--threads", "1", path], stdout=records)[0]
            seen = {}
            with open(records.name, encoding="utf-8") as lines:
                for line in lines:
                    record = json.loads(line)
                    seen[record["object"], record["language"]] = len(record["declarations"])
        wanted = "".join(f"{object_id} {language}\n" for object_id, language in seen)
        said = timed([sys.argv[2], path], input=wanted.encode(), stdout=subprocess.PIPE)[1].decode()
        objects, size, declarations, seconds = said.split(", ")
        same = int(declarations.split()[0]) == sum(seen.values())
        failed = failed or not same
        separately = float(seconds.split()[0])
        print(f"{path}: {commits} commits, {objects}, {size}, {declarations}{'' if same else f' (ours: {sum(seen.values())})'}: "
              f"separately {separately:.1f} s, ours {ours:.1f} s, ratio {ours / separately:.2f}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
