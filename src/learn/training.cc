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
      {"weight_decay", std::round(static_cast<double>(adam.weight_decay) * 1e9) / 1e9},
      {"drop", std::round(static_cast<double>(drop) * 1e9) / 1e9}};
  return json.dump();
}

Features select(const Dataset& dataset, std::span<const std::uint32_t> which) {
  Features features{.rows = {.width = dataset.rows.width}, .labels = {}, .blocks = {}};
  for (const std::uint32_t sample : which) {
    const std::span<const Feature> row = dataset.rows[sample];
    features.rows.features.insert(features.rows.features.end(), row.begin(), row.end());
    features.rows.begin.push_back(features.rows.features.size());
    for (std::size_t q = 0; q < dataset.questions; ++q)
      features.labels.push_back(dataset.answers[sample * dataset.questions + q]);
    features.blocks.push_back(dataset.samples[sample].block);
  }
  return features;
}

std::vector<std::uint32_t> side_of(const Dataset& dataset, const Split& split, Side side) {
  std::vector<Side> sides;
  for (std::size_t i = 0; i < dataset.groups.size(); ++i)
    sides.push_back(dataset.sides[i] != Side::all           ? dataset.sides[i]
                    : split.is_test(dataset.groups[i]) ? Side::test
                                                       : Side::train);
  std::vector<std::uint32_t> which;
  for (std::uint32_t i = 0; i < dataset.samples.size(); ++i)
    if (side == Side::all || sides[dataset.samples[i].group] == side) which.push_back(i);
  return which;
}

// The values of `out`, which has the features of `rows`: 0 for the share that is left out, the others made up for it.
static void leave_out(const Rows& rows, float share, std::uint64_t seed, Rows& out) {
  Random random(seed, std::uint64_t{2} << 32);
  const float rest = 1.0f / (1.0f - share);
  for (std::size_t i = 0; i < rows.features.size(); ++i)
    out.features[i].value = random.symmetric() < 2.0f * share - 1.0f ? 0.0f : rows.features[i].value * rest;
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
  if (task.questions.size() > 1) model.shape.heads = task.heads();
  Rows kept = plan.drop > 0.0f && !rung.standardised ? features.rows : Rows{};
  Samples samples{{}, features.labels, kept.size() > 0 ? &kept : &features.rows};
  std::vector<float> dense;
  std::uint32_t active = 0;
  if (rung.standardised) {
    dense = features.rows.dense();
    model.standard = Standard::of(dense, rung.width);
    model.standard.apply(dense);
    samples = {dense, features.labels, nullptr};
  } else {
    active = static_cast<std::uint32_t>(features.rows.features.size() / features.size() + 1);
  }
  model.parameters = initial_parameters(model.shape, plan.seed, active);
  Result<std::unique_ptr<Session>> session = backend.start(model.shape, model.parameters, samples, plan.adam);
  if (!session) return std::unexpected(session.error());
  std::vector<std::uint32_t> order(features.size());
  std::iota(order.begin(), order.end(), 0u);
  for (std::uint32_t epoch = 1; epoch <= plan.epochs; ++epoch) {
    Random(plan.seed, std::uint64_t{1} << 32 | epoch).shuffle(std::span(order));
    if (kept.size() > 0) leave_out(features.rows, plan.drop, plan.seed ^ epoch, kept);
    const float done = plan.epochs == 1 ? 0.0f : static_cast<float>(epoch - 1) / static_cast<float>(plan.epochs - 1);
    Result<EpochResult> result = (*session)->epoch(order, plan.batch, plan.learning_rate * (1.0f - 0.95f * done));
    if (!result) return std::unexpected(result.error());
    if (!std::isfinite(result->loss))
      return fail("training: the loss is not a number in epoch " + std::to_string(epoch) + " (a smaller learning rate?)");
    if (after) after(epoch, *result);
  }
  if (Result<void> read = (*session)->read_parameters(model.parameters); !read) return std::unexpected(read.error());
  round_weights(model);
  return model;
}

namespace {

Result<std::vector<float>> logits(Backend& backend, const Model& model, const Rows& rows) {
  std::vector<float> out(rows.size() * model.shape.classes());
  Result<void> done;
  if (model.rung->standardised) {
    std::vector<float> inputs = rows.dense();
    model.standard.apply(inputs);
    done = backend.logits(model.shape, model.parameters, inputs, out);
  } else {
    done = backend.logits(model.shape, model.parameters, rows, out);
  }
  if (!done) return std::unexpected(done.error());
  return out;
}

// By question, in place.
void to_probabilities(std::vector<float>& logits, const Shape& shape, float temperature) {
  for (float& logit : logits) logit /= temperature;
  if (shape.heads.empty()) return softmax(logits, shape.classes());
  for (std::size_t at = 0; at < logits.size();)
    for (const std::uint32_t head : shape.heads) {
      softmax(std::span(logits).subspan(at, head), head);
      at += head;
    }
}

} // namespace

Result<void> calibrate(Backend& backend, Model& model, const Features& held_out) {
  if (held_out.size() == 0) return {};
  const Result<std::vector<float>> raw = logits(backend, model, held_out.rows);
  if (!raw) return std::unexpected(raw.error());
  const std::vector<std::uint32_t> heads =
      model.shape.heads.empty() ? std::vector{model.shape.classes()} : model.shape.heads;
  const auto unlikely = [&](double temperature) { // mean -log of what the truth was given
    std::vector<float> out = *raw;
    to_probabilities(out, model.shape, static_cast<float>(temperature));
    double sum = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < held_out.labels.size(); at += heads[i % heads.size()], ++i)
      sum -= std::log(std::max(static_cast<double>(out[at + held_out.labels[i]]), 1e-12));
    return sum;
  };
  // The loss has one valley: try ever finer steps around the best so far; a thousandth is finer than it matters.
  double best = 1.0, least = unlikely(best);
  for (double step = 2.0; step > 1.001; step = std::sqrt(step))
    for (const double next : {best * step, best / step})
      if (const double sum = unlikely(next); next > 0.05 && next < 20.0 && sum < least) best = next, least = sum;
  model.temperature = static_cast<float>(std::round(best * 100) / 100);
  return {};
}

Result<std::vector<float>> predict(Backend& backend, const Model& model, const Rows& rows) {
  Result<std::vector<float>> out = logits(backend, model, rows);
  if (out) to_probabilities(*out, model.shape, model.temperature);
  return out;
}

Result<std::vector<Confusion>> evaluate(Backend& backend, const Model& model, const Features& features,
                                        std::optional<deflate::BlockType> block) {
  Result<std::vector<float>> probabilities = predict(backend, model, features.rows);
  if (!probabilities) return std::unexpected(probabilities.error());
  const std::vector<std::uint32_t> heads =
      model.shape.heads.empty() ? std::vector{model.shape.classes()} : model.shape.heads;
  std::vector<Confusion> confusions;
  for (const std::uint32_t head : heads) confusions.emplace_back(head);
  std::size_t at = 0;
  for (std::size_t i = 0; i < features.labels.size(); at += heads[i % heads.size()], ++i) {
    if (block && features.blocks[i / heads.size()] != *block) continue;
    const std::span<const float> row = std::span(*probabilities).subspan(at, heads[i % heads.size()]);
    const std::uint32_t said = best(row);
    confusions[i % heads.size()].add(features.labels[i], said, row[said]);
  }
  return confusions;
}

} // namespace packscope::learn
