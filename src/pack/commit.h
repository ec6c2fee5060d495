// The header lines of commits and tags: what leads on to other objects.
//
//   commit := "tree " hex "\n" ("parent " hex "\n")* "author " … "\n" "committer " … time zone "\n" …
//   tag    := "object " hex "\n" "type " name "\n" …
#pragma once

#include "pack/object.h"

#include <vector>

namespace packscope::pack {

struct Commit {
  ObjectId tree;
  std::vector<ObjectId> parents;
  std::int64_t time = 0; // the committer's, seconds since 1970; 0 where it cannot be read
};
std::optional<Commit> parse_commit(Bytes commit);
std::optional<ObjectId> parse_tag(Bytes tag); // what it points to

} // namespace packscope::pack
