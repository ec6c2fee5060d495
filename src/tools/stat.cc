// packscope stat: what is in each pack.
//
// One record a pack; the loose objects of a repository are counted as one more, named "loose". Records of
// packs in a repository carry "repo" and "pack"; with --objects each pack's objects come before its own
// record, in pack order (loose ones in id order, with "offset" null). "block_types" counts the first block of
// each stream.
#include "tools/census.h"
#include "tools/commands.h"

#include "base/text.h"
#include "deflate/block.h"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <utility>

namespace packscope::tools {

namespace {

struct StatOptions {
  ReadOptions read;
  bool decode = false, verify = false, objects = false;
};

constexpr pack::ObjectType kTypes[] = {pack::ObjectType::commit, pack::ObjectType::tree,
                                       pack::ObjectType::blob, pack::ObjectType::tag};

std::string hex_header(std::uint16_t cmf_flg) {
  const std::uint8_t bytes[] = {static_cast<std::uint8_t>(cmf_flg >> 8), static_cast<std::uint8_t>(cmf_flg)};
  return hex(Bytes(bytes));
}

class Stat {
public:
  explicit Stat(const StatOptions& options) : options_(options) { report_.quiet = options.read.quiet; }

  int run() {
    for_each_repository(options_.read, report_, [this](pack::Repository& repository) {
      for (std::uint32_t pack = 0; pack < repository.store().packs().size(); ++pack) one(repository, pack);
      if (repository.store().loose_count() > 0) one(repository, pack::kLoose);
    });
    output_.finish(report_);
    return report_.exit_code();
  }

private:
  bool decode() const { return options_.decode || options_.verify; }

  void one(pack::Repository& repository, std::uint32_t number) {
    const Census census = take_census(
        repository.store(), number,
        {.decode = decode(), .verify = options_.verify, .sizes = options_.objects}, options_.read, report_);
    if (options_.objects) {
      for (std::uint32_t entry = 0; entry < census.rows.size(); ++entry)
        object(repository, census, {number, entry}, census.rows[entry]);
    }
    if (options_.read.json)
      record(repository, census);
    else
      table(repository, census);
  }

  void begin(const pack::Source& source, const Census& census) {
    begin_record(json_, source);
    if (source.repository) json_.path_field("pack", census.pack);
  }

  // The id that a REF_DELTA names, whether that object is at hand or not.
  static std::optional<pack::ObjectId> stated_base(const pack::Store& store, pack::Location at) {
    if (at.pack == pack::kLoose) return {};
    const pack::Outcome<pack::EntryHeader> header = store.packs()[at.pack].header(at.entry);
    if (!header || header->type != pack::EntryType::ref_delta) return {};
    return header->base_id;
  }

  void object(pack::Repository& repository, const Census& census, pack::Location at, const Census::Row& row) {
    const pack::Store& store = repository.store();
    const std::optional<pack::ObjectId> id = store.id_of(at);
    const pack::Outcome<std::uint32_t> depth = store.depth_of(at);
    const pack::Outcome<std::optional<pack::Location>> base = store.base_of(at);
    std::optional<pack::ObjectId> base_id;
    if (base && *base) base_id = store.id_of(**base);
    if (!base_id) base_id = stated_base(store, at);
    const bool loose = at.pack == pack::kLoose;
    if (options_.read.json) {
      begin(repository.source(), census);
      object_field(json_, id);
      if (loose)
        json_.null_field("offset");
      else
        json_.field("offset", store.offset_of(at));
      if (row.type)
        json_.field("type", name(*row.type));
      else
        json_.null_field("type");
      if (row.size != Census::kNoSize)
        json_.field("size", row.size);
      else
        json_.null_field("size");
      json_.field("packed_size", packed_size(store, at));
      if (depth)
        json_.field("depth", *depth);
      else
        json_.null_field("depth");
      if (base_id)
        json_.field("base", base_id->hex());
      else
        json_.null_field("base");
      output_.line(json_.end_object());
      return;
    }
    char line[160];
    std::snprintf(line, sizeof line, " %-6s %12s %12" PRIu64 " %12" PRIu64 " %4s", row.type ? std::string(name(*row.type)).c_str() : "?",
                  row.size != Census::kNoSize ? std::to_string(row.size).c_str() : "?", packed_size(store, at), store.offset_of(at),
                  depth ? std::to_string(*depth).c_str() : "?");
    output_.write((id ? id->hex() : std::string(40, '?')) + line + (base_id ? " " + base_id->hex() : "") +
                  "\n");
  }

  void record(pack::Repository& repository, const Census& census) {
    begin(repository.source(), census);
    json_.field("objects", census.objects).key("by_type").begin_object();
    for (const pack::ObjectType type : kTypes)
      json_.field(name(type), census.by_type[static_cast<std::size_t>(type)]);
    json_.end_object().field("deltas", census.deltas).field("max_depth", census.max_depth);
    json_.field("packed_bytes", census.packed_bytes).field("inflated_bytes", census.inflated_bytes);
    if (decode()) json_.field("resolved_bytes", census.resolved_bytes);
    json_.key("zlib_headers").begin_object();
    for (const auto& [header, count] : census.zlib_headers) json_.field(hex_header(header), count);
    json_.end_object().key("block_types").begin_object();
    for (unsigned type = 0; type < 3; ++type)
      json_.field(deflate::name(static_cast<deflate::BlockType>(type)), census.block_types[type]);
    json_.end_object();
    json_.key("depths").begin_object();
    for (std::size_t depth = 0; depth < census.depths.size(); ++depth)
      if (census.depths[depth] > 0) json_.field(std::to_string(depth), census.depths[depth]);
    json_.end_object();
    if (!census.largest.empty()) {
      json_.key("largest").begin_array();
      for (const std::uint32_t entry : census.largest) {
        json_.begin_object();
        object_field(json_, repository.store().id_of(location(census, entry)));
        json_.field("type", name(*census.rows[entry].type)).field("size", census.rows[entry].size).end_object();
      }
      json_.end_array();
    }
    if (options_.verify) json_.field("verified", census.verified);
    output_.line(json_.field("errors", census.errors).end_object());
  }

