// SHA-1's compression (FIPS 180-4) of several messages at once, two ways. Private to the room.
//
// SHA-NI: up to four messages take turns in the pipeline of the processor's SHA instructions. One alone waits for
// itself: four rounds depend on the four before, and take longer to finish than to start.
// AVX-512: sixteen messages, one in each 32-bit column of the vectors, by rotations and three-way logic.
#pragma once

#include <cstddef>
#include <cstdint>

namespace packscope::pack {

constexpr unsigned kSha1Lanes = 16;

struct Sha1States { // chaining values: a word a row, a lane a column
  alignas(64) std::uint32_t word[5][kSha1Lanes];
};

// Compresses the next `blocks` blocks (of 64 bytes) at `at[lane]` into each lane < `count`; others may change, too.
using Sha1Kernel = void (*)(Sha1States& states, const std::uint8_t* const* at, unsigned count, std::size_t blocks);

// Null where the processor cannot.
Sha1Kernel sha1_narrow(); // count up to kSha1Narrow
Sha1Kernel sha1_wide();   // count up to kSha1Lanes, at the same cost for any
constexpr unsigned kSha1Narrow = 4;

} // namespace packscope::pack
