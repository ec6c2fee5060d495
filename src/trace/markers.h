// Who touches the bytes of a text while it is packed: hardware breakpoints on marked digits.
//
// The idea: a sample's marked constants (primes, one digit watched of each) are few enough for the four breakpoints of a
// processor, four at a time, over several passes of the same deterministic work. The work is done in this process by
// libgit2 (an object database in memory, then a pack) and by zlib alone, so every access has its call chain, and
// "inside DEFLATE" is no guess: the chain leads through deflate().
//
// The bytes are watched wherever they lie: in the text that is handed over, in the object that libgit2 reads back from
// its database and compresses, in the window that zlib copies its input to.
#pragma once

#include "base/database.h"
#include "perf/event.h"

#include <vector>

namespace packscope::trace {

struct Marker {
  std::uint64_t value = 0;       // 71
  std::uint64_t text_offset = 0; // of its first digit, the one that is watched
};
// The first number after '=' of every line that ends in "// marker".
std::vector<Marker> find_markers(std::string_view text);

// traces/seed/markers.rs, which is part of the program.
std::string_view marker_sample();

struct MarkerAccess {
  const char* packer = "";       // libgit2, zlib
  const char* buffer = "";       // text, object (libgit2's), window (zlib's)
  Marker marker;
  std::uint64_t access = 0;      // 1: the first of this marker in this buffer
  std::uint64_t pass = 0;        // markers of one pass were watched together …
  std::uint64_t ordinal = 0;     // … so their accesses have one order: 1, 2, …
  const char* phase = "";        // before, inside or after DEFLATE
  const char* kind = "";         // read, write
  std::string function;          // "libc.so.6+0x16d800" where the library doesn't export it, "libz.so.1:deflate" where it does
  std::string stack;             // functions from the packer's entry to this one, separated by ;
};

struct MarkerReport {
  std::string refused;           // why nothing was measured: "breakpoints: …"; empty: it was
  std::uint64_t markers = 0;
  std::uint64_t sample_bytes = 0;
  std::uint64_t zlib_bytes = 0;  // the sample as one zlib stream, default level
  std::uint64_t pack_bytes = 0;  // as a pack of one blob, by libgit2
  std::uint64_t lost = 0;        // accesses that were counted, but whose signal did not arrive
  bool repeats = true;           // all passes wrote the same bytes
  bool window_found = true;      // zlib's window could be told among its allocations
  std::vector<MarkerAccess> accesses; // by packer and buffer, pass, ordinal

  // How many accesses have this packer, buffer (null: any), phase and kind (null: any).
  std::uint64_t count(std::string_view packer, const char* buffer, std::string_view phase, const char* kind) const;
};

// Errors: libgit2 or zlib failed. Refused breakpoints are no error: the sizes are still there.
Result<MarkerReport> measure_markers(std::string_view sample, const perf::OpenEvent& open = perf::open_event);

// Fills the table `marker` (made here where it isn't there) and the keys marker_… of `meta`.
Result<void> add_markers(Database& database, const MarkerReport& report);

} // namespace packscope::trace