  static pack::Location location(const Census& census, std::uint32_t entry) { return {census.number, entry}; }

  // Bins that grow as real chains do; git's own limit is 50 when packing, 250 with --aggressive, 4095 at most.
  void depth_rows(const Census& census) {
    constexpr std::size_t kFrom[] = {0, 1, 2, 5, 10, 20, 50, 100, 250};
    constexpr std::size_t kBins = std::size(kFrom);
    constexpr std::uint64_t kWidth = 40;
    std::array<std::uint64_t, kBins> counts = {};
    for (std::size_t depth = 0; depth < census.depths.size(); ++depth)
      counts[static_cast<std::size_t>(std::upper_bound(kFrom, kFrom + kBins, depth) - kFrom) - 1] += census.depths[depth];
    const std::uint64_t most = std::max<std::uint64_t>(1, *std::ranges::max_element(counts));
    std::string title = "delta depth";
    for (std::size_t bin = 0; bin < kBins; ++bin) {
      if (counts[bin] == 0) continue;
      const bool last = bin + 1 == kBins;
      std::string range = std::to_string(kFrom[bin]);
      if (last) range += " and more";
      else if (kFrom[bin + 1] - 1 > kFrom[bin]) range += "–" + std::to_string(kFrom[bin + 1] - 1);
      char line[64];
      // The dash is three bytes and one column.
      std::snprintf(line, sizeof line, "%-*s %11s ", range.find("–") == std::string::npos ? 8 : 10, range.c_str(),
                    human_count(counts[bin]).c_str());
      row(std::exchange(title, ""), line + std::string(std::max<std::uint64_t>(1, counts[bin] * kWidth / most), '#'));
    }
  }

  void largest_rows(pack::Repository& repository, const Census& census) {
    for (const std::uint32_t entry : census.largest) {
      const std::optional<pack::ObjectId> id = repository.store().id_of(location(census, entry));
      row(entry == census.largest.front() ? "largest" : "", human_bytes(census.rows[entry].size) + "  " + std::string(name(*census.rows[entry].type)) + " " +
                         (id ? id->hex() : "without id"));
    }
  }

  void row(const std::string& title, const std::string& text) {
    output_.write("  " + title + std::string(title.size() < 14 ? 14 - title.size() : 1, ' ') + text + "\n");
  }

  void table(pack::Repository& repository, const Census& census) {
    const pack::Source& source = repository.source();
    output_.write(printable(source.repository ? source.name + ": " + census.pack : source.name) + "\n");
    std::string types, headers, blocks;
    for (const pack::ObjectType type : kTypes)
      types += (types.empty() ? "" : ", ") + human_count(census.by_type[static_cast<std::size_t>(type)]) +
               " " + std::string(name(type)) +
               (census.by_type[static_cast<std::size_t>(type)] == 1 ? "" : "s");
    for (const auto& [header, count] : census.zlib_headers)
      headers += (headers.empty() ? "" : ", ") + hex_header(header) + ": " + human_count(count);
    for (unsigned type = 0; type < 3; ++type)
      blocks += (blocks.empty() ? "" : ", ") +
                std::string(deflate::name(static_cast<deflate::BlockType>(type))) + ": " +
                human_count(census.block_types[type]);
    row("objects", human_count(census.objects) + " (" + types + ")");
    row("deltas", human_count(census.deltas) + " (longest chain: " + human_count(census.max_depth) + ")");
    depth_rows(census);
    row("packed", human_bytes(census.packed_bytes));
    row("inflated", human_bytes(census.inflated_bytes));
    if (decode()) row("resolved", human_bytes(census.resolved_bytes));
    row("zlib headers", headers);
    row("first blocks", blocks);
    largest_rows(repository, census);
    if (options_.verify) row("verified", human_count(census.verified));
    row("errors", human_count(census.errors));
  }

  const StatOptions& options_;
  Report report_;
  Output output_;
  JsonWriter json_;
};

} // namespace

std::function<int()> configure_stat(CLI::App& app) {
  auto options = std::make_shared<StatOptions>();
  add_read_options(app, options->read, {.scope = false});
  app.add_flag("--decode", options->decode, "Resolve every object");
  app.add_flag("--verify", options->verify,
               "Resolve and check every object id, and the checksums of pack and index");
  app.add_flag("--objects", options->objects,
               "One line an object: id, type, size, packed size, offset, depth, base");
  app.footer("\"block_types\" (first blocks) counts the first DEFLATE block of each stream, which its third byte tells; "
             "later blocks\nare found only by decoding all before them.");
  return [options] { return Stat(*options).run(); };
}

} // namespace packscope::tools
