// Whole training runs: what can be learned is learned, the same way every time.
#include "learn/classifier.h"
#include "learn/cpu/backend.h"
#include "learn/random.h"
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
  return select(dataset, side_of(dataset, {}, Side::all));
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
  CHECK(evaluate(*backend, *model, features).value().front().accuracy() == 1.0);
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
  CHECK(!train(*backend, task, rung, Features{.rows = {.width = rung.width}, .labels = {}, .blocks = {}}, seed_plan()));
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

TEST_CASE("sparse rows train to the same bits as the dense rows that they stand for") {
  const OwnedSamples samples = random_samples(300, 20, 4, 5);
  std::vector<float> inputs = samples.inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (i % 3 != 0) inputs[i] = 0.0f;
  const Rows rows = Rows::of(inputs, 20);
  CHECK(rows.dense() == inputs);
  const Shape shape{{20, 24, 4}, Activation::relu};
  const std::vector<float> start = initial_parameters(shape, 1);
  std::vector<std::uint32_t> order(300);
  std::iota(order.begin(), order.end(), 0u);
  const auto trained = [&](const Samples& given, unsigned threads) {
    std::unique_ptr<Backend> backend = cpu::make_backend(threads);
    std::unique_ptr<Session> session = backend->start(shape, start, given, {.weight_decay = 0.01f}).value();
    for (int i = 0; i < 5; ++i) REQUIRE(session->epoch(order, 64, 0.01f));
    std::vector<float> out(start.size());
    REQUIRE(session->read_parameters(out));
    return out;
  };
  const std::vector<float> dense = trained({inputs, samples.labels, nullptr}, 1);
  CHECK(trained({{}, samples.labels, &rows}, 1) == dense);
  CHECK(trained({{}, samples.labels, &rows}, 3) == dense);
  CHECK(dense != start);
}

TEST_CASE("several questions in one network are each learned, and one that is wrong does not hide") {
  // Row: three signs; question one: the first sign; question two: how many of the others are positive.
  Random random(8);
  OwnedSamples samples;
  for (int i = 0; i < 800; ++i) {
    float signs[3];
    for (float& sign : signs) samples.inputs.push_back(sign = random.below(2) == 0 ? -1.0f : 1.0f);
    samples.labels.push_back(signs[0] > 0);
    samples.labels.push_back(static_cast<std::uint32_t>((signs[1] > 0) + (signs[2] > 0)));
  }
  const Shape shape{{3, 16, 5}, Activation::relu, {2, 3}};
  std::unique_ptr<Backend> backend = cpu::make_backend(1);
  std::unique_ptr<Session> session = backend->start(shape, initial_parameters(shape, 1), samples.view(), {}).value();
  std::vector<std::uint32_t> order(800);
  std::iota(order.begin(), order.end(), 0u);
  EpochResult last;
  for (int i = 0; i < 60; ++i) last = session->epoch(order, 32, 0.01f).value();
  CHECK(last.correct == 1600);
  CHECK(last.loss < 0.05);
  CHECK(!backend->start({{3, 16, 5}, Activation::relu, {2, 2}}, initial_parameters(shape, 1), samples.view(), {}));
}

TEST_CASE("the gradient of several questions agrees with differences of the loss") {
  const Shape shape{{3, 4, 5}, Activation::tanh, {2, 3}};
  OwnedSamples samples = random_samples(40, 3, 2, 9);
  samples.labels.clear();
  Random random(3);
  for (int i = 0; i < 40; ++i) samples.labels.insert(samples.labels.end(), {random.below(2), random.below(3)});
  std::unique_ptr<Backend> backend = cpu::make_backend(1);
  std::vector<float> parameters = initial_parameters(shape, 2), gradient(parameters.size()), ignored(parameters.size());
  REQUIRE(backend->gradient(shape, parameters, samples.view(), gradient));
  for (std::size_t i = 0; i < parameters.size(); i += 3) {
    std::vector<float> up = parameters, down = parameters;
    up[i] += 1e-2f;
    down[i] -= 1e-2f;
    const double slope = (backend->gradient(shape, up, samples.view(), ignored).value() -
                          backend->gradient(shape, down, samples.view(), ignored).value()) / 2e-2;
    CHECK(std::abs(slope - static_cast<double>(gradient[i])) < 2e-3);
  }
}

TEST_CASE("calibration makes confidences say how often they are right") {
  // Labels that follow the input only nine times in ten, learned by heart: far too sure on others.
  const auto noisy = [](std::uint64_t seed) {
    Random random(seed);
    Features features{.rows = {.width = find_rung("R0-bits")->width}, .labels = {}, .blocks = {}};
    for (int i = 0; i < 400; ++i) {
      std::vector<Unit> units(13);
      Row row(units, {});
      const std::uint32_t label = random.below(3);
      row.add(random.below(10) < 7 ? label : random.below(3));
      for (int k = 0; k < 12; ++k) row.add(8 + random.below(120));
      features.rows.add(row);
      features.labels.push_back(label);
      features.blocks.push_back(deflate::BlockType::fixed);
    }
    return features;
  };
  Plan plan;
  plan.epochs = 60;
  plan.adam.weight_decay = 0;
  std::unique_ptr<Backend> backend = cpu::make_backend(1);
  Result<Model> model = train(*backend, *find_task("declaration3"), *find_rung("R0-bits"), noisy(1), plan);
  REQUIRE(model);
  const Features held_out = noisy(2), unseen = noisy(3);
  const learn::Confusion before = evaluate(*backend, *model, unseen).value().front();
  REQUIRE(calibrate(*backend, *model, held_out));
  const learn::Confusion after = evaluate(*backend, *model, unseen).value().front();
  CHECK(model->temperature > 1.5f);
  CHECK(after.calibration_error() < before.calibration_error() / 2);
  CHECK(after.accuracy() == before.accuracy()); // a temperature reorders nothing
}

TEST_CASE("one stream at a time is answered as whole matrices are") {
  const Task& task = *find_task("declaration3");
  for (const Rung& rung : rungs()) {
    DatasetBuilder builder(task, rung, DatasetBuilder::Keep::streams);
    for (const DeclarationSample& sample : seed_declarations()) builder.add(sample);
    const Dataset dataset = builder.take();
    const Features features = select(dataset, side_of(dataset, {}, Side::all));
    std::unique_ptr<Backend> backend = cpu::make_backend(1);
    Plan plan = seed_plan();
    plan.epochs = 10;
    Result<Model> model = train(*backend, task, rung, features, plan);
    REQUIRE(model);
    model->temperature = 1.7f;
    const std::vector<float> expected = predict(*backend, *model, features.rows).value();
    const Classifier classifier(*model);
    Classifier::Room room = classifier.room();
    for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
      const std::vector<std::uint8_t> stream = compress(seed_declarations()[i].text);
      const Classifier::Answer answer = classifier.answer(
          {.zlib = stream, .inflated_size = seed_declarations()[i].text.size(), .packed_size = stream.size()}, room);
      CHECK(answer.fault == deflate::Fault::none);
      CHECK(answer.label == best(std::span(expected).subspan(i * 3, 3)));
      CHECK(std::abs(answer.confidence - expected[i * 3 + answer.label]) < 1e-5f);
    }
  }
}
