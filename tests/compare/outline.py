#!/usr/bin/env python3
"""compare/outline.py PACKSCOPE PARSE_FILES PATH...: `pack_compiler outline --rev HEAD` of each repository, against a checkout.

`git archive HEAD | tar x` into a temporary folder, then tests/bench/parse_files finds the declarations of each file by rules of
its own over tree-sitter's tree (C, C++, Rust, Python, Go, JavaScript; the other languages by packscope's parser). Each file is
one comparison: the same declarations, in kind, name, begin and end, under the same language. Files that export-ignore keeps
out of the archive are written by git cat-file. A line a repository; exit code 1 if anything differs.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ENVIRONMENT = dict(os.environ, LC_ALL="C.UTF-8", GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_COUNT="1",
                   GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")


def git(path, *arguments):
    return subprocess.run(["git", "-C", path, *arguments], env=ENVIRONMENT, check=True, capture_output=True).stdout


def check_out(path, folder):
    """The regular files of HEAD, as they are in git: no attribute changes a byte. Returns their paths."""
    files = {}
    for line in git(path, "ls-tree", "-r", "-z", "HEAD").split(b"\0")[:-1]:
        head, name = line.split(b"\t", 1)
        mode, kind, identity = head.split()
        if kind == b"blob" and mode.startswith(b"100"):
            files[name] = identity
    archive = subprocess.Popen(["git", "-C", path, "archive", "HEAD"], env=ENVIRONMENT, stdout=subprocess.PIPE)
    subprocess.run(["tar", "x", "-C", folder], stdin=archive.stdout, check=True)
    archive.wait()
    # git archive obeys attributes (export-ignore, export-subst, text conversions): hold each file against its id.
    names = [name for name in files if os.path.isfile(os.path.join(os.fsencode(folder), name))]
    listed = "".join(f"{os.fsdecode(name)}\n" for name in names if b"\n" not in name).encode(errors="surrogateescape")
    hashes = subprocess.run(["git", "hash-object", "--no-filters", "--stdin-paths"], cwd=folder, input=listed, env=ENVIRONMENT,
                            check=True, capture_output=True).stdout.split()
    right = {name for name, identity in zip([n for n in names if b"\n" not in n], hashes) if files[name] == identity}
    for name, identity in list(files.items()):
        if name in right:
            continue
        done = subprocess.run(["git", "-C", path, "cat-file", "blob", identity.decode()], env=ENVIRONMENT, capture_output=True)
        if done.returncode != 0:  # a clone that lacks it: nobody can say what it declares
            del files[name]
            continue
        target = pathlib.Path(os.fsdecode(os.path.join(os.fsencode(folder), name)))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(done.stdout)
    return list(files)


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    same = differ = 0
    for path in sys.argv[3:]:
        with tempfile.TemporaryDirectory() as folder:
            names = check_out(path, folder)
            theirs = subprocess.run([sys.argv[2], folder, "oracle"], input=b"".join(name + b"\0" for name in names), check=True,
                                    capture_output=True).stdout
            ours = subprocess.run([sys.argv[1], "pack_compiler", "outline", "--rev", "HEAD", "--json", "--no-progress", path],
                                  capture_output=True)
        theirs = {(one["path"], one.get("path_hex")): one for one in map(json.loads, theirs.splitlines())}
        mine = {}
        for one in map(json.loads, ours.stdout.splitlines()):
            mine[one["path"], one.get("path_hex")] = one
        for line in ours.stderr.decode(errors="replace").splitlines():
            print(f"  {line}")
        agree, languages, declarations = 0, {}, 0
        for key in sorted(set(mine) | set(theirs), key=str):
            a, b = mine.get(key), theirs.get(key)
            if a and b and a["language"] == b["language"] and a["declarations"] == b["declarations"]:
                agree += 1
                languages[a["language"]] = languages.get(a["language"], 0) + 1
                declarations += len(a["declarations"])
                continue
            differ += 1
            if a and b:
                odd = [f"{x} is not {y}" for x, y in zip(a["declarations"] + [None], b["declarations"] + [None]) if x != y]
                print(f"  {key[0]}: {a['language']}, {b['language']}: {(odd or ['the end'])[0]}")
            else:
                print(f"  {key[0]}: only {'packscope' if a else 'the checkout'} has it")
        same += agree
        most = ", ".join(f"{name} {count}" for name, count in sorted(languages.items(), key=lambda one: -one[1])[:4])
        print(f"{path}: {agree} files agree ({most}), {declarations} declarations", flush=True)
    print(f"{same} files agree, {differ} differ")
    sys.exit(differ != 0 or same == 0)


if __name__ == "__main__":
    main()
