// Inside the room: which blobs of a scope have an outline, in which order, and which of them are the same text.
#pragma once

#include "compile/outline.h"

namespace packscope::compile {

struct OutlinePlan {
  std::vector<OutlineItem> items;
  std::vector<std::uint32_t> first;  // by item: the first one of the same object and language
  std::vector<std::uint32_t> uses;   // by item, of a first one: how many more come
  std::vector<std::uint32_t> parsed; // the first ones, in order
};

// A grammar that is missing is one error, and its language is left out.
OutlinePlan plan_outlines(pack::Repository& repository, const pack::Scope& scope, syntax::Grammars& grammars,
                          OutlineCounts& counts, const OnError& error);

} // namespace packscope::compile
