// deflate: RFC 1950 and 1951 down to the symbol: block headers, code lengths, every literal and match with
// the bits that carry it; and bulk inflation by libdeflate. The symbol decoder allocates nothing and calls
// nothing, so that the same sources run without an OS. This file: what can be wrong with a stream.
#pragma once

#include <cstdint>
#include <string_view>

namespace packscope::deflate {

enum class Fault : std::uint8_t {
  none,
  zlib_header,        // RFC 1950, 2.2: CMF/FLG check, method 8, window <= 32 KiB, no preset dictionary
  block_type,         // BTYPE 3
  stored_length,      // LEN does not match NLEN
  too_many_lengths,   // HLIT > 286 or HDIST > 30
  code_length_code,   // the code length code is over- or under-subscribed
  code_length_repeat, // repeat with nothing before it, or past the last length
  no_end_of_block,    // symbol 256 has no code
  literal_code,       // the literal/length code is over- or under-subscribed
  distance_code,      // the distance code is
  symbol,             // bits that are no code of the block, or length/distance symbols 286, 287, 30, 31
  distance,           // a match reaches before the first output byte
  truncated,          // the input ends inside the stream
  adler32,            // the trailer's checksum differs
  size,               // more or fewer output bytes than were announced
};

// "truncated: the input ends inside the stream"
std::string_view describe(Fault fault);

} // namespace packscope::deflate
