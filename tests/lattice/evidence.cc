// Votes by label: laws, the bound on names, and the reader that looks at numbers alone.
#include "random_lattice.h"

using namespace packscope;
using namespace packscope::test;

namespace {

std::string encoded(const Evidence& evidence) {
  std::string out;
  evidence.encode(out);
  return out;
}
Evidence joined(Evidence a, const Evidence& b) {
  a.join(b);
  return a;
}
std::size_t names(const Evidence& evidence) {
  std::size_t count = 0;
  for (const Votes& votes : evidence.votes()) count += votes.label[0] == 'n';
  return count;
}

} // namespace

TEST_CASE("evidence joins in any order and grouping to the same bytes", "[evidence]") {
  learn::Random random(1);
  for (unsigned round = 0; round < 200; ++round) {
    const Evidence a = random_evidence(random), b = random_evidence(random), c = random_evidence(random);
    REQUIRE(encoded(joined(a, b)) == encoded(joined(b, a)));
    REQUIRE(encoded(joined(joined(a, b), c)) == encoded(joined(a, joined(b, c))));
    REQUIRE(encoded(joined(joined(a, b), a)) == encoded(joined(a, b)));
    const std::optional<Evidence> back = Evidence::decode(as_bytes(encoded(a)));
    REQUIRE(back);
    REQUIRE(encoded(*back) == encoded(a));
    REQUIRE(encoded(joined(*back, *back)) == encoded(a));
  }
}

TEST_CASE("of names without end the same few are kept, whatever the order, with all their votes", "[evidence]") {
  learn::Random random(2);
  Evidence whole, first, second;
  for (unsigned i = 0; i < 3000; ++i) {
    const std::string label = "nfile " + std::to_string(random.below(500));
    const Element object = element_of(as_bytes(std::to_string(random.below(40)))), repository = element_of(as_bytes(std::to_string(random.below(5))));
    whole.add(label, repository, object);
    (random.below(2) ? first : second).add(label, repository, object);
  }
  first.join(second);
  CHECK(encoded(first) == encoded(whole));
  const std::optional<Evidence> kept = Evidence::decode(as_bytes(encoded(whole)));
  REQUIRE(kept);
  CHECK(names(*kept) == kNames);
}

TEST_CASE("the reader sees each label's numbers as decoding does", "[evidence]") {
  learn::Random random(3);
  for (unsigned round = 0; round < 100; ++round) {
    const std::string bytes = encoded(random_evidence(random));
    const std::optional<Evidence> evidence = Evidence::decode(as_bytes(bytes));
    REQUIRE(evidence);
    EvidenceReader reader(as_bytes(bytes));
    EvidenceReader::Entry entry;
    std::size_t at = 0;
    for (; reader.next(entry); ++at) {
      REQUIRE(entry.label == evidence->votes()[at].label);
      REQUIRE(entry.repositories.count == evidence->votes()[at].repositories.count());
      REQUIRE(entry.objects.count == evidence->votes()[at].objects.count());
      for (const Element element : evidence->votes()[at].repositories.elements()) REQUIRE(entry.repositories.holds(element));
    }
    REQUIRE(at == evidence->votes().size());
    REQUIRE(reader.whole());
  }
}

TEST_CASE("broken evidence is refused or is what it says", "[evidence]") {
  learn::Random random(4);
  for (unsigned round = 0; round < 2000; ++round) {
    Evidence small;
    small.add("lrust", 1 + random.below(9), random.below(9));
    small.add("nx", 1 + random.below(9), random.below(9));
    std::string bytes = encoded(small);
    bytes[random.below(static_cast<std::uint32_t>(bytes.size()))] ^= static_cast<char>(1 << random.below(8));
    if (random.below(4) == 0) bytes.resize(random.below(static_cast<std::uint32_t>(bytes.size())));
    if (const std::optional<Evidence> back = Evidence::decode(as_bytes(bytes))) REQUIRE(encoded(*back) == bytes);
    EvidenceReader reader(as_bytes(bytes));
    EvidenceReader::Entry entry;
    while (reader.next(entry)) {}
  }
}
