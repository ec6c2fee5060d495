// Refs and revisions of a repository, by libgit2. Objects are not read through it: libgit2 refuses repositories
// that can be read all the same, and then only names are lost. Private to the room.
#pragma once

#include "pack/layout.h"
#include "pack/object.h"

#include <functional>
#include <memory>

struct git_repository;

namespace packscope::pack {

struct Ref {
  std::string name; // "refs/heads/main", "HEAD"
  ObjectId target;  // as stored, symbolic refs followed; a tag is not peeled
};

class Refs {
public:
  explicit Refs(const Layout& layout);
  Refs(Refs&&) noexcept;
  Refs& operator=(Refs&&) noexcept;
  ~Refs();

  // What `git rev-parse REVISION` prints.
  Result<ObjectId> resolve(const std::string& revision);
  // All refs in name order, HEAD (if born) first. A ref that leads nowhere goes to `error`; a file under refs/ that
  // holds no id is passed over, as libgit2 does.
  Result<std::vector<Ref>> all(const std::function<void(const Error&)>& error);

private:
  std::string git_directory_;
  bool reftable_;
  git_repository* repository_ = nullptr;
  std::optional<Error> refused_;
};

} // namespace packscope::pack
