// Records become facts, facts a graph; an updated graph equals one made from nothing.
#include "base/output_file.h"
#include "deps/graph_export.h"
#include "deps/graph_query.h"
#include "deps/graph_store.h"
#include "support.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

using namespace packscope;
using namespace packscope::deps;
using nlohmann::json;

namespace {

// "to kind req" of every edge.
std::vector<std::string> edges_of(const char* record) {
  const json parsed = json::parse(record);
  const std::optional<ManifestKind> kind = kind_of(parsed);
  REQUIRE(kind);
  std::vector<std::string> rows;
  for (const GraphEdge& edge : facts_of(*kind, parsed).edges)
    rows.push_back(edge.to + " " + std::string(name(edge.kind)) + " " + edge.req);
  return rows;
}
using Rows = std::vector<std::string>;

ManifestUse cargo(const std::string& object, const std::string& package, const std::vector<std::string>& needs) {
  ManifestFacts facts = {.package = package, .version = "1.0.0", .edges = {}, .mentions = {}};
  for (const std::string& crate : needs)
    facts.edges.push_back({crate_ident(crate), NodeKind::crate, EdgeKind::cargo, "1"});
  return {.key = {.object = object, .kind = ManifestKind::cargo, .context = {}},
          .path = "Cargo.toml",
          .facts = facts,
          .error = {}};
}
RepositoryFacts repository(const std::string& name, std::vector<ManifestUse> manifests) {
  return {.name = name,
          .path = "/" + name,
          .url = url_of_name(name),
          .fingerprint = "f",
          .errors = {},
          .manifests = std::move(manifests)};
}
std::string as_json(GraphStore& graph) {
  std::string text;
  export_json(graph.database(), [&](std::string_view part) { text += part; });
  return text;
}
std::unique_ptr<GraphStore> make(const std::string& path, const std::vector<RepositoryFacts>& all) {
  Result<std::unique_ptr<GraphStore>> graph = GraphStore::create(path);
  REQUIRE(graph.has_value());
  for (const RepositoryFacts& one : all) (*graph)->put(one);
  REQUIRE((*graph)->finish().has_value());
  return std::move(*graph);
}

} // namespace

TEST_CASE("a manifest's dependencies become edges", "[graph]") {
  CHECK(edges_of(R"({"package":{"name":"a"},"dependencies":[{"name":"s","package":"serde","req":"^1"},
                     {"name":"g","package":"g","req":"*","git":"https://github.com/O/G.git","rev":"abc"},{"name":7}]})") ==
        Rows{"pkg:cargo/serde cargo ^1", "pkg:cargo/g cargo *", "pkg:github/o/g cargo abc"});
  CHECK(edges_of(R"({"lock":[{"name":"own","version":"0.1.0","source":null},
                     {"name":"serde","version":"1.0.2","source":"registry+https://github.com/rust-lang/crates.io-index"},
                     {"name":"g","version":"2.0.0+x","source":"git+https://example.org/g?branch=main#0123"}]})") ==
        Rows{"pkg:cargo/serde@1.0.2 lock 1.0.2", "pkg:cargo/g@2.0.0%2Bx lock 2.0.0+x",
             "https://example.org/g@0123 lock 0123"});
}

TEST_CASE("inputs of a flake become edges, but for those inside it", "[graph]") {
  CHECK(edges_of(R"({"inputs":[{"name":"nixpkgs","url":"github:NixOS/nixpkgs/nixos-25.05","follows":null},
                     {"name":"a","url":null,"follows":"nixpkgs"},{"name":"b","url":"path:./b","type":"path","follows":null},
                     {"name":"c","url":null,"follows":null,"original":{"type":"gitlab","owner":"o","repo":"r","ref":"v1"}},
                     {"name":"d","url":null,"follows":null,"original":{"type":"indirect","id":"nixpkgs"}},
                     {"name":"e","url":null,"follows":null,"original":{}},
                     {"name":"f","url":"https://example.org/x.tar.gz?y","type":"tarball","follows":null}]})") ==
        Rows{"pkg:github/nixos/nixpkgs flake nixos-25.05", "https://gitlab.com/o/r flake v1", "flake:nixpkgs flake ",
             "https://example.org/x.tar.gz flake "});
  CHECK(edges_of(R"({"root":"root","nodes":[{"name":"n","type":"github","owner":"O","repo":"r","rev":"abc"},
                     {"name":"p","type":"path","url":null},{"name":"root"}]})") == Rows{"pkg:github/o/r@abc lock abc"});
  CHECK(edges_of(R"({"submodules":[{"name":"m","url":"../x","resolved":"https://github.com/a/x","commit":"ff"},
                     {"name":"n","url":"../y"}]})") == Rows{"pkg:github/a/x submodule ff"});
}

TEST_CASE("what is no record of the four is none", "[graph]") {
  for (const char* text : {"{}", "[]", "7", R"({"dependencies":7})", R"({"url":"x"})"})
    CHECK_FALSE(kind_of(json::parse(text)));
  CHECK(
      facts_of(ManifestKind::cargo, json::parse(R"({"package":[],"dependencies":[[],{"package":{}}]})")).edges.empty());
}

TEST_CASE("an ident says name and version", "[graph]") {
  const IdentParts crate = parts_of("pkg:cargo/serde@1.0.0%2Bx");
  CHECK(crate.name == "serde");
  CHECK(crate.version == "1.0.0+x");
  CHECK(crate.base == "pkg:cargo/serde");
  CHECK(parts_of("pkg:github/a/b@c").name == "a/b");
  CHECK(parts_of("https://git.sr.ht/~u/n").name == "~u/n");
  CHECK(parts_of("https://user@host/x").version.empty());
  CHECK(parts_of("flake:nixpkgs").name == "nixpkgs");
  CHECK(crate_ident("a b/ü") == "pkg:cargo/a%20b%2F%C3%BC");
  CHECK(url_of_name("mirror/github.com/O/n.git") == "https://github.com/O/n");
  CHECK(url_of_name("O/n.git") == "");
  CHECK(url_of_name("v1.2/a/b") == "");
}

