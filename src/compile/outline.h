// compile: a pack as source code: what its blobs declare, exactly, and on to compilers that read it in place.
// This file: outlines: the declarations of every blob of a scope, inflated and parsed in memory.
//
// The idea: a checkout costs more than parsing because of what lies between (files written, found again and read). Here
// a thread takes a few blobs that lie near each other, inflates each into memory and parses it there; nothing else is
// touched. What a blob declares depends on its bytes and its language alone, so each pair of them is parsed once,
// wherever and however often a history has it.
#pragma once

#include "base/progress.h"
#include "pack/repository.h"
#include "syntax/parse.h"

#include <array>
#include <chrono>
#include <functional>

namespace packscope::compile {

struct OutlineOptions {
  pack::Scope scope;
  pack::Store::Options store;                      // cache_bytes of all threads together
  std::uint64_t memory = std::uint64_t{64} << 20;  // for outlines that are wanted again, beside the store's cache
  unsigned threads = 1;
  bool texts = false;                              // Outline::texts is wanted
  ProgressMode progress = ProgressMode::automatic;
};

struct OutlineItem {
  pack::BlobPath blob;
  syntax::Language language;
  bool located; // blob.at is known
};

struct Outline {
  std::vector<syntax::Declaration> declarations;
  std::vector<std::uint64_t> texts; // by declaration: a hash of its bytes
  bool repaired = false;            // tree-sitter had to guess
  std::uint64_t size = 0;           // of the text

  std::uint64_t weight() const; // bytes of memory
};

struct OutlineCounts {
  std::uint64_t outlines = 0, parsed = 0, text_bytes = 0, declarations = 0, repaired = 0;
  std::uint64_t nameless = 0; // no path tells their language
  std::chrono::nanoseconds parsing = {}; // processor time of tree-sitter and of the walk over its trees, all threads and those processes that ended by themselves
  // Blobs of languages that have no declarations, and links (as `other`).
  std::array<std::uint64_t, syntax::kLanguages> without = {};
};

using OnOutline = std::function<void(const OutlineItem&, const Outline&)>;
using OnError = std::function<void(const Error&)>;

// One outline a pair of object and path, of all whose language has declarations (syntax::has_declarations); links have
// none. Order: by path, and the versions of a path as the history has them; all_objects: pack order, an object once.
// Called on this thread. What can't be read or parsed goes to `error`, and the others go on.
OutlineCounts outline(pack::Repository& repository, const OutlineOptions& options, const OnOutline& take,
                      const OnError& error);

} // namespace packscope::compile
