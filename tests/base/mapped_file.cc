// What is looked at here and there is what is mapped.
#include "base/mapped_file.h"
#include "support.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <filesystem>
#include <vector>

using namespace packscope;
using namespace packscope::test;

namespace {

constexpr std::size_t kPart = std::size_t{1} << 16; // what comes at once

std::string numbered(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + i / 251);
  return bytes;
}

} // namespace

TEST_CASE("a look shows the bytes of the file, copied at first and then where they lie", "[mapped_file]") {
  TemporaryFolder folder;
  const std::string bytes = numbered(5 * kPart + 100);
  write_file(folder / "f", bytes);
  const MappedFile file = MappedFile::open(folder / "f", MappedFile::Use::also_look).value();
  std::vector<std::uint8_t> room(100);
  const auto look = [&](std::size_t at) {
    const Bytes seen = file.look(at, room);
    CHECK(as_text(seen) == bytes.substr(at, 100));
    return seen.data() == room.data();
  };
  CHECK(look(3 * kPart)); // a copy
  int copies = 0;
  for (std::size_t i = 0; i < 100; ++i) copies += look(kPart + 600 * i);
  CHECK(copies > 0);
  CHECK(copies < 100); // so many that the part was mapped
  CHECK(!look(kPart));
  CHECK(look(2 * kPart - 50)); // half of it in a part that was not
  file.expect(2 * kPart);
  CHECK(!look(2 * kPart - 50));
  look(bytes.size() - 100);
  CHECK(as_text(file.look(bytes.size() - 7, room)) == bytes.substr(bytes.size() - 7));
  CHECK(file.look(bytes.size(), room).empty());
  CHECK(file.look(UINT64_MAX, room).empty());
  CHECK(file.look(0, {}).empty());
}

TEST_CASE("as many looks as a quarter of the pages bring the whole file", "[mapped_file]") {
  TemporaryFolder folder;
  write_file(folder / "f", numbered(4 * kPart)); // 64 pages
  const MappedFile file = MappedFile::open(folder / "f", MappedFile::Use::also_look).value();
  std::vector<std::uint8_t> room(100);
  const auto copied = [&](std::size_t at) { return file.look(at, room).data() == room.data(); };
  file.expect_looks(10);
  CHECK(copied(0));
  file.expect_looks(7);
  for (std::size_t part = 0; part < 4; ++part) CHECK(!copied(part * kPart + 9));
}

TEST_CASE("a look at what was cut off since is empty, and no fault", "[mapped_file]") {
  TemporaryFolder folder;
  write_file(folder / "f", numbered(4 * kPart));
  const MappedFile file = MappedFile::open(folder / "f", MappedFile::Use::also_look).value();
  std::filesystem::resize_file(folder / "f", kPart);
  std::vector<std::uint8_t> room(100);
  CHECK(file.look(3 * kPart, room).empty());
  CHECK(file.look(kPart - 50, room).empty()); // all or nothing
  CHECK(file.look(0, room).size() == 100);
}

TEST_CASE("a file that was not opened for looks shows where its bytes lie", "[mapped_file]") {
  TemporaryFolder folder;
  const std::string bytes = numbered(1000);
  write_file(folder / "f", bytes);
  MappedFile file = MappedFile::open(folder / "f").value();
  std::vector<std::uint8_t> room(100);
  CHECK(file.look(10, room).data() == file.bytes().data() + 10);
  const MappedFile moved = std::move(file);
  CHECK(as_text(moved.look(10, room)) == bytes.substr(10, 100));
}
