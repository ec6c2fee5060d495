// The CPU backend: right (finite differences and Adam's formulas in double), and the same bits whatever runs it.
#include "learn/cpu/backend.h"
#include "learn/split.h"

#include "reference.h"

#include <catch2/catch_test_macros.hpp>

#include <cstring>
#include <numeric>

using namespace packscope;
using namespace packscope::learn;
using namespace packscope::test;

namespace {

std::vector<float> trained(const Shape& shape, const OwnedSamples& samples, unsigned threads, cpu::Level level,
                           unsigned epochs, std::uint32_t batch) {
  const std::unique_ptr<Backend> backend = cpu::make_backend(threads, level);
  std::vector<float> parameters = initial_parameters(shape, 7);
  std::unique_ptr<Session> session =
      backend->start(shape, parameters, samples.view(), {.weight_decay = 0.01f}).value();
  std::vector<std::uint32_t> order(samples.labels.size());
  std::iota(order.begin(), order.end(), 0u);
  for (unsigned i = 0; i < epochs; ++i) REQUIRE(session->epoch(order, batch, 0.01f));
  REQUIRE(session->read_parameters(parameters));
  return parameters;
}

std::uint64_t bits_hash(const std::vector<float>& values) {
  return stable_hash({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
}

} // namespace

TEST_CASE("the gradient is the loss's slope") {
  for (const Activation activation : {Activation::relu, Activation::tanh}) {
    const Shape shape{{5, 19, 7, 3}, activation};
    const OwnedSamples samples = random_samples(23, 5, 3, 1);
    const std::vector<float> parameters = initial_parameters(shape, 2);
    std::vector<float> gradient(parameters.size());
    const Result<double> loss =
        cpu::make_backend(1)->gradient(shape, parameters, samples.view(), gradient);
    REQUIRE(loss);
    std::vector<double> at(parameters.begin(), parameters.end());
    CHECK(std::abs(*loss - plain_loss(shape, at, samples)) < 1e-6);
    for (std::size_t i = 0; i < at.size(); ++i) {
      const double held = at[i], h = 1e-5;
      at[i] = held + h;
      const double above = plain_loss(shape, at, samples);
      at[i] = held - h;
      const double below = plain_loss(shape, at, samples);
      at[i] = held;
      CHECK(std::abs(static_cast<double>(gradient[i]) - (above - below) / (2 * h)) < 2e-6);
    }
  }
}

TEST_CASE("logits agree with a plain network in double, any number of rows") {
  const Shape shape{{37, 20, 17}, Activation::tanh};
  const OwnedSamples samples = random_samples(601, 37, 17, 3);
  const std::vector<float> parameters = initial_parameters(shape, 4);
  std::vector<float> logits(601 * 17);
  REQUIRE(cpu::make_backend(2)->logits(shape, parameters, samples.inputs, logits));
  for (const std::size_t row : {0uz, 255uz, 256uz, 600uz}) {
    const std::vector<double> plain =
        plain_logits(shape, {parameters.begin(), parameters.end()}, samples.inputs.data() + row * 37);
    for (std::size_t c = 0; c < 17; ++c) CHECK(std::abs(static_cast<double>(logits[row * 17 + c]) - plain[c]) < 1e-5);
  }
  std::vector<float> one(17);
  REQUIRE(cpu::make_backend(1)->logits(shape, parameters, std::span(samples.inputs).subspan(600 * 37), one));
  CHECK(std::memcmp(one.data(), logits.data() + 600 * 17, 17 * sizeof(float)) == 0);
}

TEST_CASE("Adam takes the steps of its paper") {
  // One layer, full batch: five steps in double beside the backend's.
  const Shape shape{{4, 3}, Activation::relu};
  const OwnedSamples samples = random_samples(12, 4, 3, 5);
  const std::vector<float> start = initial_parameters(shape, 6);
  std::vector<double> weight(start.begin(), start.end()), first(weight.size()), second(weight.size());
  for (int t = 1; t <= 5; ++t) {
    std::vector<double> gradient;
    for (std::size_t i = 0; i < weight.size(); ++i) {
      std::vector<double> moved = weight;
      moved[i] += 1e-6;
      const double above = plain_loss(shape, moved, samples);
      moved[i] -= 2e-6;
      gradient.push_back((above - plain_loss(shape, moved, samples)) / 2e-6);
    }
    for (std::size_t i = 0; i < weight.size(); ++i) {
      first[i] = 0.9 * first[i] + 0.1 * gradient[i];
      second[i] = 0.999 * second[i] + 0.001 * gradient[i] * gradient[i];
      const double m = first[i] / (1 - std::pow(0.9, t)), v = second[i] / (1 - std::pow(0.999, t));
      const double decay = i < 12 ? 0.01 * weight[i] : 0.0; // biases are the last three
      weight[i] -= 0.05 * (m / (std::sqrt(v) + 1e-8) + decay);
    }
  }
  std::unique_ptr<Backend> backend = cpu::make_backend(1);
  std::unique_ptr<Session> session = backend->start(shape, start, samples.view(), {.weight_decay = 0.01f}).value();
  std::vector<std::uint32_t> order(12);
  std::iota(order.begin(), order.end(), 0u);
  for (int t = 0; t < 5; ++t) REQUIRE(session->epoch(order, 12, 0.05f));
  std::vector<float> parameters(start.size());
  REQUIRE(session->read_parameters(parameters));
  for (std::size_t i = 0; i < weight.size(); ++i)
    CHECK(std::abs(static_cast<double>(parameters[i]) - weight[i]) < 2e-5);
}

TEST_CASE("training gives the same bits on every instruction set, with any number of threads") {
  for (const Shape& shape : {Shape{{16, 32, 3}, Activation::relu}, Shape{{319, 64, 14}, Activation::relu},
                             Shape{{33, 17, 50, 8}, Activation::tanh}}) {
    const OwnedSamples samples = random_samples(331, shape.inputs(), shape.classes(), 8);
    const std::vector<float> expected = trained(shape, samples, 1, cpu::Level::baseline, 3, 128);
    for (const cpu::Level level : cpu::supported_levels())
      for (const unsigned threads : {1u, 2u, 3u, 7u}) {
        const std::vector<float> got = trained(shape, samples, threads, level, 3, 128);
        CHECK(std::memcmp(got.data(), expected.data(), got.size() * sizeof(float)) == 0);
      }
  }
}

TEST_CASE("the bits are those of every other machine and compiler") {
  // Recorded once; a compiler that fuses, reorders or asks libm breaks it.
  const OwnedSamples samples = random_samples(200, 16, 3, 9);
  CHECK(bits_hash(samples.inputs) == 0x44819b9bd2c363u);
  CHECK(bits_hash(trained({{16, 32, 3}, Activation::relu}, samples, 1, cpu::Level::baseline, 20, 32)) == 0x2f57212c454fcc0du);
  CHECK(bits_hash(trained({{16, 8, 8, 3}, Activation::tanh}, samples, 1, cpu::Level::baseline, 20, 32)) == 0x837d176103ab08a9u);
}

TEST_CASE("buffers that do not fit are errors") {
  const std::unique_ptr<Backend> backend = cpu::make_backend(1);
  const Shape shape{{2, 3}, Activation::relu};
  const std::vector<float> parameters(parameter_count(shape));
  const std::vector<float> inputs(4);
  std::vector<float> out(6);
  const std::vector<std::uint32_t> labels = {0, 3}, fine = {0, 2};
  CHECK(!backend->start(shape, parameters, {inputs, labels}, {}));
  CHECK(!backend->start(shape, std::span(parameters).first(3), {inputs, fine}, {}));
  CHECK(!backend->start({{2}, Activation::relu}, parameters, {inputs, fine}, {}));
  CHECK(!backend->logits(shape, parameters, std::span(inputs).first(3), out));
  CHECK(!backend->logits(shape, parameters, inputs, std::span(out).first(5)));
  Result<std::unique_ptr<Session>> session = backend->start(shape, parameters, {inputs, fine}, {});
  REQUIRE(session);
  CHECK(!(*session)->epoch(std::vector<std::uint32_t>{0, 2}, 2, 0.1f));
  CHECK(!(*session)->epoch(std::vector<std::uint32_t>{0, 1}, 0, 0.1f));
  CHECK((*session)->epoch(std::vector<std::uint32_t>{0, 1}, 2, 0.1f));
}

TEST_CASE("the choice of a backend names itself; one that cannot run says which was asked for") {
  const Result<Chosen> plain = choose_backend(BackendKind::cpu, 1);
  REQUIRE(plain);
  CHECK(plain->line == "backend: " + plain->backend->name());
  CHECK(plain->line.starts_with("backend: cpu ("));
  const Result<Chosen> automatic = choose_backend(BackendKind::automatic, 1);
  REQUIRE(automatic);
  CHECK(automatic->line.starts_with("backend: " + automatic->backend->name() + ": ")); // and why
  const Result<Chosen> cuda = choose_backend(BackendKind::cuda, 1);
  if (!cuda) CHECK(cuda.error().text().starts_with("--backend cuda: "));
  else CHECK(cuda->backend->name() != plain->backend->name());
}
