// Filling and updating the graph; see graph_store.h.
#include "deps/graph_store.h"

#include "deps/graph_schema.h"
#include "deps/url.h"

namespace packscope::deps {

namespace {

std::string packed(const ManifestKey& key) {
  return key.object + static_cast<char>('0' + static_cast<int>(key.kind)) + key.context;
}

// Deep enough for 14,000 repositories' nodes, small beside the memory that is promised.
constexpr const char* kCache = "pragma cache_size = -98304"; // KiB
constexpr std::size_t kNodesKept = 400'000;

} // namespace

std::optional<KnownManifests::Claim> KnownManifests::claim(const ManifestKey& key) {
  if (key.object.empty()) return Claim(nullptr, {});
  std::string text = packed(key);
  std::unique_lock guard(lock_);
  ended_.wait(guard, [&] { return !claimed_.contains(text); });
  if (keys_.contains(text)) {
    ++shared_;
    return std::nullopt;
  }
  claimed_.insert(text);
  return Claim(this, std::move(text));
}

void KnownManifests::Claim::end(bool fulfilled) {
  if (known_ == nullptr) return;
  {
    const std::lock_guard guard(known_->lock_);
    known_->claimed_.erase(key_);
    if (fulfilled) known_->keys_.insert(std::move(key_));
  }
  known_->ended_.notify_all();
  known_ = nullptr;
}

Result<std::unique_ptr<GraphStore>> GraphStore::create(const std::string& path) {
  Result<std::unique_ptr<Database>> database = Database::create(path);
  if (!database) return std::unexpected(database.error());
  (*database)->execute(kCache);
  (*database)->execute(kGraphSchema);
  (*database)->execute("insert into meta values('packscope_graph', " + std::to_string(kGraphVersion) + ")");
  if (const Result<void> good = (*database)->status(); !good) return std::unexpected(good.error());
  return std::unique_ptr<GraphStore>(new GraphStore(std::move(*database)));
}

Result<std::unique_ptr<GraphStore>> GraphStore::open(const std::string& path, bool write) {
  Result<std::unique_ptr<Database>> database = write ? Database::open_existing(path) : Database::open_read_only(path);
  if (!database) return std::unexpected(database.error());
  std::int64_t version = 0;
  {
    Statement asked = (*database)->prepare("select value from meta where key = 'packscope_graph'");
    if ((*database)->status() && asked.step()) version = asked.integer(0);
  }
  if (version == 0) return fail("not a graph of packscope", path);
  if (version != kGraphVersion)
    return fail("graph version: " + std::to_string(version) + ", not " + std::to_string(kGraphVersion), path);
  (*database)->execute(kCache);
  if (write) (*database)->execute("pragma synchronous = off");
  return std::unique_ptr<GraphStore>(new GraphStore(std::move(*database)));
}

bool GraphStore::is_graph(const std::string& path) { return open(path, false).has_value(); }

void GraphStore::load_known(KnownManifests& known) {
  const std::lock_guard guard(known.lock_);
  Statement rows = database_->prepare("select object, kind, context from manifest where known and object != ''");
  while (rows.step())
    known.keys_.insert(packed({rows.text(0), static_cast<ManifestKind>(rows.integer(1)), rows.text(2)}));
}

std::unordered_map<std::string, GraphStore::Before> GraphStore::all_before() {
  std::unordered_map<std::string, Before> all;
  Statement rows = database_->prepare("select name, path, fingerprint, errors from repository");
  while (rows.step()) all.emplace(rows.text(0) + '\0' + rows.text(1), Before{rows.text(2), rows.text(3)});
  return all;
}

void GraphStore::begin() {
  if (filling_) return;
  filling_ = true;
  database_->execute("begin");
  find_node_ = database_->prepare("select id from node where ident = ?");
  add_node_ = database_->prepare("insert into node(ident) values(?) returning id");
  find_manifest_ = database_->prepare("select id from manifest where object = ? and kind = ? and context = ?");
  add_manifest_ = database_->prepare("insert into manifest(object, kind, context) values(?, ?, ?) returning id");
  fill_manifest_ = database_->prepare("update manifest set known = 1, package = ?, version = ?, error = ? where id = ?");
  add_fact_ = database_->prepare("insert or ignore into fact values(?, ?, ?, ?, ?)");
  add_mention_ = database_->prepare("insert or ignore into mention values(?, ?)");
  add_holds_ = database_->prepare("insert or ignore into holds values(?, ?, ?, ?)");
  find_repository_ = database_->prepare("select id from repository where name = ? and path = ?");
  add_repository_ = database_->prepare("insert into repository(name, path, node, fingerprint, errors) values(?1, ?2, "
                                       "?3, ?4, ?5) on conflict(name, path) "
                                       "do update set node = ?3, fingerprint = ?4, errors = ?5 returning id");
  drop_holds_ = database_->prepare("delete from holds where repository = ?");
}

std::int64_t GraphStore::node(const std::string& ident) {
  if (const auto found = nodes_.find(ident); found != nodes_.end()) return found->second;
  if (nodes_.size() >= kNodesKept) nodes_.clear();
  find_node_.bind(std::string_view(ident));
  std::int64_t id = find_node_.step() ? find_node_.integer(0) : 0;
  find_node_.reset();
  if (id == 0) {
    add_node_.bind(std::string_view(ident));
    if (add_node_.step()) id = add_node_.integer(0);
    add_node_.run();
  }
  nodes_.emplace(ident, id);
  return id;
}

std::int64_t GraphStore::manifest(const ManifestUse& use) {
  const int kind = static_cast<int>(use.key.kind);
  // Without an object id nothing tells two manifests apart but that they are two.
  const std::string context = use.key.object.empty() ? "#" + std::to_string(++unnamed_) : use.key.context;
  find_manifest_.bind(std::string_view(use.key.object)).bind(kind).bind(std::string_view(context));
  std::int64_t id = find_manifest_.step() ? find_manifest_.integer(0) : 0;
  find_manifest_.reset();
  if (id == 0) {
    add_manifest_.bind(std::string_view(use.key.object)).bind(kind).bind(std::string_view(context));
    if (add_manifest_.step()) id = add_manifest_.integer(0);
    add_manifest_.run();
  }
  if (!use.facts && use.error.empty()) return id;
  const ManifestFacts& facts = use.facts ? *use.facts : ManifestFacts();
  const auto or_null = [](const std::string& text) {
    return text.empty() ? std::optional<std::string_view>() : std::optional<std::string_view>(text);
  };
  fill_manifest_.bind(or_null(facts.package)).bind(or_null(facts.version)).bind(or_null(use.error)).bind(id).run();
  for (const GraphEdge& edge : facts.edges)
    add_fact_.bind(id)
        .bind(node(edge.to))
        .bind(static_cast<int>(edge.kind))
        .bind(std::string_view(edge.req))
        .bind(static_cast<int>(edge.to_kind))
        .run();
  for (const std::string& mention : facts.mentions) add_mention_.bind(id).bind(node(mention)).run();
  return id;
}

void GraphStore::put(const RepositoryFacts& facts) {
  begin();
  const std::string ident = facts.url.empty() ? "repo:" + (facts.unique.empty() ? facts.name : facts.unique) : purl_of(facts.url);
  add_repository_.bind(std::string_view(facts.name)).bind(std::string_view(facts.path)).bind(node(ident));
  add_repository_.bind_blob(facts.fingerprint.data(), facts.fingerprint.size()).bind(std::string_view(facts.errors));
  const std::int64_t id = add_repository_.step() ? add_repository_.integer(0) : 0;
  add_repository_.run();
  if (!facts.continues) drop_holds_.bind(id).run();
  for (const ManifestUse& use : facts.manifests) hold(id, use);
}

void GraphStore::hold(std::int64_t repository, const ManifestUse& use) {
  add_holds_.bind(repository).bind(manifest(use)).bind(std::string_view(use.path));
  add_holds_.bind(use.unread.empty() ? std::optional<std::string_view>() : std::string_view(use.unread)).run();
}

void GraphStore::add(const std::string& repository, const ManifestUse& use) {
  begin();
  find_repository_.bind(std::string_view(repository)).bind(std::string_view(""));
  std::int64_t id = find_repository_.step() ? find_repository_.integer(0) : 0;
  find_repository_.reset();
  if (id == 0) {
    put({.name = repository,
         .path = "",
         .url = url_of_name(repository),
         .fingerprint = "",
         .errors = "",
         .manifests = {}});
    return add(repository, use);
  }
  hold(id, use);
}

void GraphStore::remove_others(const std::function<bool(const std::string&, const std::string&)>& keep) {
  begin();
  std::vector<std::int64_t> gone;
  Statement rows = database_->prepare("select id, name, path from repository");
  while (rows.step())
    if (!keep(rows.text(1), rows.text(2))) gone.push_back(rows.integer(0));
  Statement drop = database_->prepare("delete from repository where id = ?");
  for (const std::int64_t id : gone) {
    drop_holds_.bind(id).run();
    drop.bind(id).run();
  }
}

} // namespace packscope::deps
