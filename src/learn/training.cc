// The loop over epochs; all arithmetic is the backend's.
#include "learn/training.h"

#include "learn/random.h"
#include "learn/softmax.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <numeric>

namespace packscope::learn {

std::string Plan::summary() const {
  const nlohmann::ordered_json json = {
      {"hidden", hidden}, {"activation", name(activation)}, {"epochs", epochs}, {"batch", batch},
      {"learning_rate", std::round(static_cast<double>(learning_rate) * 1e9) / 1e9},
      {"weight_decay", std::round(static_cast<double>(adam.weight_decay) * 1e9) / 1e9}};
  return json.dump();
}

Features extract(const Dataset& dataset, const Rung& rung, std::span<const std::uint32_t> which) {
  Features features{rung.width, std::vector<float>(which.size() * rung.width), {}};
  for (std::size_t i = 0; i < which.size(); ++i) {
    const Sample& sample = dataset.samples[which[i]];
    // A fault leaves what was read before it: a broken stream is a sample like any other.
    rung.extract(sample.stream, std::span(features.rows).subspan(i * rung.width, rung.width));
    features.labels.push_back(sample.label);
  }
  return features;
}

std::vector<std::uint32_t> side_of(const Dataset& dataset, const Split& split, Side side) {
  std::vector<bool> test;
  for (const std::string& group : dataset.groups) test.push_back(split.is_test(group));
  std::vector<std::uint32_t> which;
  for (std::uint32_t i = 0; i < dataset.samples.size(); ++i)
    if (side == Side::all || test[dataset.samples[i].group] == (side == Side::test)) which.push_back(i);
  return which;
}

Result<Model> train(Backend& backend, const Task& task, const Rung& rung, const Features& features, const Plan& plan,
                    const std::function<void(std::uint32_t, const EpochResult&)>& after) {
  if (features.size() == 0) return fail("training: no samples");
  Model model;
  model.task = task.name;
  model.rung = &rung;
  model.labels = task.labels;
  model.seed = plan.seed;
  model.notes["training"] = plan.summary();
  model.shape.activation = plan.activation;
  model.shape.widths.push_back(static_cast<std::uint32_t>(rung.width));
  model.shape.widths.insert(model.shape.widths.end(), plan.hidden.begin(), plan.hidden.end());
  model.shape.widths.push_back(static_cast<std::uint32_t>(task.labels.size()));
  model.parameters = initial_parameters(model.shape, plan.seed);
  model.standard = Standard::of(features.rows, features.width);

  std::vector<float> rows = features.rows;
  model.standard.apply(rows);
  Result<std::unique_ptr<Session>> session =
      backend.start(model.shape, model.parameters, {rows, features.labels}, plan.adam);
  if (!session) return std::unexpected(session.error());
  std::vector<std::uint32_t> order(features.size());
  std::iota(order.begin(), order.end(), 0u);
  for (std::uint32_t epoch = 1; epoch <= plan.epochs; ++epoch) {
    Random(plan.seed, std::uint64_t{1} << 32 | epoch).shuffle(std::span(order));
    const float done = plan.epochs == 1 ? 0.0f : static_cast<float>(epoch - 1) / static_cast<float>(plan.epochs - 1);
    Result<EpochResult> result = (*session)->epoch(order, plan.batch, plan.learning_rate * (1.0f - 0.95f * done));
    if (!result) return std::unexpected(result.error());
    if (!std::isfinite(result->loss))
      return fail("training: the loss is not a number in epoch " + std::to_string(epoch) + " (a smaller learning rate?)");
    if (after) after(epoch, *result);
  }
  if (Result<void> read = (*session)->read_parameters(model.parameters); !read) return std::unexpected(read.error());
  return model;
}

Result<std::vector<float>> predict(Backend& backend, const Model& model, std::span<const float> rows) {
  std::vector<float> inputs(rows.begin(), rows.end());
  model.standard.apply(inputs);
  std::vector<float> out(rows.size() / model.shape.inputs() * model.shape.classes());
  if (Result<void> done = backend.logits(model.shape, model.parameters, inputs, out); !done)
    return std::unexpected(done.error());
  softmax(out, model.shape.classes());
  return out;
}

Result<Confusion> evaluate(Backend& backend, const Model& model, const Features& features) {
  Result<std::vector<float>> probabilities = predict(backend, model, features.rows);
  if (!probabilities) return std::unexpected(probabilities.error());
  const std::size_t classes = model.shape.classes();
  Confusion confusion(classes);
  for (std::size_t i = 0; i < features.size(); ++i) {
    const std::span<const float> row = std::span(*probabilities).subspan(i * classes, classes);
    const std::uint32_t said = best(row);
    confusion.add(features.labels[i], said, row[said]);
  }
  return confusion;
}

} // namespace packscope::learn
