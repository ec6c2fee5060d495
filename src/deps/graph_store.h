// The graph in SQLite: filled repository by repository, brought up to date, asked.
#pragma once

#include "base/database.h"
#include "deps/graph.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace packscope::deps {

// What makes the facts of a manifest what they are.
struct ManifestKey {
  std::string object; // hex id; "" where a lone pack was only walked: never shared
  ManifestKind kind = ManifestKind::cargo;
  std::string context;
  auto operator<=>(const ManifestKey&) const = default;
};

struct ManifestUse {
  ManifestKey key;
  std::string path;
  std::optional<ManifestFacts> facts; // absent: some other repository brings them, or brought them before
  std::string error;                  // with facts absent: why there are none, whoever reads it
  std::string unread = {};            // why this repository's copy could not be read; another's may be whole
};

struct RepositoryFacts {
  std::string name, path; // as records call it; where it lies
  std::string url;        // its own normalized url; empty: unknown
  std::string fingerprint;
  std::string errors; // one a line, as they were printed
  std::vector<ManifestUse> manifests;
  std::string lacking = {}; // a line each: objects that a partial clone may lack; of this reading alone
  std::uint64_t lacks = 0;  // how many
  bool continues = false;  // more manifests of the repository that was put last
  bool more = false;       // others of its manifests follow
  std::string unique = {}; // for the ident, where its url is unknown and others have its name
};

// Which manifests need no parsing any more. Safe from any thread: each is claimed by one, who brings its facts; the
// others wait so long, and one of them takes over where it could not be read. Hold one claim at a time.
class KnownManifests {
public:
  class Claim {
  public:
    Claim(KnownManifests* known, std::string key) : known_(known), key_(std::move(key)) {}
    Claim(Claim&& other) noexcept : known_(std::exchange(other.known_, nullptr)), key_(std::move(other.key_)) {}
    Claim& operator=(Claim&&) = delete;
    ~Claim() { end(false); }
    void fulfil() { end(true); } // its facts, or why there are none, come with this use

  private:
    void end(bool fulfilled);
    KnownManifests* known_; // null: nothing to say any more
    std::string key_;
  };
  std::optional<Claim> claim(const ManifestKey& key); // nullopt: known
  std::uint64_t shared() const { return shared_; }    // claims refused
private:
  friend class GraphStore;
  std::mutex lock_;
  std::condition_variable ended_;
  std::unordered_set<std::string> keys_, claimed_;
  std::uint64_t shared_ = 0;
};

class GraphStore {
public:
  static Result<std::unique_ptr<GraphStore>> create(const std::string& path);
  static Result<std::unique_ptr<GraphStore>> open(const std::string& path, bool write);
  static bool is_graph(const std::string& path);

  void load_known(KnownManifests& known);
  struct Before {
    std::string fingerprint, errors;
  };
  // By name, a NUL, and path.
  std::unordered_map<std::string, Before> all_before();

  void put(const RepositoryFacts& facts);
  // One more manifest of a repository that is known by its name alone: the way of records.
  void add(const std::string& repository, const ManifestUse& use);
  // All repositories that `keep` doesn't want.
  void remove_others(const std::function<bool(const std::string& name, const std::string& path)>& keep);
  // Ends the filling: indexes, rows nobody holds any more, kinds, links. Returns the first failure of all.
  Result<void> finish();

  Database& database() { return *database_; }

private:
  explicit GraphStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  std::int64_t node(const std::string& ident);
  std::int64_t manifest(const ManifestUse& use);
  void hold(std::int64_t repository, const ManifestUse& use);
  void link_crates();
  void link_revisions();
  void begin();

  std::unique_ptr<Database> database_;
  std::unordered_map<std::string, std::int64_t> nodes_; // lately used; bounded
  bool filling_ = false;
  std::uint64_t unnamed_ = 0;
  Statement find_node_, add_node_, find_manifest_, add_manifest_, fill_manifest_, add_fact_, add_mention_, add_holds_,
      find_repository_, add_repository_, drop_holds_;
};

} // namespace packscope::deps
