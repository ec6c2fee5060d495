// Refs and revisions of a repository: by RefFiles and resolve_revision(); what these don't know (reflogs, searches) by
// libgit2, which takes longer to start than most repositories to read. Objects are never read through libgit2.
// Private to the room.
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

  // What `git rev-parse REVISION` prints; where libgit2 refuses the repository (SHA-256, reftable, a newer version, a
  // broken config), of the revisions that revision.h describes.
  Result<ObjectId> resolve(const std::string& revision, Store& store);
  // All refs in name order, HEAD (if born) first. One that is broken or leads nowhere goes to `error`.
  Result<std::vector<Ref>> all(const std::function<void(const Error&)>& error);

private:
  bool open_libgit2(); // false: it refuses

  Layout layout_;
  git_repository* repository_ = nullptr;
  Result<RefFiles> files_; // or why they cannot be read
};

} // namespace packscope::pack
