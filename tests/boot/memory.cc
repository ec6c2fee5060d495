// The largest free piece between the image and the modules.
#include "boot/machine.h"

#include <catch2/catch_test_macros.hpp>

#include <vector>

using namespace packscope::boot;

namespace {

std::uint64_t address(const void* at) { return reinterpret_cast<std::uint64_t>(at); }
constexpr std::uint64_t kMiB = 1 << 20;

} // namespace

TEST_CASE("free memory is what neither image nor module nor firmware uses") {
  const std::vector<HvmMemory> map = {{0, 640 << 10, kHvmRam, 0}, {kMiB, 255 * kMiB, kHvmRam, 0}, {512 * kMiB, 64 * kMiB, 2, 0}};
  const std::vector<HvmModule> modules = {{200 * kMiB, 30 * kMiB, 0, 0}, {100 * kMiB, 10 * kMiB, 0, 0}};
  const HvmStartInfo info = {.magic = kHvmMagic, .version = 1, .flags = 0, .module_count = 2, .modules = address(modules.data()),
                             .command_line = 0, .rsdp = 0, .memory_map = address(map.data()), .memory_map_entries = 3, .reserved = 0};
  const std::span<std::uint8_t> free = free_memory(info, 2 * kMiB, 4 * kMiB);
  CHECK(address(free.data()) == 4 * kMiB); // up to the module at 100 MiB
  CHECK(free.size() == 96 * kMiB);
}

TEST_CASE("memory above 4 GiB is not mapped, and an old loader tells of none") {
  const std::vector<HvmMemory> map = {{kMiB, 8192 * kMiB, kHvmRam, 0}};
  HvmStartInfo info = {.magic = kHvmMagic, .version = 1, .flags = 0, .module_count = 0, .modules = 0, .command_line = 0,
                       .rsdp = 0, .memory_map = address(map.data()), .memory_map_entries = 1, .reserved = 0};
  const std::span<std::uint8_t> free = free_memory(info, kMiB, 2 * kMiB);
  CHECK(address(free.data()) == 2 * kMiB);
  CHECK(address(free.data()) + free.size() == 4096 * kMiB);
  info.version = 0;
  CHECK(free_memory(info, kMiB, 2 * kMiB).empty());
}

TEST_CASE("an arena hands out zeroed, aligned pieces until nothing is left") {
  std::vector<std::uint8_t> memory(1000, 0xff);
  Arena arena(memory);
  CHECK(arena.take<std::uint8_t>(3).size() == 3);
  const std::span<std::uint64_t> words = arena.take<std::uint64_t>(10, 64);
  REQUIRE(words.size() == 10);
  CHECK(address(words.data()) % 64 == 0);
  CHECK(words[9] == 0);
  CHECK(arena.take<std::uint64_t>(1000).empty());
  CHECK(arena.take<std::uint64_t>(SIZE_MAX / 4).empty());
  CHECK(arena.take<std::uint8_t>(1).size() == 1);
}
