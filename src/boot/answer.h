// What a pack in memory says of each of its blobs: the lines of `packscope ast_classifier predict --rung RUNG PACK`.
#pragma once

#include "boot/machine.h"
#include "boot/pack_walk.h"
#include "learn/frozen.h"

namespace packscope::boot {

struct Tally {
  std::uint32_t blobs = 0, streams = 0, errors = 0; // answered; of those, answered by their own stream; not readable
};

// `print` takes answers, a line each with its end; `complain` what could not be read. `arena`: 8 bytes an entry, and what
// the network works in.
Tally answer_pack(const PackWalk& walk, const learn::Inference& network, std::span<const std::string_view> labels, Arena& arena,
                  void (*print)(std::string_view), void (*complain)(std::string_view));

} // namespace packscope::boot
