// Finds packs and repositories under a path, and answers which blobs a scope holds (libgit2 reads refs and revisions).
#pragma once

#include "pack/store.h"
#include "pack/tree.h"

#include <functional>
#include <string>
#include <vector>

namespace packscope::pack {

// One thing to read: a repository (bare or a work tree) or a lone .pack.
struct Source {
  std::string path;     // the git directory, or the .pack file
  std::string name;     // "repo": path relative to the argument, its base name if it is the repository; "pack": file name
  bool repository = false;
};

// Everything under the arguments, sorted by name within each argument; "-" reads paths from standard input, one a line
// (LF or CRLF; a list without any is an error).
// A directory holds repositories and packs at any depth (a repository's own packs are not listed again).
// Paths that lead to nothing are errors; what is named twice is found once.
struct Sources {
  std::vector<Source> found;
  std::vector<Error> errors;
};
Sources find_sources(const std::vector<std::string>& paths);

enum class ScopeKind : std::uint8_t { automatic, revisions, tips, history, all_objects };
struct Scope {
  ScopeKind kind = ScopeKind::automatic; // tips for a repository, all_objects for a lone pack
  std::vector<std::string> revisions = {};
  // history: BlobPath's commits are wanted; without them each tree is read once instead of twice.
  bool commits = true;
  // Only files of these leaf names, the others are not even looked up; of all objects also what no tree names. Empty: all.
  std::vector<std::string> names = {};
  // BlobPath::at is wanted. Without it revisions and tips are read through the indexes alone (Store::peek()).
  bool locations = true;
};

// A blob with one of its paths. Empty path: none was read.
struct BlobPath {
  ObjectId id;
  Location at;                // unless Scope::locations says that ids are enough
  std::string path;
  std::uint32_t mode = 0100644;
  // In the scope history: the first and the last commit whose tree holds this object at this path, in the order of
  // the walk (parents before children, else by time, else by id). A pair that went and came back has one span.
  std::optional<ObjectId> first_commit = {}, last_commit = {};
  std::uint32_t last_place = 0; // of last_commit in that order: which of two pairs lived longer
  std::optional<ObjectId> root = {}; // the root tree that has it there: the first one met; not in all_objects
};

class Repository {
public:
  static Result<Repository> open(const Source& source, Store::Options options = {});
  Repository(Repository&&) noexcept;
  Repository& operator=(Repository&&) noexcept;
  ~Repository();

  const Source& source() const;
  Store& store();

  // A commit (or tag, or tree) by name, as `git rev-parse` would take it; an Error that names the revision else.
  Result<ObjectId> resolve(const std::string& revision);
  // Root trees of all branch and tag tips (HEAD alone where there are none), each once, sorted by id. A tip that
  // cannot be read goes to `error`; without one, the first of them is the result.
  Result<std::vector<ObjectId>> tip_trees(const std::function<void(const Error&)>& error = {});
  // The root tree of a commit, tag or tree.
  Result<ObjectId> tree_of(const ObjectId& id);

  // Calls `visit` for each (object, path) of the scope in deterministic order (tree order; a pair once).
  // history: commits oldest first, so that a pair comes with the first commit that has it.
  // all_objects: every blob in pack order, with a path where the pack's own commits and trees give one (the first
  // found), an empty one else. Errors go to `error`, the walk goes on. Objects that a promisor or shallow clone may
  // lack are no errors: see missing().
  void for_each_blob(const Scope& scope, const std::function<void(const BlobPath&)>& visit,
                     const std::function<void(const Error&)>& error);
  // How many objects a partial or shallow clone was allowed to lack, each counted once; `name` hears of each as it
  // is met.
  std::uint64_t missing() const;
  void name_missing(std::function<void(const Error&)> name);

private:
  struct State;
  explicit Repository(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace packscope::pack
