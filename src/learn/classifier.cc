// One row through the CPU's kernels. Sums run in the order in which the rung reads its features: the same bits everywhere.
#include "learn/classifier.h"

#include "learn/cpu/network.h"
#include "learn/metrics.h"

#include <algorithm>

namespace packscope::learn {

struct Classifier::State {
  Model model;
  cpu::CpuNetwork network;
  const cpu::Kernels& kernels;
  std::vector<std::uint32_t> heads;
  cpu::Buffer folded; // the first layer's weights as the rung folds them, or nothing
  const float* first() const { return folded.size() > 0 ? folded.data() : network.layers[0].weight.data(); }
};

Classifier::Classifier(Model model)
    : state_(new State{.model = std::move(model), .network = {{}, {}}, .kernels = cpu::kernels(cpu::supported_levels().back()), .heads = {}, .folded = cpu::Buffer(0)}) {
  state_->network = cpu::CpuNetwork(state_->model.shape, state_->model.parameters);
  if (const Rung& rung = *state_->model.rung; rung.fold != nullptr) {
    const cpu::CpuLayer& first = state_->network.layers.front();
    state_->folded = cpu::Buffer(rung.folded_width * first.columns);
    rung.fold({first.weight.data(), first.columns, &state_->model.standard}, state_->folded.data());
  }
  const Shape& shape = state_->model.shape;
  state_->heads = shape.heads.empty() ? std::vector{shape.classes()} : shape.heads;
}
Classifier::Classifier(Classifier&&) noexcept = default;
Classifier::~Classifier() = default;

const Model& Classifier::model() const { return state_->model; }

Classifier::Room Classifier::room() const {
  Room room;
  const Model& model = state_->model;
  room.units_.resize(model.rung->most_units);
  room.valued_.resize(model.rung->most_valued);
  if (model.rung->standardised && model.rung->fold == nullptr) room.dense_.resize(model.rung->width);
  std::size_t widest = 0;
  for (const cpu::CpuLayer& layer : state_->network.layers) widest = std::max(widest, layer.columns);
  for (std::vector<float>& layer : room.layers_) layer.resize(widest);
  room.head_.resize(cpu::padded(*std::ranges::max_element(state_->heads)));
  room.probabilities_.resize(cpu::padded(model.shape.classes()) + cpu::kLanes); // the last question's padding too
  return room;
}

Classifier::Answer Classifier::answer(const Source& source, Room& room) const {
  const State& state = *state_;
  const Model& model = state.model;
  Row row(room.units_, room.valued_, model.rung->fold != nullptr);
  Answer answer;
  answer.fault = model.rung->read(source, row);
  const std::vector<cpu::CpuLayer>& layers = state.network.layers;
  float* out = layers.size() == 1 ? room.probabilities_.data() : room.layers_[0].data();
  if (model.rung->standardised && model.rung->fold == nullptr) {
    std::fill(room.dense_.begin(), room.dense_.end(), 0.0f);
    for (const Feature& feature : row.valued()) room.dense_[feature.index] += feature.value;
    model.standard.apply(room.dense_);
    state.kernels.product({.a = room.dense_.data(), .a_row = 0, .a_step = 1, .b = layers[0].weight.data(),
                           .start = layers[0].bias(), .c = out, .rows = 1, .depth = layers[0].inputs,
                           .columns = layers[0].columns});
  } else {
    state.kernels.sparse_product({.units = row.units(), .row = row.valued(), .b = state.first(), .start = layers[0].bias(),
                                  .out = out, .columns = layers[0].columns});
  }
  if (layers.size() == 2 && state.heads.size() == 1 && layers[1].columns == cpu::kLanes && layers[0].columns <= cpu::kMostHidden) {
    answer.label = state.kernels.last_layer({.hidden = out, .b = layers[1].weight.data(), .start = layers[1].bias(),
                                             .out = room.probabilities_.data(), .depth = layers[1].inputs,
                                             .classes = state.heads[0], .activation = model.shape.activation,
                                             .inverse_temperature = 1.0f / model.temperature});
    answer.confidence = room.probabilities_[answer.label];
    return answer;
  }
  for (std::size_t i = 1; i < layers.size(); ++i) {
    const cpu::CpuLayer& layer = layers[i];
    state.kernels.activate(model.shape.activation, out, layers[i - 1].columns);
    float* next = i + 1 == layers.size() ? room.probabilities_.data() : room.layers_[i % 2].data();
    state.kernels.product({.a = out, .a_row = 0, .a_step = 1, .b = layer.weight.data(), .start = layer.bias(), .c = next,
                           .rows = 1, .depth = layer.inputs, .columns = layer.columns});
    out = next;
  }
  const float inverse = 1.0f / model.temperature;
  for (std::size_t i = 0; i < model.shape.classes(); ++i) out[i] *= inverse;
  if (state.heads.size() == 1) {
    state.kernels.softmax(out, state.heads[0]);
  } else {
    std::size_t at = 0;
    for (const std::uint32_t size : state.heads) { // the kernel writes whole vectors: each question in a copy
      float* head = room.head_.data();
      std::copy_n(out + at, size, head);
      std::fill(head + size, head + cpu::padded(size), 0.0f);
      state.kernels.softmax(head, size);
      std::copy_n(head, size, out + at);
      at += size;
    }
  }
  answer.label = best(std::span<const float>(out, state.heads[0]));
  answer.confidence = out[answer.label];
  return answer;
}

} // namespace packscope::learn
