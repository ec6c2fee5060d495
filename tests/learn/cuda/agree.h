// What any second backend is held to: the CPU's figures, on the networks of the project, from the same seeds.
#pragma once

#include "learn/cpu/backend.h"
#include "learn/random.h"
#include "learn/seed.h"
#include "learn/training.h"

#include "../reference.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace packscope::test {

// Relative, every epoch. Four orders of the sums, one of them fused, on the CPU: at most 2e-5 apart for 16→32→3 and for 316→64→14
// with 1,000 rows; 1e-4 with 2,000; with 4,000 rows (3,200 steps) 1.3e-3 is reached, whoever computes.
inline constexpr double kLossTolerance = 1e-3;

struct Losses {
  std::vector<double> epochs;
  std::vector<float> parameters;
};

// The seed's experiment, 16→32→3, all of it.
inline Losses seed_losses(learn::Backend& backend) {
  using namespace learn;
  const Task& task = *find_task("declaration3");
  const Rung& rung = *find_rung("R0");
  DatasetBuilder builder(task, rung);
  for (const DeclarationSample& sample : seed_declarations()) builder.add(sample);
  const Dataset dataset = builder.take();
  Losses losses;
  Result<Model> model =
      train(backend, task, rung, select(dataset, side_of(dataset, {}, Side::all)), seed_plan(),
            [&](std::uint32_t, const EpochResult& result) { losses.epochs.push_back(result.loss); });
  REQUIRE(model);
  losses.parameters = model->parameters;
  return losses;
}

// 14 noisy clusters in 316 dimensions; a sixth of the labels is wrong, as data's are.
inline OwnedSamples clusters(std::size_t rows) {
  constexpr std::size_t kWidth = 316, kClasses = 14;
  OwnedSamples samples = random_samples(rows, kWidth, kClasses, 21);
  const std::vector<float> centres = random_samples(kClasses, kWidth, 1, 22).inputs;
  learn::Random random(23);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t centre = random.below(6) == 0 ? random.below(kClasses) : samples.labels[row];
    for (std::size_t i = 0; i < kWidth; ++i) samples.inputs[row * kWidth + i] += 0.3f * centres[centre * kWidth + i];
  }
  return samples;
}

// As learn::train goes through its epochs, for a shape that no rung has. The settings are written down: with rectified units
// a rounding can turn a sample on or off, and the more steps follow, the further it shows.
inline Losses cluster_losses(learn::Backend& backend, const learn::Shape& shape, const OwnedSamples& samples,
                             std::uint32_t epochs) {
  using namespace learn;
  constexpr std::uint64_t kSeed = 1;
  constexpr std::uint32_t kBatch = 128;
  constexpr float kRate = 2e-3f;
  Losses losses{{}, initial_parameters(shape, kSeed)};
  Result<std::unique_ptr<Session>> session =
      backend.start(shape, losses.parameters, samples.view(), {.weight_decay = 0.01f});
  REQUIRE(session);
  std::vector<std::uint32_t> order(samples.labels.size());
  std::iota(order.begin(), order.end(), 0u);
  for (std::uint32_t epoch = 1; epoch <= epochs; ++epoch) {
    Random(kSeed, epoch).shuffle(std::span(order));
    const float done = static_cast<float>(epoch - 1) / static_cast<float>(epochs);
    const Result<EpochResult> result = (*session)->epoch(order, kBatch, kRate * (1.0f - 0.95f * done));
    REQUIRE(result);
    losses.epochs.push_back(result->loss);
  }
  REQUIRE((*session)->read_parameters(losses.parameters));
  return losses;
}

// Greatest relative distance of two runs' losses.
inline double apart(const char* what, const Losses& expected, const Losses& got) {
  REQUIRE(expected.epochs.size() == got.epochs.size());
  double worst = 0;
  for (std::size_t i = 0; i < got.epochs.size(); ++i)
    worst = std::max(worst, std::abs(got.epochs[i] - expected.epochs[i]) / expected.epochs[i]);
  std::printf("%s: %zu epochs, loss %.6f to %.6f (CPU), worst relative distance %.2e\n", what, got.epochs.size(),
              expected.epochs.front(), expected.epochs.back(), worst);
  return worst;
}

inline void losses_agree(learn::Backend& backend, std::size_t rows) {
  const std::unique_ptr<learn::Backend> cpu = learn::cpu::make_backend(1);
  CHECK(apart("16→32→3", seed_losses(*cpu), seed_losses(backend)) < kLossTolerance);
  for (const learn::Activation activation : {learn::Activation::relu, learn::Activation::tanh}) {
    const learn::Shape shape{{316, 64, 14}, activation};
    const OwnedSamples samples = clusters(rows);
    CHECK(apart(activation == learn::Activation::relu ? "316→64→14" : "316→64→14, tanh",
                cluster_losses(*cpu, shape, samples, 100), cluster_losses(backend, shape, samples, 100)) <
          kLossTolerance);
  }
}

// Logits and one gradient, of shapes whose rows and widths fit no block or vector.
inline void figures_agree(learn::Backend& backend) {
  const std::unique_ptr<learn::Backend> cpu = learn::cpu::make_backend(1);
  for (const learn::Shape& shape : {learn::Shape{{7, 3}, learn::Activation::relu},
                                    learn::Shape{{33, 17, 50, 8}, learn::Activation::tanh},
                                    learn::Shape{{316, 64, 14}, learn::Activation::relu}}) {
    const OwnedSamples samples = random_samples(331, shape.inputs(), shape.classes(), 5);
    const std::vector<float> parameters = learn::initial_parameters(shape, 6);
    std::vector<float> expected(331 * shape.classes()), got(expected.size());
    REQUIRE(cpu->logits(shape, parameters, samples.inputs, expected));
    REQUIRE(backend.logits(shape, parameters, samples.inputs, got));
    for (std::size_t i = 0; i < got.size(); ++i) CHECK(std::abs(got[i] - expected[i]) < 2e-5f);
    std::vector<float> expected_gradient(parameters.size()), gradient(parameters.size());
    const Result<double> expected_loss = cpu->gradient(shape, parameters, samples.view(), expected_gradient);
    const Result<double> loss = backend.gradient(shape, parameters, samples.view(), gradient);
    REQUIRE(loss);
    CHECK(std::abs(*loss - *expected_loss) < 1e-6);
    for (std::size_t i = 0; i < gradient.size(); ++i) CHECK(std::abs(gradient[i] - expected_gradient[i]) < 1e-6f);
  }
}

} // namespace packscope::test
