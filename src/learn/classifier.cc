// Lays a model's weights out for inference.cc.
#include "learn/classifier.h"

#include "learn/cpu/network.h"

namespace packscope::learn {

struct Classifier::State {
  Model model;
  cpu::CpuNetwork weights;
  cpu::Buffer folded; // the first layer's weights as the rung folds them, or nothing
  std::vector<std::uint32_t> heads;
  std::vector<InferenceLayer> layers;
  Inference network;

  explicit State(Model of) : model(std::move(of)), weights(model.shape, model.parameters) {
    const Rung& rung = *model.rung;
    const cpu::CpuLayer& first = weights.layers.front();
    if (rung.fold != nullptr) {
      folded = cpu::Buffer(rung.folded_width * first.columns);
      rung.fold({first.weight.data(), first.columns, &model.standard}, folded.data());
    }
    for (const cpu::CpuLayer& layer : weights.layers)
      layers.push_back({.inputs = layer.inputs, .columns = layer.columns, .weight = layer.weight.data(), .bias = layer.bias()});
    if (rung.fold != nullptr) layers.front().weight = folded.data();
    heads = model.shape.heads.empty() ? std::vector{model.shape.classes()} : model.shape.heads;
    network = {.rung = &rung, .kernels = &cpu::kernels(cpu::supported_levels().back()), .activation = model.shape.activation,
               .temperature = model.temperature, .layers = layers, .heads = heads, .mean = model.standard.mean,
               .scale = model.standard.scale};
  }
};

Classifier::Classifier(Model model) : state_(new State(std::move(model))) {}
Classifier::Classifier(Classifier&&) noexcept = default;
Classifier::~Classifier() = default;

const Model& Classifier::model() const { return state_->model; }
const Inference& Classifier::network() const { return state_->network; }

Classifier::Room Classifier::room() const {
  Room room;
  const std::size_t bytes = inference_room_bytes(network());
  room.memory_ = cpu::Buffer(bytes / sizeof(float) + 1);
  room.room_ = inference_room(network(), {reinterpret_cast<std::uint8_t*>(room.memory_.data()), bytes});
  return room;
}

} // namespace packscope::learn
