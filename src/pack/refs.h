// Refs and revisions of a repository, by libgit2; where it refuses (SHA-256, reftable, a newer version, a broken
// config) by RefFiles and resolve_revision(). Objects are never read through libgit2. Private to the room.
#pragma once

#include "pack/ref_files.h"
#include "pack/store.h"

#include <functional>
#include <memory>

struct git_repository;

namespace packscope::pack {

class Refs {
public:
  explicit Refs(const Layout& layout);
  Refs(Refs&&) noexcept;
  Refs& operator=(Refs&&) noexcept;
  ~Refs();

  // What `git rev-parse REVISION` prints; without libgit2, of the revisions that revision.h describes.
  Result<ObjectId> resolve(const std::string& revision, Store& store);
  // All refs in name order, HEAD (if born) first. A ref that leads nowhere goes to `error`; a file under refs/ that
  // holds no id is passed over, as libgit2 does.
  Result<std::vector<Ref>> all(const std::function<void(const Error&)>& error);

private:
  std::string git_directory_;
  git_repository* repository_ = nullptr;
  std::optional<RefFiles> files_; // where libgit2 refused
  std::optional<Error> refused_;  // neither can read the refs
};

} // namespace packscope::pack
