// Even spreading; see sample.h.
#include "patterns/sample.h"

#include <algorithm>

namespace packscope::patterns {

namespace {

constexpr std::uint64_t kPiece = std::uint64_t{32} << 10;
constexpr std::uint64_t kLeast = std::uint64_t{4} << 10; // of a file, if it has as much

void take(Sample& sample, Bytes piece) {
  sample.text.insert(sample.text.end(), piece.begin(), piece.end());
  for (std::size_t left = piece.size(); left > 0; --left)
    sample.room.push_back(static_cast<std::uint8_t>(std::min<std::size_t>(left, Sample::kFar)));
}

// `quota` bytes of a file: its beginning, its end, and what lies evenly between.
void spread(Sample& sample, Bytes file, std::uint64_t quota) {
  if (quota >= file.size()) return take(sample, file);
  const std::uint64_t count = std::max<std::uint64_t>((quota + kPiece - 1) / kPiece, std::min<std::uint64_t>(2, quota));
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t size = quota / count;
    const std::uint64_t at = count == 1 ? 0 : static_cast<std::uint64_t>(
        static_cast<long double>(file.size() - size) * static_cast<long double>(i) / static_cast<long double>(count - 1));
    take(sample, file.subspan(at, size));
  }
}

void fill(Sample& sample, std::span<const Input> files, std::uint64_t capacity) {
  std::uint64_t total = 0;
  for (const Input& file : files) total += file.bytes.size();
  if (total <= capacity) {
    for (const Input& file : files) take(sample, file.bytes);
    return;
  }
  // More files than can each give something worth having: every nth of them.
  const std::size_t step = std::max<std::size_t>(1, (files.size() * kLeast + capacity - 1) / std::max<std::uint64_t>(capacity, 1));
  std::uint64_t chosen = 0, small = 0;
  for (std::size_t i = 0; i < files.size(); i += step) {
    chosen += files[i].bytes.size();
    small += std::min<std::uint64_t>(kLeast, files[i].bytes.size());
  }
  // What every file gives at least, and beyond it by size.
  const double share = chosen <= small || capacity <= small
                           ? 0
                           : std::min(1.0, static_cast<double>(capacity - small) / static_cast<double>(chosen - small));
  const std::size_t begin = sample.text.size();
  for (std::size_t i = 0; i < files.size(); i += step) {
    const std::uint64_t size = files[i].bytes.size(), least = std::min(kLeast, size);
    const std::uint64_t quota = least + static_cast<std::uint64_t>(share * static_cast<double>(size - least));
    const std::uint64_t left = capacity - std::min<std::uint64_t>(capacity, sample.text.size() - begin);
    spread(sample, files[i].bytes, std::min(quota, left));
  }
}

} // namespace

Sample draw_sample(std::span<const Input> inputs, std::span<const Input> against, std::size_t capacity) {
  Sample sample;
  std::uint64_t total = 0, negative = 0;
  for (const Input& input : inputs) total += input.bytes.size();
  for (const Input& input : against) negative += input.bytes.size();
  const std::uint64_t reserved = std::min<std::uint64_t>(negative, capacity / 4);
  const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(total, capacity - reserved) + reserved);
  sample.text.reserve(size);
  sample.room.reserve(size);
  fill(sample, inputs, capacity - reserved);
  sample.positive = sample.text.size();
  fill(sample, against, reserved);
  return sample;
}

} // namespace packscope::patterns
