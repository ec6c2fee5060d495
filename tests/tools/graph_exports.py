#!/usr/bin/env python3
"""What build_graph writes, read by those it is written for: graph_exports.py PACKSCOPE SCHEMAS CHECK

CHECK: cyclonedx and spdx (the published schemas, by jsonschema, and references that lead somewhere), dot (Graphviz),
graphml (networkx), records (a graph from the packs equals one from the records of the four commands). Names are odd on
purpose: quotes, angle brackets, bytes that are no UTF-8, versions with a plus.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ODD = 'od"d <&> \\ é'
RECORDS = [
    {"repo": "github.com/a/app.git", "object": "01", "path": "Cargo.toml", "package": {"name": "app", "version": "0.1.0"},
     "dependencies": [{"name": "serde", "package": "serde", "req": '>=1, <"2"'}, {"name": "lib", "package": "lib", "req": "*", "git": "https://github.com/B/lib.git", "branch": "main"}, {"name": "app", "package": "app", "req": "*", "path": "."}]},
    {"repo": "github.com/a/app.git", "object": "02", "path": "Cargo.lock", "lock": [{"name": "serde", "version": "1.0.0+x", "source": "registry+https://github.com/rust-lang/crates.io-index"}, {"name": "lib", "version": "0.2.0", "source": "git+https://github.com/B/lib.git#0123"}]},
    {"repo": "github.com/B/lib.git", "object": "03", "path": "Cargo.toml", "package": {"name": "lib", "version": "0.2.0"}, "dependencies": [{"name": "app", "package": "app", "req": "0.1"}]},
    {"repo": "github.com/B/lib.git", "object": "04", "path": "flake.nix", "inputs": [{"name": "nixpkgs", "url": "github:NixOS/nixpkgs/nixos-25.05", "follows": None}, {"name": "tar", "url": "https://example.org/x.tar.gz", "type": "tarball", "follows": None}, {"name": ODD, "url": None, "follows": None}]},
    {"repo": "github.com/B/lib.git", "object": "05", "path": "flake.lock", "root": "root", "nodes": [{"name": "nixpkgs", "type": "github", "owner": "NixOS", "repo": "nixpkgs", "rev": "0123"}]},
    {"repo": ODD, "object": "06", "path": ".gitmodules", "submodules": [{"name": "m", "url": "https://git.sr.ht/~u/m", "commit": "ff"}]},
    {"repo": "github.com/nixos/nixpkgs", "object": "07", "path": "README", "url": "x", "normalized": "https://github.com/z/z", "via": "text"},
]


def built(packscope, form, source, stdin=b""):
    done = subprocess.run([packscope, "build_graph", "--format", form, *source], input=stdin, capture_output=True, env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000"})
    if done.returncode != 0:
        sys.exit(f"build_graph --format {form}: {done.stderr.decode()}")
    return done.stdout


def graph(packscope, form):
    return built(packscope, form, ["--records", "-"], "".join(json.dumps(record) + "\n" for record in RECORDS).encode())


def validate(document, schemas, name):
    import jsonschema

    store = {one["$id"]: one for one in (json.loads(path.read_text()) for path in pathlib.Path(schemas).glob("*.schema.json"))}
    schema = json.loads((pathlib.Path(schemas) / name).read_text())
    validator = jsonschema.validators.validator_for(schema)
    resolver = jsonschema.RefResolver(schema["$id"], schema, store=store)
    validator(schema, resolver=resolver).validate(document)
    broken = {key: value for key, value in document.items() if key not in ("specVersion", "spdxVersion")} | {"components": 7, "packages": 7}
    assert not validator(schema, resolver=resolver).is_valid(broken), "the schema refuses what is broken"


def cyclonedx(packscope, schemas):
    document = json.loads(graph(packscope, "cyclonedx"))
    validate(document, schemas, "bom-1.5.schema.json")
    refs = [one["bom-ref"] for one in document["components"]]
    assert len(set(refs)) == len(refs) == len(document["dependencies"])
    needs = {one["ref"]: one.get("dependsOn", []) for one in document["dependencies"]}
    assert set().union(*needs.values()) <= set(refs) == set(needs)
    assert set(needs["pkg:github/a/app"]) == {"pkg:cargo/app", "pkg:cargo/lib", "pkg:cargo/lib@0.2.0", "pkg:cargo/serde", "pkg:cargo/serde@1.0.0%2Bx", "pkg:github/b/lib", "pkg:github/b/lib@0123"}
    assert needs["pkg:cargo/lib"] == ["pkg:github/b/lib"]
    purls = {one["bom-ref"]: one.get("purl") for one in document["components"]}
    assert purls["pkg:cargo/serde@1.0.0%2Bx"] == "pkg:cargo/serde@1.0.0%2Bx" and purls[f"repo:{ODD}"] is None


def spdx(packscope, schemas):
    document = json.loads(graph(packscope, "spdx"))
    validate(document, schemas, "spdx-2.3.schema.json")
    names = {one["SPDXID"]: one for one in document["packages"]}
    ends = {row[end] for row in document["relationships"] for end in ("spdxElementId", "relatedSpdxElement")}
    assert ends <= set(names) | {"SPDXRef-DOCUMENT"}
    described = [names[row["relatedSpdxElement"]]["name"] for row in document["relationships"] if row["relationshipType"] == "DESCRIBES"]
    assert sorted(described) == sorted({record["repo"] for record in RECORDS}), described
    assert document["creationInfo"]["created"] == "2023-11-14T22:13:20Z"
    assert graph(packscope, "spdx") == graph(packscope, "spdx")


def whole(packscope):
    document = json.loads(graph(packscope, "json"))
    return {one["id"] for one in document["nodes"]}, [(one["from"], one["to"], one["kind"]) for one in document["edges"]]


def dot(packscope, _):
    text = graph(packscope, "dot")
    plain = subprocess.run(["dot", "-Tplain"], input=text, capture_output=True, check=True).stdout.decode()
    nodes, edges = whole(packscope)
    assert plain.count("\nnode ") == len(nodes) and plain.count("\nedge ") == len(edges), plain
    assert b"</svg>" in subprocess.run(["dot", "-Tsvg"], input=text, capture_output=True, check=True).stdout


def graphml(packscope, _):
    import networkx

    read = networkx.parse_graphml(graph(packscope, "graphml").decode(), force_multigraph=True)
    nodes, edges = whole(packscope)
    assert set(read.nodes) == nodes
    assert sorted((one, other, data["kind"]) for one, other, data in read.edges(data=True)) == sorted(edges)
    assert read.nodes["pkg:cargo/serde@1.0.0%2Bx"] == {"kind": "crate", "name": "serde", "version": "1.0.0+x"}


def records(packscope, _):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
    import repositories

    with tempfile.TemporaryDirectory() as folder:
        world, there = repositories.World(60), pathlib.Path(folder) / "all"
        for number in range(60):
            repositories.write(number, world, there)
        lines = b"".join(subprocess.run([packscope, command, "--json", there], capture_output=True, check=True).stdout for command in ("pack2cargo", "pack2nix", "pack2gitmodules"))
        from_records, from_packs = built(packscope, "json", ["--records", "-"], lines), built(packscope, "json", [there])
        # A repository without manifests has no records: revisions that others pin lead to it from the packs alone.
        only = lambda text: [(one["from"], one["to"], one["kind"], one["req"]) for one in json.loads(text)["edges"] if "@" not in one["from"] or "pkg:cargo" in one["from"]]
        assert len(only(from_packs)) > 1000 and only(from_records) == only(from_packs)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    {"cyclonedx": cyclonedx, "spdx": spdx, "dot": dot, "graphml": graphml, "records": records}[sys.argv[3]](*sys.argv[1:3])
