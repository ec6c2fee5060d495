// Inside the room: from an object to its outline; one a thread, its store, cache and parser are reused.
#pragma once

#include "compile/outline.h"

#include <atomic>

namespace packscope::compile {

struct Unread {
  Error error;                 // names the file and the offset where the fault lies
  std::optional<Error> depends; // the same for an object that only stands on what is broken: what to say the second time
};

class OutlineReader {
public:
  // `parsing`: to which the nanoseconds are added that this thread parses; what a long text took in a process of its own is not in them.
  OutlineReader(pack::Repository& repository, syntax::Grammars& grammars, bool texts, std::atomic<std::int64_t>& parsing);

  // Of neighbours: those that are versions of one file are parsed each in the light of the one before.
  std::vector<std::expected<Outline, Unread>> read(std::span<const OutlineItem* const> items);

private:
  Outline outline_of(syntax::Parsed parsed, Bytes text) const;
  std::expected<pack::ObjectPtr, Unread> object(const OutlineItem& item);

  pack::Repository& repository_;
  syntax::Parser parser_;
  const bool texts_;
  std::atomic<std::int64_t>& parsing_;
};

} // namespace packscope::compile
