// learn: features of compressed bytes (one file a rung), small dense networks, their training, metrics and weights.
// This file: the shape of a network and where its numbers lie.
//
//   parameters := layer*     layer := weight[outputs][inputs] bias[outputs]     (as torch.nn.Linear has them)
#pragma once

#include "base/result.h"

#include <cstdint>
#include <vector>

namespace packscope::learn {

enum class Activation : std::uint8_t { relu, tanh };
std::string_view name(Activation activation);
bool parse_activation(std::string_view text, Activation& out);

struct Shape {
  std::vector<std::uint32_t> widths; // inputs, hidden…, classes: at least two
  Activation activation = Activation::relu; // after every layer but the last, which gives logits
  // The last layer's units by question, each with its own softmax; empty: one question, all of them.
  std::vector<std::uint32_t> heads = {};

  std::uint32_t inputs() const { return widths.front(); }
  std::uint32_t classes() const { return widths.back(); } // of all questions together
  std::size_t questions() const { return heads.empty() ? 1 : heads.size(); }
  std::string text() const; // "16→32→3"
  bool operator==(const Shape&) const = default;
};

struct Layer {
  std::uint32_t inputs, outputs;
  std::size_t weight, bias; // offsets in the parameters
};
std::vector<Layer> layers(const Shape& shape);
std::size_t parameter_count(const Shape& shape);

// Uniform in ±sqrt(6 / inputs) before a ReLU (He 2015), ±sqrt(6 / (inputs + outputs)) else (Glorot 2010); biases 0.
// `active`: how many inputs of a row are not 0, if not all: the `inputs` of the first layer then.
std::vector<float> initial_parameters(const Shape& shape, std::uint64_t seed, std::uint32_t active = 0);

} // namespace packscope::learn
