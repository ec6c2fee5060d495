// Any bytes, cut into up to three files and a negative example: what is found is confirmed, and is what Matcher counts.
#include "fuzz.h"
#include "patterns/print.h"
#include "patterns/yara.h"

#include <algorithm>

using namespace packscope;
using namespace packscope::patterns;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4 || size > 20'000) return 0;
  const Bytes rest = Bytes(data, size).subspan(4);
  const std::size_t a = rest.size() * data[0] / 256, b = a + (rest.size() - a) * data[1] / 256;
  const std::vector<Input> inputs = {{rest.first(a), "a"}, {rest.subspan(a, b - a), "b"}};
  std::vector<Input> against;
  if (data[2] & 1) against.push_back({rest.subspan(b), "c"});
  Options options{.top = 8, .max_gap = data[3] % 33u, .memory = (data[2] & 2) != 0 ? 0 : std::uint64_t{1} << 20};
  options.min_bits = 8 + data[3] % 16;
  const Result<Findings> findings = find_patterns(inputs, against, options);
  require(findings.has_value(), "bytes cannot make it fail");
  require(findings->contradicted == 0, "the engine confirms what is counted");
  for (const Found& found : findings->patterns) {
    std::uint64_t support = 0;
    for (const Input& input : inputs)
      Matcher(found.pattern).for_each(input.bytes, [&](std::size_t begin, std::size_t end) {
        require(begin < end && end <= input.bytes.size(), "a match lies in its file");
        ++support;
        return true;
      });
    require(support == found.counted.support && support >= options.min_support, "support is what can be counted");
    for (const Input& input : against)
      Matcher(found.pattern).for_each(input.bytes, [](std::size_t, std::size_t) -> bool {
        require(false, "no negative example is matched");
        return false;
      });
    require(std::ranges::all_of(regex_of(found.pattern), [](char byte) { return byte > ' ' && byte < 127; }), "a regex is ASCII");
  }
  yara_rules(*findings);
  return 0;
}
