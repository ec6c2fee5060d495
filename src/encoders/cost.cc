// Right first, then small, then counted.
#include "encoders/cost.h"

#include <algorithm>

namespace packscope::encoders {

static std::optional<double> divided(std::uint64_t sum, std::uint64_t by) {
  if (by == 0) return std::nullopt;
  return static_cast<double>(sum) / static_cast<double>(by);
}
std::optional<double> Instructions::per_byte() const { return divided(instructions, bytes); }
std::optional<double> Instructions::per_compressed_byte() const { return divided(instructions, compressed); }

Result<LevelCost> measure_level(Encoder& encoder, const Variant& variant, const std::vector<std::vector<std::uint8_t>>& texts,
                                std::size_t counted, perf::StepLimits limits) {
  LevelCost cost{.variant = variant, .texts = texts.size()};
  counted = std::min(counted, texts.size());
  std::vector<std::vector<std::uint8_t>> streams(counted);
  std::vector<std::uint8_t> other, back;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::vector<std::uint8_t>& stream = i < counted ? streams[i] : other;
    back.assign(texts[i].size(), 0);
    if (!encoder.compress(variant, texts[i], stream) || !encoder.decompress(stream, back) || back != texts[i])
      return fail(std::string(name(variant.library)) + " level " + std::to_string(variant.level) + " does not give a text of " +
                  std::to_string(texts[i].size()) + " bytes back");
    cost.bytes += texts[i].size();
    cost.compressed += stream.size();
  }
  const auto count = [&](Instructions& sum, const std::function<void(std::size_t)>& work) {
    const Result<std::vector<std::uint64_t>> steps = perf::count_steps(counted, work, limits);
    if (!steps) {
      cost.refused = steps.error().text();
      return;
    }
    for (const std::uint64_t own : *steps) {
      sum.instructions += own;
      sum.bytes += texts[sum.texts].size();
      sum.compressed += streams[sum.texts++].size();
    }
    if (sum.texts == 0) cost.refused = "single steps: a text takes more than " + std::to_string(limits.most);
  };
  if (counted == 0) return cost;
  std::size_t largest = 0;
  for (std::size_t i = 0; i < counted; ++i) largest = std::max(largest, texts[i].size());
  back.resize(largest);
  std::vector<std::uint8_t> out;
  count(cost.compress, [&](std::size_t i) { encoder.compress(variant, texts[i], out); });
  count(cost.decompress, [&](std::size_t i) { encoder.decompress(streams[i], {back.data(), texts[i].size()}); });
  return cost;
}

} // namespace packscope::encoders
