// Refs as they lie on disk, for repositories that libgit2 refuses (SHA-256, a newer version, a broken config).
//
//   loose  := hex "\n" | "ref: " name "\n"                              refs/heads/main, HEAD
//   packed := ("# " … | hex " " name | "^" hex) "\n"                    packed-refs; "^": what the tag above leads to
//   or a reftable: see reftable.h
//
// Private to the room.
#pragma once

#include "pack/layout.h"
#include "pack/object.h"

#include <functional>
#include <map>

namespace packscope::pack {

struct Ref {
  std::string name; // "refs/heads/main", "HEAD"
  ObjectId target;  // as stored, symbolic refs followed; a tag is not peeled
};

// By name: hex digits, or "ref: " and another name. A file that holds neither is not listed.
using RefValues = std::map<std::string, std::string>;

class RefFiles {
public:
  static Result<RefFiles> read(const Layout& layout);

  // By full name ("HEAD", "refs/heads/main"); symbolic refs are followed.
  std::optional<ObjectId> find(const std::string& name) const;
  // HEAD (if born) first, the others in name order. A symbolic ref that leads nowhere goes to `error`.
  std::vector<Ref> all(const std::function<void(const Error&)>& error) const;

private:
  std::string git_directory_;
  RefValues values_;
};

} // namespace packscope::pack
