// compression_lattice: who compressed this, what compressing costs, and compression as a classifier. This file: its
// subcommands; each has a file.
#include "tools/compression_lattice.h"

#include "tools/commands.h"

#include <map>

namespace packscope::tools {

using encoders::Library;
using encoders::Strategy;
using encoders::Variant;

void write_variants(JsonWriter& json, const encoders::VariantSet& set, unsigned window_bits) {
  json.begin_array();
  for (const Variant& one : set.list(window_bits)) {
    json.begin_object().field("library", name(one.library)).field("level", one.level);
    one.mem_level == 0 ? json.null_field("mem_level") : json.field("mem_level", one.mem_level);
    one.strategy == Strategy::none ? json.null_field("strategy") : json.field("strategy", name(one.strategy));
    json.field("window_bits", one.window_bits).end_object();
  }
  json.end_array();
}

// "8", "8–9", "1–4, 8"
static std::string ranges(const std::vector<unsigned>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    text += (text.empty() ? "" : ", ") + std::to_string(numbers[i]);
    if (end - i > 1) text += (end - i > 2 ? "–" : ", ") + std::to_string(numbers[end - 1]);
    i = end;
  }
  return text;
}

std::string describe(const encoders::VariantSet& set, unsigned window_bits) {
  // Levels that share their memory levels are named together.
  std::map<std::tuple<Library, Strategy, unsigned>, std::vector<unsigned>> memory;
  for (unsigned number = 0; number < encoders::kVariants; ++number) {
    if (!set.has(number)) continue;
    const Variant one = encoders::variant_of(number, window_bits);
    memory[{one.library, one.strategy, one.level}].push_back(one.mem_level);
  }
  std::map<std::tuple<Library, Strategy, std::vector<unsigned>>, std::vector<unsigned>> levels;
  for (const auto& [key, mem_levels] : memory) {
    const auto& [library, strategy, level] = key;
    levels[{library, strategy, mem_levels}].push_back(level);
  }
  std::string text;
  for (const auto& [key, own] : levels) {
    const auto& [library, strategy, mem_levels] = key;
    text += (text.empty() ? "" : "; or ") + std::string(name(library)) + " level " + ranges(own);
    if (strategy != Strategy::none && strategy != Strategy::standard) text += ", " + std::string(name(strategy));
    if (mem_levels != std::vector<unsigned>{0}) text += (library == Library::isa_l ? ", level buffer " : ", memory level ") + ranges(mem_levels);
  }
  if (!text.empty() && window_bits != 15) text += ", window 2^" + std::to_string(window_bits);
  return text;
}

std::function<int()> configure_compression_lattice(CLI::App& app) {
  app.require_subcommand(1, 1);
  auto chosen = std::make_shared<std::function<int()>>();
  const auto add = [&](const char* name, const char* purpose, std::function<int()> (*configure)(CLI::App&)) {
    CLI::App* sub = app.add_subcommand(name, purpose);
    const std::function<int()> action = configure(*sub);
    sub->callback([chosen, action] { *chosen = action; });
  };
  add("fingerprint", "Which encoders reproduce each stream bit for bit, and which of them wrote the pack", configure_fingerprint);
  add("cost", "What each library's levels cost over the packs' blobs: ratio, instructions a byte both ways", configure_cost);
  add("classify", "zlib's memory as a model: the class whose preset dictionary compresses a blob's beginning best", configure_classify);
  return [chosen] { return (*chosen)(); };
}

} // namespace packscope::tools
