// From a dataset to a model, and from a model to predictions and figures.
#pragma once

#include "learn/backend.h"
#include "learn/dataset.h"
#include "learn/metrics.h"
#include "learn/model.h"

#include <functional>
#include <optional>

namespace packscope::learn {

// The defaults were chosen on validation splits of this project's own declarations (2,400 samples, five splits, R0, R0-bits
// and R3-16): twice the epochs, half or four times the units, other rates gain nothing beyond the noise of .01.
struct Plan {
  std::vector<std::uint32_t> hidden = {64};
  Activation activation = Activation::relu;
  std::uint32_t epochs = 60, batch = 32;
  float learning_rate = 2e-3f; // falls in a straight line to a twentieth in the last epoch
  Adam adam = {.weight_decay = 0.1f};
  // Share of a row's features that are left out, others each epoch (Srivastava et al. 2014, at the input): a network that
  // knows thousands of features by heart learns to ask more than one. Of rungs whose features are not standardised.
  float drop = 0.0f;
  std::uint64_t seed = 1; // initial weights and the order of every epoch

  std::string summary() const; // JSON
};

// Some of a dataset's samples.
struct Features {
  Rows rows;                         // as the rung reads them, not standardised
  std::vector<std::uint32_t> labels; // rows times questions
  std::vector<deflate::BlockType> blocks;
  std::size_t size() const { return rows.size(); }
};
Features select(const Dataset& dataset, std::span<const std::uint32_t> which);

// Indices of the dataset's samples on that side: as its groups' list says, else by the split.
std::vector<std::uint32_t> side_of(const Dataset& dataset, const Split& split, Side side);

// Trains on all rows given. `after`: called with each epoch (1 for the first) and what it measured. Errors: no samples,
// the loss stopped being a number, the backend's own.
Result<Model> train(Backend& backend, const Task& task, const Rung& rung, const Features& features, const Plan& plan,
                    const std::function<void(std::uint32_t, const EpochResult&)>& after = {});

// Sets the temperature (Guo et al. 2017) that makes these samples likeliest. They must not have been trained on.
Result<void> calibrate(Backend& backend, Model& model, const Features& held_out);

// Probabilities, classes a row, from features as the rung reads them.
Result<std::vector<float>> predict(Backend& backend, const Model& model, const Rows& rows);
// One a question. `block`: only samples of that type of block.
Result<std::vector<Confusion>> evaluate(Backend& backend, const Model& model, const Features& features,
                                        std::optional<deflate::BlockType> block = {});

} // namespace packscope::learn
