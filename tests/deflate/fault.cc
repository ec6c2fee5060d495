// Every fault has words of its own, the field first.
#include "deflate/fault.h"

#include <catch2/catch_test_macros.hpp>

#include <set>

using namespace packscope::deflate;

TEST_CASE("every fault is described, no two alike") {
  std::set<std::string_view> seen;
  for (unsigned fault = 0; fault <= static_cast<unsigned>(Fault::size); ++fault) {
    const std::string_view text = describe(static_cast<Fault>(fault));
    CHECK(text != "unknown fault");
    CHECK(seen.insert(text).second);
  }
  CHECK(describe(Fault::truncated) == "truncated: the input ends inside the stream");
}
