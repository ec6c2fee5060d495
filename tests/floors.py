#!/usr/bin/env python3
"""The floor rule of src/README.md: a room includes itself and rooms on floors below it, nothing else.

usage: floors.py SRC     exit 0: the house stands; 1: each violation is one line, FILE:LINE: what
The rule is tried first on made houses, one violation each: a check that can't fail proves nothing.
"""

import pathlib
import re
import sys
import tempfile

FLOORS = [
    ["base"],
    ["deflate", "perf", "syntax"],
    ["pack"],
    ["learn"],
    ["trace", "encoders", "lattice", "patterns", "deps", "compile"],
    ["tools", "boot"],
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

# Folders inside a room that don't know each other: learn's two backends stand behind one interface.
APART = {"learn": {"cpu", "cuda"}}

INCLUDE = re.compile(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
SOURCES = {".h", ".hpp", ".c", ".cc", ".cpp", ".cu", ".inc", ".in"}


def includes(path):
    """(line number, name, whether in quotes) of every include."""
    text = path.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match[1] or match[2], match[1] is not None


def judge(src, path, name, quoted):
    """What is wrong with `path` including `name`, or None."""
    here = path.relative_to(src).parts
    room, target = here[0], pathlib.PurePosixPath(name).parts
    if target[0] not in FLOOR and not quoted:
        return None  # a library's header
    if ".." in target or "." in target:
        return f'includes "{name}": a path by room, such as "base/result.h", is wanted'
    if len(target) == 1:  # made by the build from NAME.in in the same folder
        if not quoted or (path.parent / f"{name}.in").is_file():
            return None
        return f'includes "{name}": names neither a room nor what the build makes from {name}.in'
    if target[0] not in FLOOR:
        return f'includes "{name}": {target[0]} is no room'
    if not (src / name).is_file() and not (src / f"{name}.in").is_file():
        return None if not quoted else f'includes "{name}": no such file'
    other = target[0]
    if other == room:
        apart = APART.get(room, set())
        if len(here) > 2 and here[1] in apart and target[1] in apart - {here[1]}:
            return f'includes "{name}": {room}/{here[1]} and {room}/{target[1]} don\'t know each other'
        return None
    if FLOOR[other] == FLOOR[room]:
        return f'includes "{name}": {room} and {other} are on one floor ({FLOOR[room]}) and don\'t know each other'
    if FLOOR[other] > FLOOR[room]:
        return f'includes "{name}": climbs from {room} (floor {FLOOR[room]}) to {other} (floor {FLOOR[other]})'
    return None


def violations(src):
    found = []
    for room in sorted(entry for entry in src.iterdir() if entry.is_dir()):
        if room.name not in FLOOR:
            found.append(f"{room}: no floor is known for this room (see FLOORS in tests/floors.py)")
            continue
        sources = sorted(path for path in room.rglob("*") if path.is_file() and path.suffix in SOURCES)
        for path in sources:
            for number, name, quoted in includes(path):
                wrong = judge(src, path, name, quoted)
                if wrong:
                    found.append(f"{path}:{number}: {wrong}")
        opening = f"// {room.name}: "
        headers = [path for path in sources if path.suffix == ".h" and path.parent == room]
        if not any(path.read_text(encoding="utf-8", errors="replace").startswith(opening) for path in headers):
            found.append(f'{room}: no header opens with "{opening}…" and says what the room is')
    return found


def check_the_rule():
    """Each made house has one violation, but for the first; returns what the rule got wrong."""
    whole = {
        "base/a.h": "// base: the ground.\n#include <vector>\n",
        "deflate/d.h": '// deflate: bits.\n#include "base/a.h"\n',
        "pack/p.h": '// pack: packs.\n#pragma once\n  #  include "deflate/d.h"\n#include "pack/q.h"\n// #include "tools/t.h"\n',
        "pack/q.h": "#include <pack/none.h>\n",
        "learn/l.h": '// learn: nets.\n#include "pack/p.h"\n#include "made.h"\n',
        "learn/made.h.in": "",
        "learn/cpu/c.cc": '#include "learn/l.h"\n',
        "learn/cuda/g.h": '#include "learn/l.h"\n',
        "trace/t.h": '// trace: bytes.\n#include "learn/l.h"\n',
        "tools/t.h": '// tools: all.\n#include "trace/t.h"\n#include "base/a.h"\n',
    }
    cases = [
        ({}, None),
        ({"base/b.cc": '#include "pack/p.h"\n'}, "base/b.cc:1: includes \"pack/p.h\": climbs from base (floor 0) to pack (floor 2)"),
        ({"deflate/e.cc": '\n#include "syntax/s.h"\n', "syntax/s.h": "// syntax: words.\n"}, "deflate/e.cc:2: includes \"syntax/s.h\": deflate and syntax are on one floor"),
        ({"pack/r.cc": "#include <learn/l.h>\n"}, "pack/r.cc:1: includes \"learn/l.h\": climbs"),
        ({"pack/r.cc": '#include "../learn/l.h"\n'}, "pack/r.cc:1: includes \"../learn/l.h\": a path by room"),
        ({"pack/r.cc": '#include "q.h"\n'}, "pack/r.cc:1: includes \"q.h\": names neither"),
        ({"pack/r.cc": '#include "zlib/z.h"\n'}, "pack/r.cc:1: includes \"zlib/z.h\": zlib is no room"),
        ({"pack/r.cc": '#include "base/none.h"\n'}, "pack/r.cc:1: includes \"base/none.h\": no such file"),
        ({"learn/cpu/d.cc": '#include "learn/cuda/g.h"\n'}, "learn/cpu/d.cc:1: includes \"learn/cuda/g.h\": learn/cpu and learn/cuda don't"),
        ({"cellar/c.h": "// cellar: dark.\n"}, "cellar: no floor is known"),
        ({"base/a.h": "#include <vector>\n"}, "base: no header opens with"),
    ]
    wrong = []
    for change, expected in cases:
        with tempfile.TemporaryDirectory() as folder:
            src = pathlib.Path(folder) / "src"
            for name, text in (whole | change).items():
                path = src / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            found = [line.removeprefix(f"{src}/") for line in violations(src)]
            right = found == [] if expected is None else len(found) == 1 and found[0].startswith(expected)
            if not right:
                wrong.append(f"the rule itself: expected {expected!r}, found {found}")
    return wrong


def main():
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1]).is_dir():
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    found = check_the_rule() + violations(pathlib.Path(sys.argv[1]))
    for line in found:
        print(line)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
