// One row through the CPU's kernels.
#include "learn/inference.h"

#include "learn/standardise.h"

#include <algorithm>

namespace packscope::learn {
namespace {

constexpr std::size_t kBoundary = 64;

// Cuts pieces off a room's bytes, or only counts them where there are none.
class Cutter {
public:
  explicit Cutter(std::uint8_t* bytes) : bytes_(bytes) {}
  template <class T>
  std::span<T> take(std::size_t count) {
    T* const at = bytes_ == nullptr ? nullptr : reinterpret_cast<T*>(bytes_ + used_);
    used_ += (count * sizeof(T) + kBoundary - 1) / kBoundary * kBoundary;
    return {at, bytes_ == nullptr ? 0 : count};
  }
  std::size_t used() const { return used_; }

private:
  std::uint8_t* bytes_;
  std::size_t used_ = 0;
};

// A standardised rung that isn't folded: its row is brought to mean 0 and deviation 1, and has no zeros then.
bool dense(const Inference& network) { return network.rung->standardised && network.rung->fold == nullptr; }

InferenceRoom cut(const Inference& network, Cutter& cutter) {
  InferenceRoom room;
  room.units = cutter.take<Unit>(network.rung->most_units);
  room.valued = cutter.take<Feature>(network.rung->most_valued);
  if (dense(network)) room.dense = cutter.take<float>(network.rung->width);
  std::size_t widest = 0;
  for (const InferenceLayer& layer : network.layers) widest = std::max(widest, layer.columns);
  for (std::span<float>& layer : room.layers) layer = cutter.take<float>(widest);
  room.head = cutter.take<float>(cpu::padded(*std::ranges::max_element(network.heads)));
  // The kernels write whole vectors: the last question's padding too.
  room.probabilities = cutter.take<float>(network.layers.back().columns + cpu::kLanes);
  return room;
}

} // namespace

std::size_t inference_room_bytes(const Inference& network) {
  Cutter cutter(nullptr);
  cut(network, cutter);
  return cutter.used();
}

InferenceRoom inference_room(const Inference& network, std::span<std::uint8_t> bytes) {
  Cutter cutter(bytes.data());
  return cut(network, cutter);
}

InferenceAnswer answer(const Inference& network, const Source& source, const InferenceRoom& room) {
  const cpu::Kernels& kernels = *network.kernels;
  const std::span<const InferenceLayer> layers = network.layers;
  Row row(room.units, room.valued, network.rung->fold != nullptr);
  InferenceAnswer answer;
  answer.fault = network.rung->read(source, row);
  float* out = layers.size() == 1 ? room.probabilities.data() : room.layers[0].data();
  const InferenceLayer& first = layers.front();
  if (dense(network)) {
    std::fill(room.dense.begin(), room.dense.end(), 0.0f);
    for (const Feature& feature : row.valued()) room.dense[feature.index] += feature.value;
    for (std::size_t i = 0; i < room.dense.size(); ++i) room.dense[i] = standardise(room.dense[i], network.mean[i], network.scale[i]);
    kernels.product({.a = room.dense.data(), .a_row = 0, .a_step = 1, .b = first.weight, .start = first.bias, .c = out,
                     .rows = 1, .depth = first.inputs, .columns = first.columns});
  } else {
    kernels.sparse_product({.units = row.units(), .row = row.valued(), .b = first.weight, .start = first.bias, .out = out,
                            .columns = first.columns});
  }
  if (layers.size() == 2 && network.heads.size() == 1 && layers[1].columns == cpu::kLanes && first.columns <= cpu::kMostHidden) {
    answer.label = kernels.last_layer({.hidden = out, .b = layers[1].weight, .start = layers[1].bias, .out = room.probabilities.data(),
                                       .depth = layers[1].inputs, .classes = network.heads[0], .activation = network.activation,
                                       .inverse_temperature = 1.0f / network.temperature});
    answer.confidence = room.probabilities[answer.label];
    return answer;
  }
  for (std::size_t i = 1; i < layers.size(); ++i) {
    kernels.activate(network.activation, out, layers[i - 1].columns);
    float* next = i + 1 == layers.size() ? room.probabilities.data() : room.layers[i % 2].data();
    kernels.product({.a = out, .a_row = 0, .a_step = 1, .b = layers[i].weight, .start = layers[i].bias, .c = next, .rows = 1,
                     .depth = layers[i].inputs, .columns = layers[i].columns});
    out = next;
  }
  std::size_t classes = 0;
  for (const std::uint32_t head : network.heads) classes += head;
  const float inverse = 1.0f / network.temperature;
  for (std::size_t i = 0; i < classes; ++i) out[i] *= inverse;
  if (network.heads.size() == 1) {
    kernels.softmax(out, classes);
  } else {
    std::size_t at = 0;
    for (const std::uint32_t size : network.heads) { // the kernel writes whole vectors: each question in a copy
      float* head = room.head.data();
      std::copy_n(out + at, size, head);
      std::fill(head + size, head + cpu::padded(size), 0.0f);
      kernels.softmax(head, size);
      std::copy_n(head, size, out + at);
      at += size;
    }
  }
  answer.label = static_cast<std::uint32_t>(std::max_element(out, out + network.heads[0]) - out); // the first greatest
  answer.confidence = out[answer.label];
  return answer;
}

} // namespace packscope::learn
