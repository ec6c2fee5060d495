// Marked bytes under hardware breakpoints; see markers.h.
#include "trace/markers.h"

#include "perf/symbol.h"
#include "perf/watch.h"
#include "trace/marker_sample.h"
#include "trace/marker_work.h"

#include <algorithm>
#include <map>
#include <span>

namespace packscope::trace {
namespace {

// Where the bytes are watched. One place a pass: which of its buffers a marker's accesses belong to is then certain.
struct Place {
  const char* packer;
  const char* buffer;
  bool libgit2;      // the work
  bool text;         // watched from the start; else from when the work places them
};
constexpr Place kPlaces[] = {
    {"libgit2", "text", true, true},
    {"libgit2", "object", true, false},
    {"zlib", "text", false, true},
    {"zlib", "window", false, false},
};

// What one pass saw. An address is a function's name only at the end.
struct Pass {
  std::string refused;
  std::vector<std::uint8_t> packed;
  std::vector<perf::Access> accesses;
  std::uint64_t lost = 0;
  bool placed = false;
};

Result<Pass> run_pass(const Place& place, Bytes text, Bytes twin, std::span<const Marker> markers, perf::WatchKind kind,
                      const perf::OpenEvent& open) {
  Pass pass;
  std::unique_ptr<perf::Watch> watch;
  const auto start = [&](const std::uint8_t* bytes) {
    std::vector<const void*> addresses;
    for (const Marker& marker : markers) addresses.push_back(bytes + marker.text_offset);
    watch = std::make_unique<perf::Watch>(addresses, kind, 1 << 14, open);
    pass.refused = watch->refused();
    pass.placed = true;
    watch->start();
  };
  MarkerHooks hooks;
  hooks.done = [&] {
    if (watch) watch->stop();
  };
  if (place.text) start(text.data());
  else hooks.placed = start;
  Result<std::vector<std::uint8_t>> packed =
      place.libgit2 ? pack_by_libgit2(text, twin, hooks) : deflate_by_zlib(text, twin, hooks);
  if (watch) {
    pass.accesses.assign(watch->accesses().begin(), watch->accesses().end());
    if (pass.refused.empty()) pass.lost = watch->lost();
  }
  if (!packed) return std::unexpected(packed.error());
  pass.packed = std::move(*packed);
  return pass;
}

// Names, each address looked up once.
class Names {
public:
  const perf::Symbol& at(std::uint64_t address) {
    const auto found = symbols_.find(address);
    return found != symbols_.end() ? found->second : symbols_.emplace(address, perf::symbol_at(address)).first->second;
  }

private:
  std::map<std::uint64_t, perf::Symbol> symbols_;
};

struct Chain {
  std::string function, stack;
  bool in_deflate = false;
};

// The frames of the packer: what is outside of it, from the program's own frame on, is left out.
Chain describe_chain(const perf::Access& access, Names& names, const std::string& program) {
  Chain chain;
  chain.function = names.at(access.frames[0]).text();
  bool inside_packer = false; // the innermost frame may be the program's: a sanitizer's memcpy
  for (std::uint32_t i = 0; i < access.depth; ++i) {
    const perf::Symbol& symbol = names.at(access.frames[i]);
    if (inside_packer && symbol.module == program) break;
    inside_packer = symbol.module != program;
    chain.stack = i == 0 ? symbol.text() : symbol.text() + ";" + chain.stack;
    chain.in_deflate = chain.in_deflate || symbol.name == "deflate";
  }
  return chain;
}

// Writes are the accesses that a pass over the same work saw when it watched for writes only: the same instructions
// in the same order, with the reads left out.
std::vector<bool> tell_writes(const std::vector<perf::Access>& all, const std::vector<perf::Access>& writes) {
  std::vector<bool> told(all.size(), false);
  std::size_t next = 0;
  for (std::size_t i = 0; i < all.size() && next < writes.size(); ++i) {
    told[i] = all[i].watch == writes[next].watch && all[i].frames[0] == writes[next].frames[0];
    next += told[i];
  }
  return told;
}

void add_pass(const Place& place, std::uint64_t number, std::span<const Marker> markers, const Pass& pass,
              const Pass& writes, Names& names, MarkerReport& report) {
  const std::string program = perf::symbol_at(reinterpret_cast<std::uint64_t>(&describe_chain)).module;
  const std::vector<bool> is_write = tell_writes(pass.accesses, writes.accesses);
  std::vector<std::uint64_t> seen(markers.size(), 0);
  bool deflating = false;
  for (std::size_t i = 0; i < pass.accesses.size(); ++i) {
    const perf::Access& access = pass.accesses[i];
    Chain chain = describe_chain(access, names, program);
    deflating = deflating || chain.in_deflate;
    MarkerAccess row;
    row.packer = place.packer;
    row.buffer = place.buffer;
    row.marker = markers[access.watch];
    row.access = ++seen[access.watch];
    row.pass = number;
    row.ordinal = i + 1;
    row.phase = chain.in_deflate ? "inside" : deflating ? "after" : "before";
    row.kind = is_write[i] ? "write" : "read";
    row.function = std::move(chain.function);
    row.stack = std::move(chain.stack);
    report.accesses.push_back(std::move(row));
  }
}

// Groups of at most four, far apart in the text: two watched bytes under one vector load are one signal too few.
std::vector<std::vector<Marker>> passes_of(const std::vector<Marker>& markers) {
  const std::size_t count = (markers.size() + perf::kMaxWatches - 1) / perf::kMaxWatches;
  std::vector<std::vector<Marker>> groups(count);
  for (std::size_t i = 0; i < markers.size(); ++i) groups[i % count].push_back(markers[i]);
  return groups;
}

} // namespace

std::string_view marker_sample() { return {kMarkerSample, sizeof kMarkerSample - 1}; }

std::vector<Marker> find_markers(std::string_view text) {
  std::vector<Marker> markers;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    const std::size_t equals = line.find('=');
    if (line.ends_with("// marker") && equals != std::string_view::npos) {
      std::size_t at = line.find_first_of("0123456789", equals);
      Marker marker{0, begin + at};
      for (; at < line.size() && line[at] >= '0' && line[at] <= '9'; ++at)
        marker.value = marker.value * 10 + static_cast<std::uint64_t>(line[at] - '0');
      if (marker.text_offset < end) markers.push_back(marker);
    }
    begin = end + 1;
  }
  return markers;
}

