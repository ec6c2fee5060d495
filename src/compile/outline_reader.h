// Inside the room: from an object to its outline; one a thread, its store, cache and parser are reused.
#pragma once

#include "compile/outline.h"

namespace packscope::compile {

struct Unread {
  Error error;                 // names the file and the offset where the fault lies
  std::optional<Error> depends; // the same for an object that only stands on what is broken: what to say the second time
};

class OutlineReader {
public:
  OutlineReader(pack::Repository repository, syntax::Grammars& grammars, bool texts);

  std::expected<Outline, Unread> read(const OutlineItem& item);

private:
  std::expected<pack::ObjectPtr, Unread> object(const OutlineItem& item);

  pack::Repository repository_;
  syntax::Parser parser_;
  syntax::Parsed parsed_;
  const bool texts_;
};

} // namespace packscope::compile
