// Entry headers: written by the test's own encoder, read back; and each way to be broken.
#include "pack/entry.h"
#include "builder.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::test;

namespace {
Fault fault_of(const std::string& bytes, std::uint64_t offset = 0) {
  const Outcome<EntryHeader> header = read_entry_header(as_bytes(bytes), offset);
  return header ? Fault::none : header.error().fault;
}
} // namespace

TEST_CASE("every size and distance reads back", "[entry]") {
  for (unsigned bit = 0; bit < 64; ++bit) {
    for (const std::uint64_t size :
         {std::uint64_t{1} << bit, (std::uint64_t{1} << bit) - 1, UINT64_MAX >> bit}) {
      const Outcome<EntryHeader> header =
          read_entry_header(as_bytes(std::string("x").append(entry_head(3, size))), 1);
      REQUIRE(header);
      CHECK(header->size == size);
      CHECK(header->type == EntryType::blob);
      CHECK(header->data_offset == 1 + entry_head(3, size).size());
    }
  }
  for (std::uint64_t distance = 1; distance < 3000000; distance += distance / 16 + 1) {
    const std::string pack = std::string(distance, 'x') + entry_head(6, 5) + ofs_distance(distance);
    const Outcome<EntryHeader> header = read_entry_header(as_bytes(pack), distance);
    REQUIRE(header);
    CHECK(header->base_offset == 0);
    CHECK(header->data_offset == pack.size());
  }
}

TEST_CASE("a REF_DELTA names its base by id, of either length", "[entry]") {
  const ObjectId base = ObjectId::from(as_bytes("0123456789abcdef0123456789abcdef"));
  const std::string pack = entry_head(7, 9) + std::string(as_text(base.raw()));
  CHECK(read_entry_header(as_bytes(pack), 0, HashKind::sha256)->base_id == base);
  CHECK(read_entry_header(as_bytes(pack), 0)->base_id == ObjectId::from(base.raw().first(20)));
  CHECK(fault_of(pack.substr(0, 20)) == Fault::truncated);
}

TEST_CASE("a broken entry header names its field", "[entry]") {
  CHECK(fault_of("", 0) == Fault::truncated);
  CHECK(fault_of("x", UINT64_MAX) == Fault::truncated);
  CHECK(fault_of("\xb0") == Fault::truncated);
  CHECK(fault_of(entry_head(0, 5)) == Fault::entry_type);
  CHECK(fault_of(entry_head(5, 5)) == Fault::entry_type);
  CHECK(fault_of(std::string("\xb0") + std::string(9, '\xff') + '\0') == Fault::entry_size);
  CHECK(fault_of(std::string("\xb0") + std::string(40, '\x80') + "\x01") == Fault::entry_size);
  CHECK(fault_of(entry_head(6, 5) + "\x80") == Fault::truncated);
  CHECK(fault_of(entry_head(6, 5) + std::string(1, '\0')) == Fault::ofs_delta_target);
  CHECK(fault_of(entry_head(6, 5) + "\x01") == Fault::ofs_delta_base);
  CHECK(fault_of(entry_head(6, 5) + std::string(30, '\xff') + "\x01") == Fault::ofs_delta_base);
}
