// Whole training runs: what can be learned is learned, the same way every time.
#include "learn/cpu/backend.h"
#include "learn/seed.h"
#include "learn/training.h"

#include "reference.h"

#include <catch2/catch_test_macros.hpp>

#include <numeric>

using namespace packscope;
using namespace packscope::learn;
using namespace packscope::test;

namespace {

// Trains by hand on the backend alone; accuracy of the last epoch.
double reached(const Shape& shape, const OwnedSamples& samples, unsigned epochs, std::uint32_t batch) {
  std::unique_ptr<Backend> backend = cpu::make_backend(1);
  std::unique_ptr<Session> session =
      backend->start(shape, initial_parameters(shape, 1), samples.view(), {}).value();
  std::vector<std::uint32_t> order(samples.labels.size());
  std::iota(order.begin(), order.end(), 0u);
  EpochResult last;
  for (unsigned i = 0; i < epochs; ++i) last = session->epoch(order, batch, 0.02f).value();
  return static_cast<double>(last.correct) / static_cast<double>(order.size());
}

// Eight declarations of the seed as features of rung R0.
Features seed_features(const Task& task, const Rung& rung) {
  DatasetBuilder builder(task, rung);
  for (const DeclarationSample& sample : seed_declarations()) builder.add(sample);
  const Dataset dataset = builder.take();
  return extract(dataset, rung, side_of(dataset, {}, Side::all));
}

} // namespace

TEST_CASE("a network with a hidden layer learns XOR; one without cannot") {
  const OwnedSamples samples{{-1, -1, -1, 1, 1, -1, 1, 1}, {0, 1, 1, 0}};
  CHECK(reached({{2, 16, 2}, Activation::relu}, samples, 300, 4) == 1.0);
  CHECK(reached({{2, 16, 2}, Activation::tanh}, samples, 300, 4) == 1.0);
  CHECK(reached({{2, 2}, Activation::relu}, samples, 300, 4) < 1.0);
}

TEST_CASE("blobs around their centres are told apart") {
  OwnedSamples samples = random_samples(600, 8, 5, 3);
  for (std::size_t row = 0; row < 600; ++row) samples.inputs[row * 8 + samples.labels[row]] += 3.0f;
  CHECK(reached({{8, 24, 5}, Activation::relu}, samples, 30, 32) > 0.99);
}

TEST_CASE("the seed's network knows its eight samples after 100 epochs, with the same bits each time") {
  const Task& task = *find_task("declaration3");
  const Rung& rung = *find_rung("R0");
  const Features features = seed_features(task, rung);
  REQUIRE(features.size() == 8);
  std::unique_ptr<Backend> backend = cpu::make_backend(1);
  unsigned epochs = 0;
  const Result<Model> model = train(*backend, task, rung, features, seed_plan(),
                                    [&](std::uint32_t epoch, const EpochResult&) { CHECK(epoch == ++epochs); });
  REQUIRE(model);
  CHECK(epochs == 100);
  CHECK(model->shape.text() == "16→32→3");
  CHECK(evaluate(*backend, *model, features).value().accuracy() == 1.0);
  const Result<Model> again = train(*cpu::make_backend(3), task, rung, features, seed_plan());
  REQUIRE(again);
  CHECK(again->parameters == model->parameters);
  Plan other = seed_plan();
  other.seed = 2;
  CHECK(train(*backend, task, rung, features, other).value().parameters != model->parameters);
}

TEST_CASE("a learning rate that diverges and a corpus without samples are errors") {
  const Task& task = *find_task("declaration3");
  const Rung& rung = *find_rung("R0");
  std::unique_ptr<Backend> backend = cpu::make_backend(1);
  Plan plan = seed_plan();
  plan.learning_rate = 1e38f;
  const Result<Model> model = train(*backend, task, rung, seed_features(task, rung), plan);
  REQUIRE(!model);
  CHECK(model.error().text().starts_with("training: the loss is not a number in epoch "));
  CHECK(!train(*backend, task, rung, Features{rung.width, {}, {}}, seed_plan()));
}

TEST_CASE("standardised features have mean 0 and deviation 1; a constant one is dropped") {
  std::vector<float> rows = {1, 5, 2, 5, 3, 5, 6, 5};
  const Standard standard = Standard::of(rows, 2);
  CHECK(standard.mean == std::vector<float>{3, 5});
  CHECK(standard.scale[1] == 0.0f);
  standard.apply(rows);
  float sum = 0, square = 0;
  for (std::size_t i = 0; i < 8; i += 2) {
    sum += rows[i];
    square += rows[i] * rows[i];
    CHECK(rows[i + 1] == 0.0f);
  }
  CHECK(std::abs(sum) < 1e-6f);
  CHECK(std::abs(square - 4.0f) < 1e-5f);
  std::vector<float> far = {1000, 9};
  standard.apply(far);
  CHECK(far == std::vector<float>{8, 0});
}
