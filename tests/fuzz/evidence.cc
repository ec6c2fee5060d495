// A clue's evidence: what is accepted has one spelling, and joins by the laws.
#include "fuzz.h"
#include "lattice/evidence.h"

using namespace packscope;
using namespace packscope::lattice;
using fuzz::require;

static std::string encoded(const Evidence& evidence) {
  std::string out;
  evidence.encode(out);
  return out;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  EvidenceReader reader(bytes);
  EvidenceReader::Entry entry;
  std::size_t entries = 0;
  while (reader.next(entry)) ++entries;
  const std::optional<Evidence> whole = Evidence::decode(bytes);
  if (whole) {
    require(encoded(*whole) == as_text(bytes), "evidence has one spelling");
    require(reader.whole() && entries == whole->votes().size(), "the reader sees what decoding does");
    Evidence twice = *whole;
    twice.join(*whole);
    require(encoded(twice) == encoded(*whole), "a join with itself changes nothing");
  }
  const std::size_t half = size / 2; // two evidences
  const std::optional<Evidence> a = Evidence::decode(bytes.first(half)), b = Evidence::decode(bytes.subspan(half));
  if (!a || !b) return 0;
  Evidence ab = *a, ba = *b;
  ab.join(*b);
  ba.join(*a);
  require(encoded(ab) == encoded(ba), "a join has no order");
  return 0;
}
