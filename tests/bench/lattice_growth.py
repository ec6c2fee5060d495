#!/usr/bin/env python3
"""Do more packs say more? tests/bench/lattice_growth.py PROGRAM MIRRORS LIST FOLDER

MIRRORS: a folder of OWNER+NAME/repo. LIST: traces/models/repositories.jsonl, whose test repositories are asked about; all
others in MIRRORS are learned from. Builds a lattice of each of those in FOLDER (kept, so that a second run is quick), joins
the first 1, 3, 10, 30, … of them in an order that follows from their names, and measures each join on the test repositories.
Writes FOLDER/growth.csv and FOLDER/growth.svg; traces/lattice keeps those of the last full run.
What shares a root commit with a test repository is a fork of it, and is left out.
"""
import csv
import hashlib
import json
import pathlib
import subprocess
import sys

SIZES = (1, 3, 10, 30, 60, 100)


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def roots(path):
    """The commits without parents."""
    out = subprocess.run(["git", "-c", "safe.directory=*", "-C", path, "rev-list", "--max-parents=0", "--all"], capture_output=True, check=True).stdout
    return set(out.split())


def repositories(mirrors, listed):
    """Test repositories, and the others in the order that they are added."""
    test = {row["name"] for row in map(json.loads, open(listed)) if row["split"] == "test"}
    found = {folder.name.replace("+", "/"): folder / "repo" for folder in mirrors.iterdir() if (folder / "repo").is_dir()}
    rest = sorted(set(found) - test, key=lambda name: hashlib.sha256(name.encode()).digest())
    asked = [found[name] for name in sorted(test & set(found))]
    theirs = set().union(*map(roots, asked))
    forks = [name for name in rest if roots(found[name]) & theirs]
    if forks:
        print("left out, as they share a root commit with a test repository:", ", ".join(forks))
    return asked, [found[name] for name in rest if name not in forks]


def leaves(program, folder, paths):
    """A lattice of each; made where it isn't there."""
    made = []
    for path in paths:
        made.append(folder / f"{path.parent.name}.lattice")
        if not made[-1].exists():
            run(program, "pack2lattice", "build", "--json", "--threads", "1", "-o", made[-1], path)
    return made


def plot(rows, sizes):
    """Coverage (solid) and accuracy (dashed) over packs, a colour a dimension."""
    colours = ["#d62728", "#1f77b4", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#17becf"]
    wide, high, left, top = 640, 380, 50, 20
    x = lambda i: left + i * (wide - left - 190) / max(1, len(sizes) - 1)
    y = lambda share: top + (1 - share) * (high - top - 40)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" font-family="sans-serif" font-size="12">',
           f'<rect width="{wide}" height="{high}" fill="white"/>']
    for tenth in range(0, 11, 2):
        out.append(f'<line x1="{left}" x2="{x(len(sizes) - 1):.0f}" y1="{y(tenth / 10):.0f}" y2="{y(tenth / 10):.0f}" stroke="#ddd"/>'
                   f'<text x="{left - 8}" y="{y(tenth / 10) + 4:.0f}" text-anchor="end">{tenth / 10:.1f}</text>')
    for i, size in enumerate(sizes):
        out.append(f'<text x="{x(i):.0f}" y="{high - 22}" text-anchor="middle">{size}</text>')
    out.append(f'<text x="{x((len(sizes) - 1) / 2):.0f}" y="{high - 5}" text-anchor="middle">packs in the lattice</text>')
    shown = [("object", None), ("symbols16", None), ("symbols8", None), ("symbols4", None), ("profile", None), ("all", 0.95), ("all", 0)]
    for at, (dimension, confidence) in enumerate(shown):
        own = {row["packs"]: row for row in rows if row["dimension"] == dimension and row["confidence"] == confidence}
        for field, dash in (("coverage", ""), ("accuracy", ' stroke-dasharray="5 3"')):
            points = " ".join(f"{x(i):.1f},{y(own[size][field]):.1f}" for i, size in enumerate(sizes) if own[size][field] is not None)
            out.append(f'<polyline points="{points}" fill="none" stroke="{colours[at]}" stroke-width="2"{dash}/>')
        name = dimension if confidence is None else f"all, confidence ≥ {confidence}" if confidence else "all, any confidence"
        out.append(f'<text x="{wide - 180}" y="{top + 20 + 20 * at}" fill="{colours[at]}">{name}</text>')
    out.append(f'<text x="{wide - 180}" y="{top + 40 + 20 * len(shown)}">solid: coverage, dashed: accuracy</text></svg>')
    return "\n".join(out) + "\n"


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    program, mirrors, listed, folder = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4])
    folder.mkdir(parents=True, exist_ok=True)
    test, rest = repositories(mirrors, listed)
    made = leaves(program, folder, rest)
    sizes = [size for size in SIZES if size < len(made)] + [len(made)]
    rows = []
    for size in sizes:
        joined = folder / "joined"
        run(program, "pack2lattice", "join", "--json", "-o", joined, *made[:size])
        (stat,) = run(program, "pack2lattice", "stat", "--json", joined)
        for row in run(program, "pack2lattice", "measure", "--json", joined, *test):
            if row.get("known_repositories"):
                sys.exit(f"{row['known_repositories']} test repositories are in the lattice")
            if "dimension" in row:
                rows.append({"packs": size, **row, "clues": stat["clues"], "bytes": stat["bytes"]})
    with open(folder / "growth.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()})
    (folder / "growth.svg").write_text(plot(rows, sizes))
    for dimension, confidence in dict.fromkeys((row["dimension"], row["confidence"]) for row in rows):
        shown = [row for row in rows if (row["dimension"], row["confidence"]) == (dimension, confidence)]
        name = dimension if confidence is None else f"{dimension} >= {confidence}"
        print(f"{name:14}", " ".join(f"{row['coverage']:.2f}/{row['accuracy'] or 0:.2f}" for row in shown))
    print(f"{'packs':14}", " ".join(f"{size:9}" for size in sizes), f"\n{len(test)} test repositories, {rows[0]['n']} blobs")


if __name__ == "__main__":
    main()
