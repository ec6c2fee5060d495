// Partial inflation, against zlib's compressor.
#include "pack/stream.h"
#include "builder.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::test;

TEST_CASE("the beginning and the end of streams of any size", "[stream]") {
  PartialInflater partial; // reused: no state is left over
  for (const std::size_t size : {0u, 1u, 19u, 20u, 21u, 65535u, 65536u, 65537u, 3000000u}) {
    std::string text;
    while (text.size() < size) text += std::to_string(text.size() * 7);
    text.resize(size);
    const std::string stream = deflated(text);
    std::array<std::uint8_t, 20> begin;
    std::size_t made = 0;
    CHECK(partial.begin(as_bytes(stream + "more"), begin, made) == deflate::Fault::none);
    CHECK(as_text({begin.data(), made}) == text.substr(0, 20));
    std::uint64_t consumed = 0, inflated = 0;
    CHECK(partial.skip(as_bytes(stream + "more"), consumed, inflated) == deflate::Fault::none);
    CHECK(consumed == stream.size());
    CHECK(inflated == size);
    CHECK(partial.skip(as_bytes(stream.substr(0, stream.size() - 1)), consumed, inflated) ==
          deflate::Fault::truncated);
    CHECK(partial.skip(as_bytes("x" + stream), consumed, inflated) == deflate::Fault::symbol);
  }
}

TEST_CASE("no stream is denser than the bound", "[stream]") {
  const std::string zeros(100000000, '\0');
  const std::string stream = deflated(zeros);
  CHECK(could_inflate_to(stream.size(), zeros.size()));
  CHECK(!could_inflate_to(stream.size() - stream.size() / 100, zeros.size())); // and the bound is near
  CHECK(!could_inflate_to(UINT32_MAX, std::uint64_t{1} << 60));
}
