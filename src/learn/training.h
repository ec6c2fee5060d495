// From a dataset to a model, and from a model to predictions and figures.
#pragma once

#include "learn/backend.h"
#include "learn/dataset.h"
#include "learn/metrics.h"
#include "learn/model.h"

#include <functional>

namespace packscope::learn {

// The defaults were chosen on validation splits of this project's own declarations (2,400 samples, five splits, R0, R0-bits
// and R3-16): twice the epochs, half or four times the units, other rates gain nothing beyond the noise of .01.
struct Plan {
  std::vector<std::uint32_t> hidden = {64};
  Activation activation = Activation::relu;
  std::uint32_t epochs = 60, batch = 32;
  float learning_rate = 2e-3f; // falls in a straight line to a twentieth in the last epoch
  Adam adam = {.weight_decay = 0.1f};
  std::uint64_t seed = 1; // initial weights and the order of every epoch

  std::string summary() const; // JSON
};

// Rows of features as the rung reads them, not standardised.
struct Features {
  std::size_t width = 0;
  std::vector<float> rows;
  std::vector<std::uint32_t> labels;
  std::size_t size() const { return labels.size(); }
};
Features extract(const Dataset& dataset, const Rung& rung, std::span<const std::uint32_t> which);

enum class Side : std::uint8_t { all, train, test };
// Indices of the dataset's samples on that side of the split.
std::vector<std::uint32_t> side_of(const Dataset& dataset, const Split& split, Side side);

// Trains on all rows given. `after`: called with each epoch (1 for the first) and what it measured. Errors: no samples,
// the loss stopped being a number, the backend's own.
Result<Model> train(Backend& backend, const Task& task, const Rung& rung, const Features& features, const Plan& plan,
                    const std::function<void(std::uint32_t, const EpochResult&)>& after = {});

// Probabilities, classes a row, from features as the rung reads them.
Result<std::vector<float>> predict(Backend& backend, const Model& model, std::span<const float> rows);
Result<Confusion> evaluate(Backend& backend, const Model& model, const Features& features);

} // namespace packscope::learn
