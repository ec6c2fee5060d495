// The ladder's rungs: what of a compressed stream is read, and as which features. One table; one file a rung.
//
// A reader up to R3 allocates nothing and calls nothing (all it uses of deflate/ does neither), so that the same source
// runs without an OS. A new rung: its file, its row in rung_stream.h, or in rung.cc
// if it reads text.
#pragma once

#include "base/bytes.h"
#include "deflate/block.h"
#include "learn/row.h"

#include <string>
#include <string_view>

namespace packscope::learn {

// Where a rung reads: a zlib stream, and what the pack says of it for nothing.
struct Source {
  Bytes zlib;                      // may be cut, or followed by other bytes
  std::uint64_t inflated_size = 0; // as the entry's header states; 0: not known
  std::uint64_t packed_size = 0;   // of the whole stream; 0: not known
  // Inside a stream (the task declaration-in-place): the block that holds `bit`, and the first bit of a symbol of it.
  const deflate::BlockHeader* block = nullptr;
  std::uint64_t bit = 0;
  // The object's own bytes, where somebody has them already: a rung of text (Rung::of_text) reads these and no stream.
  const Bytes* text = nullptr;
};

struct Standard; // learn/standardise.h
struct FirstLayer {
  const float* weights;     // `width` rows of
  std::size_t columns;
  const Standard* standard; // what a standardised rung's values are brought to first
};

struct Rung {
  std::string_view name;        // "R3-16"
  std::string_view description; // what the features are, for the model's file and for people
  std::size_t width;            // every index is below
  std::size_t most_units;       // features of value 1 at most
  std::size_t most_valued;      // others
  std::size_t source_bytes;     // bytes at the start of the zlib stream that suffice
  bool standardised;            // brought to mean 0 and deviation 1; else the values stand as they are, most of them 0
  // Adds the features. A fault is not the end: what was read before it stands in the row.
  deflate::Fault (*read)(const Source& source, Row& row);
  // For answers of one stream at a time: lays the first layer's `width` rows of `columns` weights out as `folded_width` rows
  // (zeros before), so that a folded row says the same with fewer features. A row of weights may take in what it implies
  // (a one-hot length its number), stand for many (a byte for its eight bits), or lie where the reader's index points
  // anyway. Null: nothing to fold.
  std::size_t folded_width = 0;
  void (*fold)(const FirstLayer& from, float* to) = nullptr;
  bool of_text = false; // reads the text and the sizes, and of the stream nothing else: Source::text will do
};

std::span<const Rung> rungs();            // low to high
const Rung* find_rung(std::string_view name); // any case; null: none
std::string rung_names();                 // "R0, R0-bits, …"

} // namespace packscope::learn