TEST_CASE("a crate comes from the repository that publishes it, not from copies", "[graph]") {
  test::TemporaryFolder folder;
  ManifestUse vendored = cargo("1", "serde", {});
  vendored.path = "vendor/serde/Cargo.toml";
  const auto graph = make(folder / "g", {repository("github.com/a/app", {cargo("2", "app", {"serde"}), vendored}),
                                         repository("github.com/f/fork", {cargo("3", "serde", {})}),
                                         repository("github.com/s/serde", {cargo("3", "serde", {})})});
  const std::optional<GraphNode> crate = find_node(graph->database(), "pkg:cargo/serde");
  REQUIRE(crate);
  CHECK(crate->link == find_node(graph->database(), "https://github.com/s/serde")->id);
}

TEST_CASE("an updated graph equals one made from nothing", "[graph]") {
  test::TemporaryFolder folder;
  const RepositoryFacts a = repository("a", {cargo("1", "a", {"b", "serde"})}),
                        b = repository("b", {cargo("2", "b", {"c"})});
  const RepositoryFacts b2 = repository("b", {cargo("3", "b", {"a"})}), c = repository("c", {cargo("4", "c", {})});
  const auto graph = make(folder / "g", {a, b, c});
  graph->put(b2);
  graph->remove_others([](const std::string& name, const std::string&) { return name != "c"; });
  REQUIRE(graph->finish().has_value());
  CHECK(as_json(*graph) == as_json(*make(folder / "h", {a, b2})));
  CHECK(as_json(*graph) == as_json(*make(folder / "i", {b2, a})));
}

TEST_CASE("a manifest that several hold is claimed once", "[graph]") {
  KnownManifests known;
  const ManifestKey key = {.object = "1", .kind = ManifestKind::cargo, .context = {}};
  CHECK(known.claim(key)); // and given back: it could not be read
  known.claim(key)->fulfil();
  CHECK_FALSE(known.claim(key));
  CHECK(known.claim({.object = "1", .kind = ManifestKind::flake, .context = {}}));
  CHECK(known.claim({.object = "", .kind = ManifestKind::cargo, .context = {}}));
  CHECK(known.claim({.object = "", .kind = ManifestKind::cargo, .context = {}}));
  // The one that does not bring facts may come first.
  test::TemporaryFolder folder;
  ManifestUse bare = cargo("1", "x", {});
  bare.facts.reset();
  const auto graph = make(folder / "g", {repository("a", {bare}), repository("b", {cargo("1", "x", {"serde"})})});
  const auto whole = make(folder / "h", {repository("a", {cargo("1", "x", {"serde"})}), repository("b", {bare})});
  CHECK(as_json(*graph) == as_json(*whole));
}

TEST_CASE("paths, cycles and counts", "[graph]") {
  test::TemporaryFolder folder;
  const auto graph =
      make(folder / "g", {repository("a", {cargo("1", "a", {"b", "a-own"}), cargo("5", "a-own", {"a"})}),
                          repository("b", {cargo("2", "b", {"c"})}), repository("c", {cargo("3", "c", {"b", "z"})}),
                          repository("d", {cargo("4", "d", {"z"})})});
  Database& database = graph->database();
  const Result<GraphNumbers> read = GraphNumbers::read(database);
  REQUIRE(read);
  const GraphNumbers& numbers = *read;
  const auto id = [&](const char* name) { return find_node(database, name)->id; };
  CHECK(numbers.path(id("a"), id("c")) ==
        std::vector<std::int64_t>{id("a"), id("pkg:cargo/b"), id("b"), id("pkg:cargo/c"), id("c")});
  CHECK(numbers.path(id("c"), id("a")).empty());
  CHECK(numbers.path(id("a"), id("a")) == std::vector<std::int64_t>{id("a")});
  const auto cycles = numbers.cycles(); // what a workspace's members need of each other is none
  REQUIRE(cycles.size() == 1);
  CHECK(cycles[0] == std::vector<std::int64_t>{id("pkg:cargo/b"), id("pkg:cargo/c"), id("b"), id("c")});
  CHECK(numbers.top(2) ==
        std::vector<std::pair<std::int64_t, std::uint64_t>>{{id("pkg:cargo/b"), 2}, {id("pkg:cargo/z"), 2}});
}

TEST_CASE("rows that name no node are an error", "[graph]") {
  test::TemporaryFolder folder;
  for (const char* id : {"99999999", "-1", "9223372036854775807", "'x'"}) {
    const auto graph = make(folder / ("g" + std::string(id)), {repository("a", {cargo("1", "a", {"b"})})});
    CHECK(GraphNumbers::read(graph->database()));
    graph->database().execute("update repository set node = " + std::string(id));
    CHECK_FALSE(GraphNumbers::read(graph->database()));
  }
}

TEST_CASE("what is no graph is not opened as one", "[graph]") {
  test::TemporaryFolder folder;
  test::write_file(folder / "text", "no database");
  CHECK_FALSE(GraphStore::is_graph(folder / "text"));
  CHECK_FALSE(GraphStore::is_graph(folder / "none"));
  make(folder / "g", {});
  CHECK(GraphStore::is_graph(folder / "g"));
}
