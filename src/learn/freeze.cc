// Part by part; see frozen.h for the grammar.
#include "learn/freeze.h"

#include "learn/classifier.h"
#include "learn/frozen.h"

#include <cstring>

namespace packscope::learn {
namespace {

class Writer {
public:
  template <class T>
  void part(std::span<const T> values) {
    bytes_.resize((bytes_.size() + kFrozenBoundary - 1) / kFrozenBoundary * kFrozenBoundary);
    const std::size_t at = bytes_.size();
    bytes_.resize(at + values.size_bytes());
    if (!values.empty()) std::memcpy(bytes_.data() + at, values.data(), values.size_bytes());
  }
  std::vector<std::uint8_t> finish(FrozenHead head) {
    part(std::span<const std::uint8_t>());
    head.size = static_cast<std::uint32_t>(bytes_.size());
    std::memcpy(bytes_.data(), &head, sizeof head);
    return std::move(bytes_);
  }

private:
  std::vector<std::uint8_t> bytes_;
};

} // namespace

std::vector<std::uint8_t> freeze(const Model& model) {
  const Classifier classifier(model);
  const Inference& network = classifier.network();
  std::string labels;
  for (const std::string& label : model.labels) labels += label + '\0';
  FrozenHead head = {};
  std::memcpy(head.magic, "PSFROZEN", sizeof head.magic);
  model.rung->name.copy(head.rung, sizeof head.rung - 1);
  head.activation = static_cast<std::uint32_t>(network.activation);
  head.heads = static_cast<std::uint32_t>(network.heads.size());
  head.labels = static_cast<std::uint32_t>(model.labels.size());
  head.label_bytes = static_cast<std::uint32_t>(labels.size());
  head.layers = static_cast<std::uint32_t>(network.layers.size());
  head.temperature = network.temperature;
  Writer writer;
  writer.part(std::span<const FrozenHead>(&head, 1));
  writer.part(network.heads);
  writer.part(as_bytes(labels));
  if (model.rung->standardised && model.rung->fold == nullptr) {
    writer.part(network.mean);
    writer.part(network.scale);
  }
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const InferenceLayer& layer = network.layers[i];
    const std::size_t rows = i == 0 && model.rung->fold != nullptr ? model.rung->folded_width : layer.inputs;
    const std::uint32_t shape[] = {static_cast<std::uint32_t>(layer.inputs), static_cast<std::uint32_t>(rows),
                                   static_cast<std::uint32_t>(layer.columns)};
    writer.part(std::span<const std::uint32_t>(shape));
    writer.part(std::span(layer.weight, rows * layer.columns));
    writer.part(std::span(layer.bias, layer.columns));
  }
  return writer.finish(head);
}

} // namespace packscope::learn
