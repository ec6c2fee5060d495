// Who wrote any stream: a named fault, or candidates each of which reproduces it.
#include "encoders/fingerprint.h"
#include "fuzz.h"

using namespace packscope;
using namespace packscope::encoders;
using fuzz::require;

// The first two bytes are the announced size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::uint64_t announced = load_le<std::uint16_t>(data);
  static Fingerprinter fingerprinter;
  Fingerprinter::Found found;
  if (fingerprinter.judge(Bytes(data, size).subspan(2), announced, {}, found) != deflate::Fault::none) {
    require(found.writers.empty(), "a broken stream has no writer");
    return 0;
  }
  require(found.header == load_be<std::uint16_t>(data + 2), "the header is the stream's");
  require(fingerprinter.refuted(found.writers, found.window_bits).empty(), "each candidate reproduces the stream");
  return 0;
}
