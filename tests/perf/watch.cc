// Breakpoints count exactly, in order, and know who called.
#include "perf/watch.h"

#include "fake_events.h"
#include "perf/symbol.h"

#include <catch2/catch_test_macros.hpp>
#include <zlib.h>

#include <thread>

using namespace packscope;
using namespace packscope::test;

namespace {

alignas(64) volatile unsigned char bytes[256];

__attribute__((noinline)) void store(int index) { bytes[index] = 1; }
__attribute__((noinline)) int load(int index) { return bytes[index]; }

} // namespace

TEST_CASE("N stores and M loads are N and M hits") {
  const void* at[] = {const_cast<const unsigned char*>(&bytes[5])};
  perf::Watch both(at, perf::WatchKind::read_write);
  if (!both.refused().empty()) SKIP(both.refused());
  both.start();
  for (int i = 0; i < 100; ++i) store(5), store(6);
  for (int i = 0; i < 37; ++i) load(5), load(4);
  both.stop();
  store(5); // after the end
  CHECK(both.counts() == std::vector<std::uint64_t>{137});
  CHECK(both.accesses().size() == 137);
  CHECK(both.lost() == 0);

  perf::Watch writes(at, perf::WatchKind::write);
  writes.start();
  for (int i = 0; i < 100; ++i) store(5), load(5);
  writes.stop();
  CHECK(writes.counts() == std::vector<std::uint64_t>{100});
}

TEST_CASE("the accesses of four bytes come in their order") {
  const void* at[4];
  for (int i = 0; i < 4; ++i) at[i] = const_cast<const unsigned char*>(&bytes[i * 64]);
  perf::Watch watch(at, perf::WatchKind::read_write);
  if (!watch.refused().empty()) SKIP(watch.refused());
  const std::vector<std::uint32_t> order = {2, 0, 3, 3, 1, 0, 2, 1, 1, 0};
  watch.start();
  for (const std::uint32_t i : order) store(static_cast<int>(i) * 64);
  watch.stop();
  std::vector<std::uint32_t> seen;
  for (const perf::Access& access : watch.accesses()) seen.push_back(access.watch);
  CHECK(seen == order);
  CHECK(watch.counts() == std::vector<std::uint64_t>{3, 3, 2, 2});
}

TEST_CASE("five are one too many") {
  const void* at[5];
  for (int i = 0; i < 5; ++i) at[i] = const_cast<const unsigned char*>(&bytes[i]);
  CHECK(perf::Watch(at, perf::WatchKind::write).refused() == "breakpoints: more than 4 at a time");
}

TEST_CASE("an access knows its callers, through libraries without frame pointers") {
  std::vector<Bytef> text(3000), out(6000);
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<Bytef>((i * i) >> 5);
  const void* at[] = {&text[1000]};
  perf::Watch watch(at, perf::WatchKind::read_write);
  if (!watch.refused().empty()) SKIP(watch.refused());
  uLongf size = out.size();
  watch.start();
  const int code = ::compress2(out.data(), &size, text.data(), text.size(), 6);
  watch.stop();
  REQUIRE(code == Z_OK);
  REQUIRE(!watch.accesses().empty());
  const perf::Access& first = watch.accesses()[0];
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < first.depth; ++i) names.push_back(perf::symbol_at(first.frames[i]).name);
  const auto deflate = std::find(names.begin(), names.end(), "deflate");
  REQUIRE(deflate != names.end());
  CHECK(std::find(deflate, names.end(), "compress2") != names.end());
}

TEST_CASE("what doesn't fit is lost by count, not by silence") {
  const void* at[] = {const_cast<const unsigned char*>(&bytes[5])};
  perf::Watch watch(at, perf::WatchKind::write, 10);
  if (!watch.refused().empty()) SKIP(watch.refused());
  watch.start();
  for (int i = 0; i < 25; ++i) store(5);
  watch.stop();
  CHECK(watch.accesses().size() == 10);
  CHECK(watch.lost() == 15);
}

TEST_CASE("one wide load over two watched bytes is two hits, whether or not both signals arrive") {
  const void* at[] = {const_cast<const unsigned char*>(&bytes[8]), const_cast<const unsigned char*>(&bytes[11])};
  perf::Watch watch(at, perf::WatchKind::read_write);
  if (!watch.refused().empty()) SKIP(watch.refused());
  watch.start();
  const std::uint64_t word = *reinterpret_cast<volatile const std::uint64_t*>(&bytes[8]);
  watch.stop();
  CHECK((word | 1) != 0);
  CHECK(watch.counts() == std::vector<std::uint64_t>{1, 1});
  CHECK(watch.accesses().size() + watch.lost() == 2);
}

TEST_CASE("two threads watch without each other") {
  const void* at[] = {const_cast<const unsigned char*>(&bytes[5])};
  perf::Watch mine(at, perf::WatchKind::write);
  if (!mine.refused().empty()) SKIP(mine.refused());
  mine.start();
  std::vector<std::uint64_t> theirs;
  std::thread([&] {
    perf::Watch watch(at, perf::WatchKind::write);
    watch.start();
    for (int i = 0; i < 7; ++i) store(5);
    watch.stop();
    theirs = watch.counts();
  }).join();
  for (int i = 0; i < 3; ++i) store(5);
  mine.stop();
  CHECK(theirs == std::vector<std::uint64_t>{7});
  CHECK(mine.counts() == std::vector<std::uint64_t>{3});
  CHECK(mine.accesses().size() == 3);
}

#if defined(__aarch64__)
TEST_CASE("where a breakpoint's signal would never end, nothing is watched, and that is named") {
  const void* at[] = {const_cast<const unsigned char*>(&bytes[5])};
  perf::Watch watch(at, perf::WatchKind::read_write);
  CHECK(watch.refused().starts_with("breakpoints: not supported on this "));
  watch.start();
  store(5);
  watch.stop();
  CHECK(watch.accesses().empty());
}
#endif

TEST_CASE("refused breakpoints are named, and the work goes on") {
  FakeMachine machine;
  machine.refusal = perf::Refusal::unknown;
  const void* at[] = {const_cast<const unsigned char*>(&bytes[5])};
  perf::Watch watch(at, perf::WatchKind::write, 10, machine.opener());
  CHECK(watch.refused() == "breakpoints: not known to this kernel");
  watch.start();
  store(5);
  watch.stop();
  CHECK(watch.accesses().empty());
}
