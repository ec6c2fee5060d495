// What follows from all manifests together: kinds of nodes, and which repository of the set a node comes from.
//
// A crate comes from the repository that publishes it. Many may hold a Cargo.toml of its name: forks, vendored copies,
// test fixtures. The rule, first difference wins: not below a folder of others' code or of tests; a repository named
// like the crate; fewer folders above the manifest; a known url; the repository's name.
#include "deps/graph_schema.h"
#include "deps/graph_store.h"

#include <algorithm>
#include <tuple>

namespace packscope::deps {

namespace {

// Folders whose manifests publish nothing.
bool is_copy(std::string_view path) {
  constexpr std::string_view kFolders[] = {"vendor",    "vendored",     "third_party", "third-party", "thirdparty",
                                           "external",  "node_modules", "test",        "tests",       "testdata",
                                           "test_data", "fixtures",     "examples",    "example",     "benches",
                                           "fuzz",      "templates"};
  for (std::size_t from = 0, slash; (slash = path.find('/', from)) != path.npos; from = slash + 1)
    if (std::find(std::begin(kFolders), std::end(kFolders), path.substr(from, slash - from)) != std::end(kFolders))
      return true;
  return false;
}

std::string_view last_component(std::string_view name) {
  if (name.ends_with("/.git")) name.remove_suffix(5);
  if (name.ends_with(".git")) name.remove_suffix(4);
  return name.substr(name.rfind('/') + 1);
}

bool same_crate(std::string_view a, std::string_view b) { // '-' and '_' are one to Cargo
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x == '_' ? '-' : x) == (y == '_' ? '-' : y); });
}

} // namespace

// Publishers in order of crates; then every node "pkg:cargo/NAME" and "pkg:cargo/NAME@…", a range of idents.
void GraphStore::link_crates() {
  Statement rows = database_->prepare(
      "select m.package, h.path, r.name, r.id, n.ident from manifest m join holds h on h.manifest = m.id "
      "join repository r on r.id = h.repository join node n on n.id = r.node "
      "where m.package is not null order by m.package");
  Statement exact = database_->prepare("insert or ignore into link select id, ? from node where ident = ?");
  Statement versions =
      database_->prepare("insert or ignore into link select id, ? from node where ident > ? and ident < ?");
  using Rank = std::tuple<bool, std::ptrdiff_t, bool, std::string>;
  std::string crate;
  std::optional<Rank> best;
  std::int64_t publisher = 0;
  const auto close = [&] {
    if (!best) return;
    const std::string ident = crate_ident(crate);
    exact.bind(publisher).bind(std::string_view(ident)).run();
    const std::string low = ident + "@", high = ident + "A"; // 'A' follows '@'
    versions.bind(publisher).bind(std::string_view(low)).bind(std::string_view(high)).run();
    best.reset();
  };
  while (rows.step()) {
    const std::string name = rows.text(0), path = rows.text(1), repository = rows.text(2);
    if (name != crate) close();
    crate = name;
    if (is_copy(path)) continue;
    Rank rank = {!same_crate(last_component(repository), crate), std::count(path.begin(), path.end(), '/'),
                 rows.text(4).starts_with("repo:"), repository};
    if (best && *best <= rank) continue;
    best = std::move(rank);
    publisher = rows.integer(3);
  }
  close();
}

// "pkg:github/a/b@rev" comes from the repository whose own ident is the part before the sign.
void GraphStore::link_revisions() {
  Statement rows = database_->prepare("select n.ident, min(r.id) from repository r join node n on n.id = r.node "
                                      "where n.ident not like 'repo:%' group by n.ident");
  Statement versions =
      database_->prepare("insert or ignore into link select id, ? from node where ident > ? and ident < ?");
  while (rows.step()) {
    const std::string low = rows.text(0) + "@", high = rows.text(0) + "A";
    versions.bind(rows.integer(1)).bind(std::string_view(low)).bind(std::string_view(high)).run();
  }
}

Result<void> GraphStore::finish() {
  begin();
  database_->execute(kGraphIndexes);
  database_->execute("delete from manifest where not exists (select 1 from holds where manifest = manifest.id)");
  database_->execute("delete from fact where manifest not in (select id from manifest)");
  database_->execute("delete from mention where manifest not in (select id from manifest)");
  database_->execute("delete from link");
  database_->execute(
      "delete from node where not exists (select 1 from fact where node = node.id) and not exists "
      "(select 1 from mention where node = node.id) and not exists (select 1 from repository where node = node.id)");
  database_->execute("update node set kind = coalesce((select 0 from repository where node = node.id limit 1), "
                     "(select min(node_kind) from fact where node = node.id), 3)");
  link_crates();
  link_revisions();
  database_->execute("commit");
  filling_ = false;
  return database_->status();
}

} // namespace packscope::deps
