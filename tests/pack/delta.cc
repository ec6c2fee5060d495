// Delta instructions, against a byte-by-byte interpreter written from the format's description.
#include "pack/delta.h"
#include "builder.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <random>

using namespace packscope;
using namespace packscope::test;

namespace {

Fault apply(const std::string& base, const std::string& delta, std::string& result) {
  Outcome<std::uint64_t> size = delta_result_size(as_bytes(delta), 1 << 20);
  if (!size) return size.error().fault;
  result.assign(*size, '?');
  const Fault fault = apply_delta(as_bytes(base), as_bytes(delta), {reinterpret_cast<std::uint8_t*>(result.data()), result.size()});
  // The same with slack, and not a byte more.
  const auto spare = [](const std::string& text) {
    std::vector<std::uint8_t> bytes(text.size() + kDeltaSlack);
    std::ranges::copy(text, bytes.begin());
    return bytes;
  };
  const std::vector<std::uint8_t> from = spare(base), how = spare(delta);
  std::vector<std::uint8_t> out(*size + kDeltaSlack);
  CHECK(apply_delta(Bytes(from).first(base.size()), Bytes(how).first(delta.size()), std::span(out).first(*size), kDeltaSlack) == fault);
  if (fault == Fault::none) CHECK(std::ranges::equal(Bytes(out).first(*size), as_bytes(result)));
  return fault;
}

std::string copy(std::uint32_t from, std::uint32_t size) {
  std::string arguments;
  int head = 0x80;
  for (int i = 0; i < 4; ++i)
    if (const char byte = static_cast<char>(from >> (8 * i)); byte != 0) head |= 1 << i, arguments += byte;
  if (size != 0x10000)
    for (int i = 0; i < 3; ++i)
      if (const char byte = static_cast<char>(size >> (8 * i)); byte != 0) head |= 16 << i, arguments += byte;
  return static_cast<char>(head) + arguments;
}

} // namespace

TEST_CASE("random copies and inserts make what they say", "[delta]") {
  std::mt19937_64 random(3);
  std::string base(300000, '\0');
  for (char& byte : base) byte = static_cast<char>(random());
  for (int round = 0; round < 200; ++round) {
    std::string wanted, instructions;
    for (int step = 0; step < 8; ++step) {
      const std::uint32_t size = round % 3 == 0 ? 0x10000 : static_cast<std::uint32_t>(random() % 70000 + 1);
      const std::uint32_t from = static_cast<std::uint32_t>(random() % (300000 - size));
      instructions += copy(from, size);
      wanted += base.substr(from, size);
      const std::string text(random() % 127 + 1, static_cast<char>(random()));
      instructions += static_cast<char>(text.size()) + text;
      wanted += text;
    }
    std::string made;
    REQUIRE(apply(base, delta_size(base.size()) + delta_size(wanted.size()) + instructions, made) ==
            Fault::none);
    REQUIRE(made == wanted);
  }
}

TEST_CASE("a broken delta names its field", "[delta]") {
  std::string made;
  CHECK(apply("abc", "", made) == Fault::delta_header);
  CHECK(apply("abc", "\x83", made) == Fault::delta_header);
  CHECK(apply("abc", std::string(11, '\xff') + "\x01", made) == Fault::delta_header);
  CHECK(apply("abc", delta_size(3) + delta_size(0), made) == Fault::delta_header); // what git refuses, too
  CHECK(apply("abcd", delta_size(3) + delta_size(3) + copy(0, 3), made) == Fault::delta_base_size);
  CHECK(apply("abc", delta_size(3) + delta_size(3) + copy(1, 3), made) == Fault::delta_copy);
  CHECK(apply("abc", delta_size(3) + delta_size(3) + copy(0xffffffff, 0xffffff), made) == Fault::delta_copy);
  CHECK(apply("abc", delta_size(3) + delta_size(3) + "\x91\x01", made) == Fault::delta_copy);
  CHECK(apply("abc", delta_size(3) + delta_size(3) + "\x03xy", made) == Fault::delta_insert);
  CHECK(apply("abc", delta_size(3) + delta_size(3) + std::string(2, '\0'), made) == Fault::delta_reserved);
  CHECK(apply("abc", delta_size(3) + delta_size(2) + copy(0, 3), made) == Fault::delta_result_size);
  CHECK(apply("abc", delta_size(3) + delta_size(4) + copy(0, 3), made) == Fault::delta_result_size);
}

TEST_CASE("a result size that the instructions do not make is refused before it is allocated", "[delta]") {
  const std::string delta = delta_size(3) + delta_size(std::uint64_t{1} << 40) + copy(0, 3);
  CHECK(delta_result_size(as_bytes(delta), std::uint64_t{1} << 39).error().fault == Fault::size_limit);
  CHECK(delta_result_size(as_bytes(delta), UINT64_MAX).error().fault == Fault::delta_result_size);
}
