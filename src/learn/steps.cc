// Training and judging each step's network; all that is particular to a step is in steps_samples.cc.
#include "learn/steps.h"

#include "learn/classifier.h"
#include "learn/steps_samples.h"

#include <algorithm>
#include <cmath>

namespace packscope::learn {
namespace {

Features features_at(const Step& step, const std::vector<StepStream>& streams, const StepPlaces& places,
                     const std::vector<StepPlace>& at) {
  Features features{.rows = {.width = step.rung.width}, .labels = {}, .blocks = {}};
  std::vector<Unit> units(step.rung.most_units);
  std::vector<Feature> valued(step.rung.most_valued);
  for (const StepPlace& place : at) {
    Row row(units, valued);
    step.rung.read(source_at(streams, places, place), row);
    features.rows.add(row);
    features.labels.insert(features.labels.end(), place.labels.begin(), place.labels.end());
    features.blocks.push_back(places.headers[place.header].type);
  }
  return features;
}

// How near guesses of distributions come: R2 over all their 256 shares, and the mean divergence.
struct Nearness {
  double errors = 0, bits = 0;
  void add(const std::array<double, 256>& truth, const std::array<double, 256>& said) {
    for (std::size_t i = 0; i < truth.size(); ++i) {
      errors += (truth[i] - said[i]) * (truth[i] - said[i]);
      if (truth[i] > 0) bits += truth[i] * std::log2(truth[i] / std::max(said[i], 1e-9));
    }
  }
};

std::array<double, 256> closed_form(const deflate::BlockHeader& header) {
  std::array<double, 256> shares = {};
  double sum = 0;
  for (std::size_t i = 0; i < shares.size(); ++i)
    if (header.literal[i] != 0) sum += shares[i] = std::exp2(-static_cast<double>(header.literal[i]));
  for (double& share : shares) share /= std::max(sum, 1e-9);
  return shares;
}

Result<void> judge_histogram(Backend& backend, const Model& model, const std::vector<StepStream>& streams,
                             const StepPlaces& places, const Features& features, StepFigures& out) {
  const Result<std::vector<float>> said = predict(backend, model, features.rows);
  if (!said) return std::unexpected(said.error());
  std::vector<std::array<double, 256>> truths;
  std::array<double, 256> mean = {};
  Nearness network, closed;
  for (std::size_t i = 0; i < places.test[kHistogram].size(); ++i) {
    const StepPlace& place = places.test[kHistogram][i];
    truths.push_back(histogram(source_at(streams, places, place)));
    std::array<double, 256> own;
    std::copy_n(said->begin() + static_cast<std::ptrdiff_t>(i * 256), 256, own.begin());
    network.add(truths.back(), own);
    closed.add(truths.back(), closed_form(places.headers[place.header]));
    for (std::size_t byte = 0; byte < mean.size(); ++byte) mean[byte] += truths.back()[byte];
  }
  const double n = static_cast<double>(truths.size());
  double variance = 0;
  for (const std::array<double, 256>& truth : truths)
    for (std::size_t byte = 0; byte < mean.size(); ++byte) variance += (truth[byte] - mean[byte] / n) * (truth[byte] - mean[byte] / n);
  if (truths.size() > 1 && variance > 1e-9) {
    out.r2 = 1 - network.errors / variance;
    out.closed_r2 = 1 - closed.errors / variance;
  }
  out.bits = network.bits / n;
  out.closed_bits = closed.bits / n;
  out.may_skip = out.r2.value_or(0) >= kSkipFrom;
  return {};
}

void measure(const Step& step, const Model& model, const std::vector<StepStream>& streams, const StepPlaces& places,
             const std::vector<StepPlace>& at, const StepOptions& options, StepFigures& out) {
  const std::span<const StepPlace> some = std::span(at).first(std::min(at.size(), options.cost_objects));
  std::vector<deflate::BlockType> blocks;
  for (const StepPlace& place : some) blocks.push_back(places.headers[place.header].type);
  const Classifier classifier(model);
  Classifier::Room room = classifier.room();
  volatile double used = 0; // what the results are for
  const perf::StepLimits limits{.enough = 300'000, .most = 2'000'000};
  const Cost network = measure_cost(options.cost, blocks, [&](std::size_t i) {
    used = static_cast<double>(classifier.answer(source_at(streams, places, some[i]), room).confidence);
  }, limits);
  const Cost exact = measure_cost(options.cost, blocks, [&](std::size_t i) {
    used = static_cast<double>(step.compute(source_at(streams, places, some[i])));
  }, limits);
  out.network_instructions = network.mean();
  out.exact_instructions = exact.mean();
  out.cost_measured = network.measured;
}

} // namespace

Result<std::vector<StepFigures>> learn_steps(Backend& backend, const std::vector<StepStream>& streams, const StepOptions& options,
                                             const std::function<void()>& after_epoch) {
  const StepPlaces places = find_places(streams, options);
  std::vector<StepFigures> all;
  for (std::size_t i = 0; i < kLearnedSteps; ++i) {
    const Step& step = learned_steps()[i];
    const bool is_histogram = i == kHistogram;
    if (places.train[i].empty() || places.test[i].empty())
      return fail("steps: no place to " + std::string(places.train[i].empty() ? "learn" : "judge") + " the step '" + step.task.name +
                  "' at: more streams are needed, of at least two repositories or files");
    const Features seen = features_at(step, streams, places, places.train[i]);
    const Features unseen = features_at(step, streams, places, places.test[i]);
    // The histogram is learned from single bytes: a noise that its network would know by heart.
    const Plan plan{.hidden = step.hidden, .epochs = options.epochs, .batch = 64, .learning_rate = is_histogram ? 5e-4f : 2e-3f,
                    .adam = {.weight_decay = is_histogram ? 0.3f : 0.01f}, .seed = options.seed};
    const Result<Model> model = train(backend, step.task, step.rung, seen, plan, [&](std::uint32_t, const EpochResult&) {
      if (after_epoch) after_epoch();
    });
    if (!model) return std::unexpected(model.error());
    StepFigures figures{.inputs = step.inputs, .trained = seen.size(), .n = unseen.size()};
    if (options.cost != CostBy::none) measure(step, *model, streams, places, places.test[i], options, figures);
    if (is_histogram) {
      figures.step = step.task.name;
      if (Result<void> done = judge_histogram(backend, *model, streams, places, unseen, figures); !done)
        return std::unexpected(done.error());
      all.push_back(std::move(figures));
      continue;
    }
    const Result<std::vector<Confusion>> confusions = evaluate(backend, *model, unseen);
    if (!confusions) return std::unexpected(confusions.error());
    for (std::size_t question = 0; question < confusions->size(); ++question) {
      StepFigures own = figures;
      const Question& asked = step.task.questions[question];
      own.step = asked.name.empty() ? step.task.name : asked.name;
      own.classes = static_cast<std::uint32_t>(asked.labels.size());
      own.accuracy = (*confusions)[question].accuracy();
      own.majority = (*confusions)[question].majority();
      own.may_skip = *own.accuracy >= kSkipFrom;
      all.push_back(std::move(own));
    }
  }
  return all;
}

} // namespace packscope::learn
