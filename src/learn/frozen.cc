// Read where it lies; see frozen.h for the grammar. Bounds idiom: take() checks what is left, and everything goes through it.
#include "learn/frozen.h"

namespace packscope::learn {
namespace {

class Reader {
public:
  explicit Reader(Bytes bytes) : bytes_(bytes) {}
  template <class T>
  std::span<const T> take(std::size_t count) { // empty where it is not there
    at_ = (at_ + kFrozenBoundary - 1) / kFrozenBoundary * kFrozenBoundary;
    if (at_ > bytes_.size() || count > (bytes_.size() - at_) / sizeof(T)) {
      at_ = bytes_.size();
      return {};
    }
    const T* from = reinterpret_cast<const T*>(bytes_.data() + at_);
    at_ += count * sizeof(T);
    return {from, count};
  }

private:
  Bytes bytes_;
  std::size_t at_ = 0;
};

const Rung* find(std::span<const Rung> rungs, const FrozenHead& head) {
  const std::string_view field(head.rung, sizeof head.rung);
  for (const Rung& rung : rungs)
    if (field.substr(0, field.find('\0')) == rung.name) return &rung;
  return nullptr;
}

} // namespace

std::optional<Frozen> Frozen::read(Bytes bytes, std::span<const Rung> rungs) {
  const std::span<const FrozenHead> head = Reader(bytes).take<FrozenHead>(1);
  if (head.empty() || std::string_view(head[0].magic, sizeof head[0].magic) != "PSFROZEN" || head[0].size > bytes.size()) return {};
  const FrozenHead& stated = head[0];
  Frozen frozen;
  frozen.rung_ = find(rungs, stated);
  if (frozen.rung_ == nullptr || stated.layers == 0 || stated.layers > kFrozenLayers || stated.labels > kFrozenLabels) return {};
  frozen.size_ = stated.size;
  frozen.activation_ = static_cast<Activation>(stated.activation);
  frozen.temperature_ = stated.temperature;
  Reader reader(bytes.first(stated.size));
  reader.take<FrozenHead>(1);
  frozen.heads_ = reader.take<std::uint32_t>(stated.heads);
  std::string_view text = as_text(reader.take<std::uint8_t>(stated.label_bytes));
  for (std::size_t end; frozen.label_count_ < stated.labels && (end = text.find('\0')) != text.npos; text.remove_prefix(end + 1))
    frozen.labels_[frozen.label_count_++] = text.substr(0, end);
  if (frozen.rung_->standardised && frozen.rung_->fold == nullptr) {
    frozen.mean_ = reader.take<float>(frozen.rung_->width);
    frozen.scale_ = reader.take<float>(frozen.rung_->width);
  }
  for (; frozen.layer_count_ < stated.layers; ++frozen.layer_count_) {
    const std::span<const std::uint32_t> shape = reader.take<std::uint32_t>(3);
    if (shape.empty()) return {};
    const std::span<const float> weight = reader.take<float>(std::size_t{shape[1]} * shape[2]), bias = reader.take<float>(shape[2]);
    if (bias.empty()) return {};
    frozen.layers_[frozen.layer_count_] = {.inputs = shape[0], .columns = shape[2], .weight = weight.data(), .bias = bias.data()};
  }
  if (frozen.heads_.empty() || frozen.label_count_ != stated.labels) return {};
  return frozen;
}

Inference Frozen::network(const cpu::Kernels& kernels) const {
  return {.rung = rung_, .kernels = &kernels, .activation = activation_, .temperature = temperature_,
          .layers = std::span(layers_).first(layer_count_), .heads = heads_, .mean = mean_, .scale = scale_};
}

} // namespace packscope::learn
