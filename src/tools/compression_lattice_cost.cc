// compression_lattice cost: each library and level over a sample of the packs' blobs.
#include "tools/compression_lattice.h"

#include "base/text.h"
#include "encoders/cost.h"
#include "learn/spread.h"
#include "learn/split.h"

#include <algorithm>
#include <cstdio>

namespace packscope::tools {
namespace {

struct CostOptions {
  ReadOptions read;
  std::size_t blobs = 300, counted = 12;
  std::uint64_t max_blob = 64 << 10, max_counted = 4096;
  std::uint64_t steps = 1'000'000;
  bool no_cost = false;
};

using Text = std::vector<std::uint8_t>;

// A spread of all blobs there are, by id; those that are small enough to be counted step by step first.
std::vector<Text> find_texts(const CostOptions& options, Report& report) {
  learn::Spread<Text> spread(options.blobs);
  Progress progress("reading blobs", 0, "blobs", options.read.progress());
  for_each_repository(options.read, report, [&](pack::Repository& repository) {
    repository.for_each_blob(
        options.read.scope(),
        [&](const pack::BlobPath& blob) {
          progress.advance();
          const pack::Outcome<std::uint64_t> size = repository.store().size_of(blob.at);
          if (!size) return report.error(repository.store().error(blob.at, size.error()));
          if (*size == 0 || *size > options.max_blob || !pack::is_file(blob.mode)) return;
          spread.offer(learn::stable_hash(as_text(blob.id.raw())), [&] {
            const pack::Outcome<pack::ObjectPtr> object = repository.store().read(blob.at);
            if (!object) report.error(repository.store().error(blob.at, object.error()));
            return object ? Text((*object)->data.begin(), (*object)->data.end()) : Text();
          });
        },
        [&](const Error& error) { report.error(error); });
  });
  std::vector<Text> texts = spread.take();
  std::erase_if(texts, [](const Text& text) { return text.empty(); });
  std::ranges::stable_partition(texts, [&](const Text& text) { return text.size() <= options.max_counted && text.size() * 4 >= options.max_counted; });
  return texts;
}

// Costs are a few digits long: the same each time on one processor, but not from one to the next.
double rounded(double value) { return static_cast<double>(static_cast<std::int64_t>(value * 100 + 0.5)) / 100; }

void write_level(Output& output, const encoders::LevelCost& cost) {
  JsonWriter json;
  const auto number = [&](const char* name, const std::optional<double>& value) {
    value ? json.field(name, rounded(*value)) : json.null_field(name);
  };
  json.begin_object().field("library", name(cost.variant.library)).field("version", version(cost.variant.library));
  json.field("level", cost.variant.level).field("ratio", rounded(cost.ratio() * 100) / 100);
  number("compress_instructions_per_byte", cost.compress.per_byte());
  number("decompress_instructions_per_byte", cost.decompress.per_byte());
  number("compress_instructions_per_compressed_byte", cost.compress.per_compressed_byte());
  number("decompress_instructions_per_compressed_byte", cost.decompress.per_compressed_byte());
  json.field("samples", cost.texts).field("bytes", cost.bytes).field("compressed_bytes", cost.compressed);
  json.field("compress_counted", cost.compress.texts).field("decompress_counted", cost.decompress.texts);
  cost.compress.texts + cost.decompress.texts > 0 ? json.field("measured", perf::kSingleSteps) : json.null_field("measured");
  output.line(json.end_object());
}

std::string column(const std::optional<double>& value) {
  char text[32];
  std::snprintf(text, sizeof text, "%9.1f", value.value_or(0));
  return value ? text : "        –";
}

void print_level(Output& output, const encoders::LevelCost& cost) {
  char text[64];
  std::snprintf(text, sizeof text, "%-10s %5u %7.3f ", std::string(name(cost.variant.library)).c_str(), cost.variant.level, cost.ratio());
  output.write(text + column(cost.compress.per_byte()) + column(cost.compress.per_compressed_byte()) + column(cost.decompress.per_byte()) +
               column(cost.decompress.per_compressed_byte()) + "\n");
}

int run_cost(const CostOptions& options) {
  Report report;
  report.quiet = options.read.quiet;
  const std::vector<Text> texts = find_texts(options, report);
  std::size_t counted = 0;
  while (counted < std::min(options.counted, texts.size()) && texts[counted].size() <= options.max_counted) ++counted;
  if (options.no_cost) counted = 0;
  std::vector<encoders::Variant> variants;
  using encoders::Library;
  for (const Library library : {Library::zlib, Library::zlib_ng, Library::libdeflate, Library::isa_l}) {
    if (version(library).empty()) {
      report.note(std::string(name(library)) + " is not here: its cost is not measured");
      continue;
    }
    for (const encoders::Variant& variant : encoders::usual_variants(library)) variants.push_back(variant);
  }
  Output output;
  if (!options.read.json && !texts.empty())
    output.write("library    level   ratio  compress: instructions   decompress: instructions\n"
                 "                          a byte  a compr. byte     a byte  a compr. byte\n");
  std::string refused;
  std::uint64_t bytes = 0;
  {
    Progress progress("levels", variants.size(), "levels", options.read.progress());
    for (const encoders::Variant& variant : variants) {
      if (texts.empty()) break;
      const std::unique_ptr<encoders::Encoder> encoder = make_encoder(variant.library);
      const Result<encoders::LevelCost> cost = measure_level(*encoder, variant, texts, counted, {.enough = options.steps, .most = options.steps * 8});
      progress.advance();
      if (!cost) {
        report.error(cost.error());
        continue;
      }
      if (refused.empty()) refused = cost->refused;
      bytes = cost->bytes;
      options.read.json ? write_level(output, *cost) : print_level(output, *cost);
    }
  }
  if (!refused.empty()) report.note("instructions are not measured: " + refused);
  if (texts.empty()) report.note("no blob of at most " + human_bytes(options.max_blob));
  if (!options.read.json && !texts.empty())
    output.write("ratio: of " + human_count(texts.size()) + " blobs, " + human_bytes(bytes) + ". Instructions: " +
                 (counted == 0 ? "not measured" : "user instructions by single steps, over up to " + std::to_string(counted) + " of them of at most " +
                  human_bytes(options.max_counted)) + "; each library decompresses what it compressed\n");
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_cost(CLI::App& app) {
  auto options = std::make_shared<CostOptions>();
  add_read_options(app, options->read);
  app.add_option("--blobs", options->blobs, "Blobs that are compressed, spread over all [300]")->type_name("N")->check(CLI::Range(1u, 1u << 24));
  add_size_option(app, "--max-blob", options->max_blob, "Larger blobs are left out [64KiB]");
  app.add_option("--counted", options->counted, "Blobs whose instructions are counted [12]")->type_name("N")->check(CLI::Range(1u, 1u << 20));
  add_size_option(app, "--max-counted", options->max_counted, "Of blobs of at most this size, and a quarter of it at least [4KiB]");
  app.add_option("--cost-steps", options->steps, "A level that has taken so many steps is given no further blob; one may take eight times as many [1000000]")
      ->type_name("N")
      ->check(CLI::Range(1u, 1u << 28));
  app.add_flag("--no-cost", options->no_cost, "Count no instructions");
  app.footer("Example:\n  packscope compression_lattice cost --cost-steps 200000 .");
  return [options] { return run_cost(*options); };
}

} // namespace packscope::tools