std::uint64_t MarkerReport::count(std::string_view packer, const char* buffer, std::string_view phase,
                                  const char* kind) const {
  return static_cast<std::uint64_t>(std::ranges::count_if(accesses, [&](const MarkerAccess& row) {
    return row.packer == packer && (buffer == nullptr || row.buffer == std::string_view(buffer)) && row.phase == phase &&
           (kind == nullptr || row.kind == std::string_view(kind));
  }));
}

Result<MarkerReport> measure_markers(std::string_view sample, const perf::OpenEvent& open) {
  // Copies: the sample itself may lie anywhere, next to what others read.
  const std::vector<std::uint8_t> text(sample.begin(), sample.end()), twin = text;
  const std::vector<Marker> markers = find_markers(sample);
  MarkerReport report;
  report.markers = markers.size();
  report.sample_bytes = text.size();

  // Once without breakpoints: the sizes, and what all passes must repeat.
  const Result<std::vector<std::uint8_t>> pack = pack_by_libgit2(text, twin, {}),
                                          stream = deflate_by_zlib(text, twin, {});
  if (!pack) return std::unexpected(pack.error());
  if (!stream) return std::unexpected(stream.error());
  report.pack_bytes = pack->size();
  report.zlib_bytes = stream->size();

  Names names;
  const std::vector<std::vector<Marker>> groups = passes_of(markers);
  for (const Place& place : kPlaces) {
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const Result<Pass> pass = run_pass(place, text, twin, groups[i], perf::WatchKind::read_write, open);
      if (!pass) return std::unexpected(pass.error());
      const Result<Pass> writes = run_pass(place, text, twin, groups[i], perf::WatchKind::write, open);
      if (!writes) return std::unexpected(writes.error());
      report.refused = pass->refused.empty() ? writes->refused : pass->refused;
      if (!report.refused.empty()) {
        report.accesses.clear(); // half of it would look like all of it
        return report;
      }
      const std::vector<std::uint8_t>& expected = place.libgit2 ? *pack : *stream;
      report.repeats = report.repeats && pass->packed == expected && writes->packed == expected;
      report.window_found = report.window_found && pass->placed;
      report.lost += pass->lost + writes->lost;
      add_pass(place, i + 1, groups[i], *pass, *writes, names, report);
    }
  }
  return report;
}

Result<void> add_markers(Database& database, const MarkerReport& report) {
  database.execute("begin");
  database.execute(R"sql(
create table if not exists marker( -- every access to the first digit of the sample's primes while it is packed
  packer text not null,         -- libgit2 (database in memory, then a pack), zlib (one deflate call)
  buffer text not null,         -- where the digit lies: text (as handed over), object (libgit2's), window (zlib's)
  value integer not null,       -- the prime
  text_offset integer not null, -- of its first digit in the sample
  access integer not null,      -- 1: the first access to this marker in this buffer
  pass integer not null,        -- markers of one pass were watched together, four at a time …
  ordinal integer not null,     -- … and this is the order of their accesses
  phase text not null,          -- before, inside, after DEFLATE: is deflate() in the call chain?
  kind text not null,           -- read, write
  function text not null,       -- library:name where exported, library+0xplace of the function where not
  stack text not null,          -- functions from the packer's entry to this one, separated by ;
  primary key (packer, buffer, pass, ordinal)) without rowid;
delete from marker)sql");
  Statement insert = database.prepare("insert into marker values (?,?,?,?,?,?,?,?,?,?,?)");
  for (const MarkerAccess& row : report.accesses)
    insert.bind(std::string_view(row.packer)).bind(std::string_view(row.buffer)).bind(row.marker.value)
        .bind(row.marker.text_offset).bind(row.access).bind(row.pass).bind(row.ordinal)
        .bind(std::string_view(row.phase)).bind(std::string_view(row.kind)).bind(std::string_view(row.function))
        .bind(std::string_view(row.stack)).run();

  Statement meta = database.prepare("insert or replace into meta values (?,?)");
  const auto note = [&](std::string_view key, const std::string& value) {
    meta.bind(key).bind(std::string_view(value)).run();
  };
  note("marker_measured", report.refused.empty() ? "hardware breakpoints" : "not measured: " + report.refused);
  note("marker_sample_bytes", std::to_string(report.sample_bytes));
  note("marker_zlib_bytes", std::to_string(report.zlib_bytes));
  note("marker_pack_bytes", std::to_string(report.pack_bytes));
  if (report.refused.empty()) {
    note("marker_lost", std::to_string(report.lost));
    note("marker_repeats", report.repeats ? "yes" : "no");
    note("marker_window", report.window_found ? "watched" : "not found among zlib's allocations");
  }
  database.execute("commit");
  return database.status();
}

} // namespace packscope::trace
