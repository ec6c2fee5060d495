// A classifier's network as one piece of bytes that is used where it lies: what an image without an OS carries (boot/).
//
//   frozen := head zero-pad-to-64 part{…}     parts, each on a 64-byte boundary, in this order:
//   part   := classes of each question:4{heads} | labels, each ended by NUL | mean:f4{width} | scale:f4{width}
//           | per layer: inputs:4 rows:4 columns:4, then weight:f4{rows × columns}, then bias:f4{columns}
//
// Little endian. mean and scale only where the rung is standardised and not folded. The first layer is as the rung folds it. Made by the
// build from the weights that it ships, for the same build: there is no version to keep.
#pragma once

#include "learn/inference.h"

#include <optional>
#include <string_view>

namespace packscope::learn {

struct FrozenHead {
  char magic[8]; // "PSFROZEN"
  char rung[16]; // name, ended by NUL
  std::uint32_t size; // of all
  std::uint32_t activation, heads, labels, label_bytes, layers;
  float temperature;
};
inline constexpr std::size_t kFrozenBoundary = 64, kFrozenLayers = 4, kFrozenLabels = 64;

class Frozen {
public:
  // `bytes`: on a 64-byte boundary, may be followed by others; must outlive this. `rungs`: what the program has. Nullopt: not
  // whole, or of another rung.
  static std::optional<Frozen> read(Bytes bytes, std::span<const Rung> rungs);

  Inference network(const cpu::Kernels& kernels) const;
  std::span<const std::string_view> labels() const { return std::span(labels_).first(label_count_); }
  std::string_view rung_name() const { return rung_->name; }
  std::size_t size() const { return size_; }

private:
  const Rung* rung_ = nullptr;
  Activation activation_ = Activation::relu;
  float temperature_ = 1.0f;
  std::span<const std::uint32_t> heads_;
  std::span<const float> mean_, scale_;
  std::array<InferenceLayer, kFrozenLayers> layers_;
  std::array<std::string_view, kFrozenLabels> labels_;
  std::size_t layer_count_ = 0, label_count_ = 0, size_ = 0;
};

} // namespace packscope::learn
