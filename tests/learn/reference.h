// Random samples and a dense network in double, written plainly: what the backend is held against.
#pragma once

#include "learn/backend.h"
#include "learn/random.h"

#include <cmath>
#include <vector>

namespace packscope::test {

struct OwnedSamples {
  std::vector<float> inputs;
  std::vector<std::uint32_t> labels;
  learn::Samples view() const { return {inputs, labels}; }
};

inline OwnedSamples random_samples(std::size_t rows, std::uint32_t width, std::uint32_t classes, std::uint64_t seed) {
  learn::Random random(seed);
  OwnedSamples samples;
  for (std::size_t i = 0; i < rows * width; ++i) samples.inputs.push_back(random.symmetric());
  for (std::size_t i = 0; i < rows; ++i) samples.labels.push_back(random.below(classes));
  return samples;
}

// Logits of one row.
inline std::vector<double> plain_logits(const learn::Shape& shape, const std::vector<double>& parameters,
                                        const float* input) {
  std::vector<double> values(input, input + shape.inputs());
  const std::vector<learn::Layer> all = learn::layers(shape);
  for (std::size_t l = 0; l < all.size(); ++l) {
    std::vector<double> next;
    for (std::uint32_t o = 0; o < all[l].outputs; ++o) {
      double sum = parameters[all[l].bias + o];
      for (std::uint32_t i = 0; i < all[l].inputs; ++i)
        sum += parameters[all[l].weight + std::size_t{o} * all[l].inputs + i] * values[i];
      if (l + 1 < all.size()) sum = shape.activation == learn::Activation::relu ? std::max(sum, 0.0) : std::tanh(sum);
      next.push_back(sum);
    }
    values = next;
  }
  return values;
}

// Mean cross-entropy over all samples.
inline double plain_loss(const learn::Shape& shape, const std::vector<double>& parameters, const OwnedSamples& samples) {
  double loss = 0;
  for (std::size_t row = 0; row < samples.labels.size(); ++row) {
    const std::vector<double> logits = plain_logits(shape, parameters, samples.inputs.data() + row * shape.inputs());
    double sum = 0;
    for (const double logit : logits) sum += std::exp(logit);
    loss += std::log(sum) - logits[samples.labels[row]];
  }
  return loss / static_cast<double>(samples.labels.size());
}

} // namespace packscope::test
