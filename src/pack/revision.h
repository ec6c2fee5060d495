// Revisions (gitrevisions(7)): the part of them that needs neither reflogs nor searching.
//
//   revision := base step* (":" path)?
//   base     := "@" | ref name | hex digits (4 at least, where they name one object)
//   step     := "~" n? | "^" n? | "^{" type "}" | "^{}"
//
// A ref name is looked for as git does: NAME, refs/NAME, refs/tags/NAME, refs/heads/NAME, refs/remotes/NAME,
// refs/remotes/NAME/HEAD. Private to the room.
#pragma once

#include "pack/ref_files.h"
#include "pack/store.h"

namespace packscope::pack {

// Errors: an Error that names the revision and `repository`.
Result<ObjectId> resolve_revision(const std::string& revision, const RefFiles& refs, Store& store,
                                  const std::string& repository);

} // namespace packscope::pack
