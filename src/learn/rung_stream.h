// The rungs that read a stream without making its text, low to high: R0 to R3. Nothing here needs an OS.
#pragma once

#include "learn/rung.h"
#include "learn/rung_r0.h"
#include "learn/rung_r1.h"
#include "learn/rung_r2.h"
#include "learn/rung_r3.h"

#include <array>

namespace packscope::learn {

inline constexpr std::array<Rung, 9> kStreamRungs = {{
    {"R0", "first 16 bytes of the DEFLATE stream, each / 255", kR0Width, kR0Bytes, kR0Width, kR0SourceBytes, true, read_r0,
     kR0FoldedWidth, fold_r0},
    {"R0-bits", "first 128 bits of the DEFLATE stream, lowest of a byte first", kR0BitsWidth, kR0BitsWidth, 0,
     kR0SourceBytes, false, read_r0_bits, kR0FoldedWidth, fold_r0_bits},
    {"sizes", "inflated size and its ratio to the packed size, as the pack states them", kSizesWidth, 0, kSizesMost, 0, false,
     read_sizes},
    {"R1", "first block's type, HLIT, HDIST and HCLEN one-hot; sizes", kR1Width, kR1Most, kSizesMost, kR1SourceBytes, false, read_r1},
    {"R2", "first block's type, sizes, and the code lengths of 286 literal/length and 30 distance symbols: (16 - length) / "
           "16, and each length one-hot; of a block without any its first 4 bytes by position, 16 as a bag",
     kR2Width, kR2MostUnits, kR2MostValued, kR2SourceBytes, false, read_r2, kR2FoldedWidth, fold_r2},
    {"R2-bits", "the code lengths of R2, and the first 128 bits of the block's data, not decoded", kR2LengthsWidth + kR0BitsWidth,
     kR2MostUnits + kR0BitsWidth, kR2MostValued, kR2SourceBytes + kR0Bytes + 1, false, read_r2_bits,
     kR2FoldedLengthsWidth + kR0BitsWidth, fold_r2_bits},
    {"R3-16", "the code lengths of R2, and the first 16 symbols: each by its position, as a bag, and by pairs", kR3Width, r3_most(16),
     kR2MostValued, r3_source_bytes(16), false, read_r3<16>, kR3FoldedWidth, fold_symbols},
    {"R3-64", "the code lengths of R2, the first 16 symbols by position, the first 64 as a bag and by pairs", kR3Width, r3_most(64),
     kR2MostValued + r3_most(64), r3_source_bytes(64), false, read_r3<64>, kR3FoldedWidth, fold_more_symbols},
    {"R3-256", "the code lengths of R2, the first 16 symbols by position, the first 256 as a bag and by pairs", kR3Width, r3_most(256),
     kR2MostValued + r3_most(256), r3_source_bytes(256), false, read_r3<256>, kR3FoldedWidth, fold_more_symbols},
}};

} // namespace packscope::learn
