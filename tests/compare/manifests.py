"""What the comparisons of manifests with their oracles share: running packscope and git, and the count of differences."""
import json
import os
import subprocess
import sys
import tempfile

ENVIRONMENT = dict(os.environ, LC_ALL="C.UTF-8", GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=os.devnull,
                   GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")


def git(path, *arguments, stdin=None):
    return subprocess.run(["git", "-C", path, *arguments], env=ENVIRONMENT, input=stdin, check=True,
                          capture_output=True).stdout


def run(*command, **options):
    return subprocess.run(command, capture_output=True, **options)


def records(packscope, command, path):
    """The records of HEAD, and the errors by path."""
    done = run(packscope, command, "--rev", "HEAD", "--json", "--no-progress", path)
    errors = {}
    for line in done.stderr.decode(errors="replace").splitlines():
        if ", path '" in line:
            errors[line.split(", path '", 1)[1].split("'", 1)[0]] = line
        else:
            print(f"  {line}")
    return [json.loads(line) for line in done.stdout.splitlines()], errors


class Tally:
    """Counts what was compared; each difference is a line."""

    def __init__(self):
        self.same = self.differ = self.refused = self.absent = self.repositories = 0

    def check(self, where, what, ours, theirs):
        if ours == theirs:
            self.same += 1
            return True
        self.differ += 1
        print(f"  {where}: {what}: packscope {ours!r}, oracle {theirs!r}")
        return False

    def finish(self, unit):
        print(f"{self.repositories} repositories: {self.same} {unit} agree, {self.differ} differ, "
              f"{self.refused} manifests that the oracle refuses, {self.absent} that git cannot give")
        sys.exit(1 if self.differ or not self.same else 0)


def main(program, compare, unit, usage):
    if len(sys.argv) < 3:
        print(usage, file=sys.stderr)
        sys.exit(2)
    tally = Tally()
    for path in sys.argv[2:]:
        before = (tally.same, tally.differ, tally.refused)
        with tempfile.TemporaryDirectory() as folder:
            compare(sys.argv[1], path, folder, tally)
        tally.repositories += 1
        after = (tally.same, tally.differ, tally.refused)
        same, differ, refused = (b - a for a, b in zip(before, after))
        print(f"{path}: {same} {unit} agree, {differ} differ, {refused} refused by {program}", flush=True)
    tally.finish(unit)
