// Shapes and initial weights.
#include "learn/network.h"

#include "learn/random.h"

#include <cmath>

namespace packscope::learn {

std::string_view name(Activation activation) { return activation == Activation::relu ? "relu" : "tanh"; }

bool parse_activation(std::string_view text, Activation& out) {
  for (const Activation activation : {Activation::relu, Activation::tanh}) {
    if (text != name(activation)) continue;
    out = activation;
    return true;
  }
  return false;
}

std::string Shape::text() const {
  std::string text;
  for (const std::uint32_t width : widths) text += (text.empty() ? "" : "→") + std::to_string(width);
  return text;
}

std::vector<Layer> layers(const Shape& shape) {
  std::vector<Layer> result;
  std::size_t at = 0;
  for (std::size_t i = 0; i + 1 < shape.widths.size(); ++i) {
    Layer layer{shape.widths[i], shape.widths[i + 1], at, 0};
    layer.bias = layer.weight + std::size_t{layer.inputs} * layer.outputs;
    at = layer.bias + layer.outputs;
    result.push_back(layer);
  }
  return result;
}

std::size_t parameter_count(const Shape& shape) {
  const std::vector<Layer> all = layers(shape);
  return all.empty() ? 0 : all.back().bias + all.back().outputs;
}

std::vector<float> initial_parameters(const Shape& shape, std::uint64_t seed, std::uint32_t active) {
  std::vector<float> parameters(parameter_count(shape), 0.0f);
  const std::vector<Layer> all = layers(shape);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Layer& layer = all[i];
    const bool before_relu = shape.activation == Activation::relu && i + 1 < all.size();
    const std::uint32_t inputs = i == 0 && active != 0 ? active : layer.inputs;
    const std::uint32_t fan = before_relu ? inputs : inputs + layer.outputs;
    const float limit = std::sqrt(6.0f / static_cast<float>(fan)); // correctly rounded everywhere (IEEE 754)
    Random random(seed, i);
    for (std::size_t k = layer.weight; k < layer.bias; ++k) parameters[k] = limit * random.symmetric();
  }
  return parameters;
}

} // namespace packscope::learn
