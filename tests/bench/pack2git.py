#!/usr/bin/env python3
"""pack2git --all-objects against what a user would run instead: tests/bench/pack2git.py PACKSCOPE ROUNDS REPOSITORY…

The peer is `git cat-file --batch-all-objects --unordered --batch | rg -oa --no-unicode` with the same patterns (it finds every url,
we keep those of repositories). First the answer: each url that pack2git names begins some match of the peer's. Then
ROUNDS of both in turn, and the median of each, warm. The aim is a third.
"""
import bisect
import json
import statistics
import subprocess
import sys
import time

PATTERN = r"""(?i:(?:git\+)?(?:https?|ssh|git))://[^\s"'<>]+|git@[\w.-]+:[\w./~+%@:=&!-]+|(?:github|gitlab|sourcehut):[\w.~%-]+/[\w.-]+[^\s"'<>]*"""


def ours(packscope, repository):
    return [packscope, "pack2git", "--all-objects", "--json", "--no-progress", "--quiet", repository]


def theirs(repository):
    return ["bash", "-c", 'git -C "$0" cat-file --batch-all-objects --unordered --batch | rg -oaN --no-unicode "$1"', repository, PATTERN]


def seconds(command):
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def check(packscope, repository):
    output = subprocess.run(ours(packscope, repository), capture_output=True, check=False).stdout
    urls = sorted({json.loads(line)["url"] for line in output.splitlines()})
    lines = sorted(set(subprocess.run(theirs(repository), capture_output=True, check=True).stdout.decode("utf-8", "replace").splitlines()))
    text = None
    for url in urls:
        at = bisect.bisect_left(lines, url)
        if at < len(lines) and lines[at].startswith(url):
            continue
        text = text or "\n".join(lines)  # a url inside another one's path
        assert url in text, f"{repository}: {url} is no match of the peer's"
    return output.count(b"\n"), len(urls)


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    packscope, rounds = sys.argv[1], int(sys.argv[2])
    for repository in sys.argv[3:]:
        records, urls = check(packscope, repository)
        times = [(seconds(ours(packscope, repository)), seconds(theirs(repository))) for _ in range(rounds)]
        mine, peer = (statistics.median(column) for column in zip(*times))
        print(f"{repository}: {records} records, {urls} urls; pack2git {mine:.2f} s, git | rg {peer:.2f} s, ratio {mine / peer:.2f}", flush=True)


if __name__ == "__main__":
    main()
