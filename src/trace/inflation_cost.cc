// What inflating each block of a trace takes: zlib, told to stop at block ends, between two readings of a counter.
//
// The least of a few rounds stands for a block: interrupts only ever add. What the readings themselves take is taken
// off (perf/counters.h).
#include "trace/tracer.h"

#include "base/mapped_file.h"
#include "deflate/fault.h"
#include "perf/counters.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <new>

namespace packscope::trace {
namespace {

struct StreamCost {
  std::optional<std::uint64_t> instructions, task_clock_ns;

  void take(const perf::Reading& reading) {
    const auto least = [](std::optional<std::uint64_t>& held, const std::optional<std::uint64_t>& met) {
      if (met && *met > 0) held = std::min(held.value_or(*met), *met); // 0: below what the counter resolves
    };
    least(instructions, reading.instructions);
    least(task_clock_ns, reading.task_clock_ns);
  }
};

class BlockInflater {
public:
  BlockInflater() {
    if (inflateInit(&stream_) != Z_OK) throw std::bad_alloc();
  }
  ~BlockInflater() { inflateEnd(&stream_); }
  BlockInflater(const BlockInflater&) = delete;
  BlockInflater& operator=(const BlockInflater&) = delete;

  // Inflates one zlib stream; costs[b] becomes the least that block b has taken. False: zlib refuses the stream.
  bool run(Bytes input, perf::Counters& counters, std::vector<StreamCost>& costs) {
    inflateReset(&stream_);
    constexpr std::size_t kPiece = std::size_t{1} << 30; // zlib counts in 32 bits
    const auto refill = [&] {
      const std::size_t taken = std::min(input.size(), kPiece);
      stream_.next_in = const_cast<Bytef*>(input.data()); // zlib doesn't write there
      stream_.avail_in = static_cast<uInt>(taken);
      input = input.subspan(taken);
    };
    refill();
    if (!advance(refill)) return false; // the zlib header: Z_BLOCK stops behind it too
    for (std::size_t block = 0; !last_; ++block) {
      counters.start();
      const bool good = advance(refill);
      const perf::Reading reading = counters.stop();
      if (!good) return false;
      if (block == costs.size()) costs.emplace_back();
      costs[block].take(reading);
    }
    return true;
  }

private:
  // To the next block border. `last_`: behind it stands the checksum.
  bool advance(const auto& refill) {
    constexpr int kAtBorder = 128, kLastBlock = 64; // bits of data_type, see inflate() in zlib.h
    do {
      stream_.next_out = output_.data();
      stream_.avail_out = static_cast<uInt>(output_.size());
      const int status = ::inflate(&stream_, Z_BLOCK);
      if (status != Z_OK && status != Z_STREAM_END) return false;
      if (stream_.avail_in == 0) refill();
    } while ((stream_.data_type & kAtBorder) == 0);
    last_ = (stream_.data_type & kLastBlock) != 0;
    return true;
  }

  z_stream stream_ = {};
  bool last_ = false;
  std::array<std::uint8_t, 1 << 16> output_;
};

} // namespace

Result<void> add_inflation_cost(Database& database, const std::string& trace_path, unsigned rounds,
                                const perf::OpenEvent& open) {
  perf::Counters counters({.cost_only = true}, open);
  database.execute("begin");
  Statement meta = database.prepare("insert or replace into meta values (?,?)");
  meta.bind(std::string_view("inflation_measured")).bind(std::string_view(counters.measured())).run();
  if (counters.fallback())
    meta.bind(std::string_view("inflation_fallback")).bind(std::string_view(*counters.fallback())).run();
  database.execute("update block set instructions = null, task_clock_ns = null");

  const std::filesystem::path folder = std::filesystem::path(trace_path).parent_path();
  std::map<std::string, MappedFile> files;
  Statement objects = database.prepare("select object, file, data_offset, (select count(*) from block b where b.object = "
                                       "o.object) from object o join pack using (pack) order by object");
  Statement update = database.prepare("update block set instructions = ?, task_clock_ns = ? where object = ? and block = ?");
  BlockInflater inflater;
  std::vector<StreamCost> costs;
  while (counters.measured() != perf::kNotMeasured && objects.step()) {
    const std::string path = (folder / objects.text(1)).string();
    auto file = files.find(path);
    if (file == files.end()) {
      Result<MappedFile> opened = MappedFile::open(path);
      if (!opened) return std::unexpected(opened.error());
      file = files.emplace(path, std::move(*opened)).first;
    }
    const Bytes bytes = file->second.bytes();
    const std::uint64_t offset = static_cast<std::uint64_t>(objects.integer(2));
    if (offset > bytes.size()) return fail("pack: ends before a traced stream", path, bytes.size());
    costs.clear();
    for (unsigned round = 0; round < rounds; ++round)
      if (!inflater.run(bytes.subspan(offset), counters, costs))
        return fail("zlib stream: not the one that was traced", path, offset);
    if (costs.size() != static_cast<std::size_t>(objects.integer(3)))
      return fail("zlib stream: not as many blocks as were traced", path, offset);
    for (std::size_t block = 0; block < costs.size(); ++block)
      update.bind(costs[block].instructions).bind(costs[block].task_clock_ns).bind(objects.integer(0)).bind(std::uint64_t{block}).run();
  }
  database.execute("commit");
  return database.status();
}

} // namespace packscope::trace
