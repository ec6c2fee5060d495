// The ladder's rungs: what of a compressed stream is read, and into how many numbers. One table; one file a rung.
//
// An extractor up to R3 allocates nothing and calls nothing (all it uses of deflate/ does neither), so that the same source
// runs without an OS. A new rung: its file, its row here.
#pragma once

#include "base/bytes.h"
#include "deflate/fault.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace packscope::learn {

struct Rung {
  std::string_view name;        // "R3-16"
  std::string_view description; // what the numbers are, for the model's file and for people
  std::size_t width;            // how many
  std::size_t source_bytes;     // bytes at the start of the zlib stream that suffice
  // Fills out[0, width) from a zlib stream (which may be cut, or followed by other bytes). A fault is not the end: what was
  // read before it stands in `out`, the rest is 0.
  deflate::Fault (*extract)(Bytes zlib, std::span<float> out);
};

std::span<const Rung> rungs();                       // low to high
const Rung* find_rung(std::string_view name);        // any case; null: none
std::string rung_names();                            // "R0, R0-bits, …"

} // namespace packscope::learn
