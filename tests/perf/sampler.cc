// Samples: from this machine's kernel, and from records written here.
#include "perf/sampler.h"

#include "perf/reading.h"
#include "perf/symbol.h"
#include "work.h"

#include <catch2/catch_test_macros.hpp>
#include <zlib.h>

#include <ctime>

using namespace packscope;
using namespace packscope::test;

namespace {

struct FakeRing : perf::Ring {
  std::vector<std::vector<std::uint8_t>> records;
  bool enable() override { return true; }
  bool disable() override { return true; }
  void drain(const std::function<void(Bytes)>& record) override {
    for (const std::vector<std::uint8_t>& bytes : records) record(bytes);
    records.clear();
  }
};

std::vector<std::uint8_t> record(std::uint32_t type, std::initializer_list<std::uint64_t> words) {
  std::vector<std::uint8_t> bytes(sizeof(perf_event_header) + words.size() * 8);
  const perf_event_header header = {type, 0, static_cast<std::uint16_t>(bytes.size())};
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + sizeof header, words.begin(), words.size() * 8);
  return bytes;
}

} // namespace

TEST_CASE("samples fall where the time goes") {
  perf::Sampler sampler;
  if (sampler.measured() == perf::kNotMeasured) SKIP(sampler.fallback().value());
  std::vector<Bytef> text(1 << 16, 0), out(1 << 17);
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<Bytef>((i * i) >> 7);
  z_stream zlib = {}; // made once: what allocating costs differs between machines, and is not zlib's
  REQUIRE(::deflateInit(&zlib, 9) == Z_OK);
  const std::clock_t begin = std::clock();
  sampler.start();
  while (std::clock() - begin < CLOCKS_PER_SEC / 2) {
    ::deflateReset(&zlib);
    zlib.next_in = text.data(), zlib.avail_in = static_cast<uInt>(text.size());
    zlib.next_out = out.data(), zlib.avail_out = static_cast<uInt>(out.size());
    ::deflate(&zlib, Z_FINISH);
  }
  sampler.stop();
  ::deflateEnd(&zlib);
  INFO(sampler.measured());
  CHECK(sampler.samples().size() + sampler.lost() > 250); // 997 a second for half a second
  CHECK(sampler.samples().size() + sampler.lost() < 750);
  std::size_t in_zlib = 0;
  std::uint64_t last = 0;
  for (const perf::Sample& sample : sampler.samples()) {
    REQUIRE(!sample.chain.empty());
    CHECK(sample.time_ns >= last);
    last = sample.time_ns;
    in_zlib += perf::symbol_at(sample.chain[0]).module.starts_with("libz");
  }
  CHECK(in_zlib > sampler.samples().size() * 8 / 10);
}

TEST_CASE("call chains lose the kernel's marks; lost samples are counted; broken records are left out") {
  FakeRing* ring = nullptr;
  perf::Sampler sampler({}, [&](const perf_event_attr&, unsigned) -> std::expected<std::unique_ptr<perf::Ring>, perf::Refusal> {
    std::unique_ptr<FakeRing> made = std::make_unique<FakeRing>();
    ring = made.get();
    return made;
  });
  CHECK(sampler.measured() == "cycles:u");
  ring->records = {record(PERF_RECORD_SAMPLE, {0x1000, 5, 3, static_cast<std::uint64_t>(PERF_CONTEXT_USER), 0x1000, 0x2000}),
                   record(PERF_RECORD_SAMPLE, {0x3000, 6, 0}), record(PERF_RECORD_LOST, {1, 17}),
                   record(PERF_RECORD_SAMPLE, {0x4000, 7, 99, 1}), record(PERF_RECORD_SAMPLE, {0x5000})};
  sampler.drain();
  REQUIRE(sampler.samples().size() == 2);
  CHECK(sampler.samples()[0].chain == std::vector<std::uint64_t>{0x1000, 0x2000});
  CHECK(sampler.samples()[1].chain == std::vector<std::uint64_t>{0x3000});
  CHECK(sampler.lost() == 17);
}

TEST_CASE("cycles, else the task clock, else not measured: each by name") {
  perf::Sampler clock({}, [&](const perf_event_attr& attributes, unsigned) -> std::expected<std::unique_ptr<perf::Ring>, perf::Refusal> {
    if (attributes.type == PERF_TYPE_HARDWARE) return std::unexpected(perf::Refusal::unsupported);
    return std::make_unique<FakeRing>();
  });
  CHECK(clock.measured() == "task-clock");
  CHECK(clock.fallback() == "cycles:u: not supported by this machine");
  perf::Sampler none({}, [&](const perf_event_attr&, unsigned) -> std::expected<std::unique_ptr<perf::Ring>, perf::Refusal> {
    return std::unexpected(perf::Refusal::no_libperf);
  });
  CHECK(none.measured() == "not measured");
  CHECK(none.fallback() == "cycles:u: built without libperf; task-clock: built without libperf");
  none.start();
  none.stop();
  CHECK(none.samples().empty());
}
