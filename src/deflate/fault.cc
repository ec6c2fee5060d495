// What can be wrong with a stream, in words: the field first, as every error of packscope names it.
#include "deflate/fault.h"

namespace packscope::deflate {

std::string_view describe(Fault fault) {
  switch (fault) {
  case Fault::none:
    return "no fault";
  case Fault::zlib_header:
    return "zlib header: not method 8 with a window of at most 32 KiB and a right check, or a preset "
           "dictionary";
  case Fault::block_type:
    return "block type: 3 is reserved";
  case Fault::stored_length:
    return "stored length: LEN and NLEN do not match";
  case Fault::too_many_lengths:
    return "code lengths: more than 286 literal or 30 distance symbols";
  case Fault::code_length_code:
    return "code length code: over- or under-subscribed";
  case Fault::code_length_repeat:
    return "code lengths: a repeat with nothing before it, or past the last symbol";
  case Fault::no_end_of_block:
    return "literal code: no code for the end of the block";
  case Fault::literal_code:
    return "literal code: over- or under-subscribed";
  case Fault::distance_code:
    return "distance code: over- or under-subscribed";
  case Fault::symbol:
    return "symbol: bits that are no code of the block";
  case Fault::distance:
    return "distance: before the first byte of output";
  case Fault::truncated:
    return "truncated: the input ends inside the stream";
  case Fault::adler32:
    return "adler32: the checksum of the output differs";
  case Fault::size:
    return "size: more or fewer bytes than announced";
  }
  return "unknown fault";
}

} // namespace packscope::deflate
