// The CUDA backend without a GPU: its host side and its kernels' text on a device made of plain C++, against the CPU's.
#include "learn/cuda/backend.h"

#include "agree.h"
#include "host.h"

using namespace packscope;
using namespace packscope::learn;
using namespace packscope::test;

namespace {

std::unique_ptr<Backend> host_backend(HostDevice::Log& log) {
  return cuda::make_backend(std::make_unique<HostDevice>(log));
}

} // namespace

TEST_CASE("logits and gradients are the CPU's") {
  HostDevice::Log log;
  figures_agree(*host_backend(log));
  CHECK(log.live == 0);
}

TEST_CASE("training reaches the CPU's losses, every epoch of a hundred") {
  HostDevice::Log log;
  losses_agree(*host_backend(log), 600);
  CHECK(log.live == 0);
}

TEST_CASE("training counts the CPU's right answers and takes its steps, with a rest of a minibatch") {
  const Shape shape{{9, 12, 4}, Activation::tanh};
  const OwnedSamples samples = random_samples(101, 9, 4, 11);
  HostDevice::Log log;
  const std::unique_ptr<Backend> backends[] = {cpu::make_backend(1), host_backend(log)};
  std::vector<std::uint32_t> order(101);
  std::iota(order.begin(), order.end(), 0u);
  std::vector<float> parameters[2];
  std::vector<std::uint64_t> correct[2];
  for (int i = 0; i < 2; ++i) {
    parameters[i] = initial_parameters(shape, 12);
    std::unique_ptr<Session> session =
        backends[i]->start(shape, parameters[i], samples.view(), {.weight_decay = 0.1f}).value();
    for (const std::uint32_t batch : {16u, 101u, 7u, 1000u}) // the room grows, stays, shrinks
      correct[i].push_back(session->epoch(order, batch, 0.01f).value().correct);
    REQUIRE(session->read_parameters(parameters[i]));
  }
  CHECK(correct[0] == correct[1]);
  for (std::size_t i = 0; i < parameters[0].size(); ++i) CHECK(std::abs(parameters[0][i] - parameters[1][i]) < 1e-4f);
}

TEST_CASE("an epoch of part of the samples, in any order, touches no other") {
  const Shape shape{{3, 2}, Activation::relu};
  OwnedSamples samples = random_samples(6, 3, 2, 13);
  for (std::size_t i = 0; i < 3; ++i) samples.inputs[4 * 3 + i] = std::nanf(""); // sample 4 would be seen at once
  HostDevice::Log log;
  const std::unique_ptr<Backend> backend = host_backend(log);
  std::unique_ptr<Session> session = backend->start(shape, initial_parameters(shape, 1), samples.view(), {}).value();
  const Result<EpochResult> without = session->epoch(std::vector<std::uint32_t>{5, 0, 3, 3}, 3, 0.1f);
  REQUIRE(without);
  CHECK(std::isfinite(without->loss));
  CHECK(!std::isfinite(session->epoch(std::vector<std::uint32_t>{4}, 3, 0.1f).value().loss));
  CHECK(session->epoch(std::vector<std::uint32_t>{}, 3, 0.1f).value().loss == 0.0);
}

TEST_CASE("what does not fit is the same error as the CPU's") {
  HostDevice::Log log;
  const std::unique_ptr<Backend> cpu = cpu::make_backend(1), host = host_backend(log);
  const Shape shape{{2, 3}, Activation::relu};
  const std::vector<float> parameters(parameter_count(shape)), inputs(4);
  const std::vector<std::uint32_t> high = {0, 3}, fine = {0, 2};
  std::vector<float> out(5);
  const auto same = [](const auto& a, const auto& b) {
    REQUIRE(!a);
    REQUIRE(!b);
    CHECK(a.error().text() == b.error().text());
  };
  same(cpu->start(shape, parameters, {inputs, high}, {}), host->start(shape, parameters, {inputs, high}, {}));
  same(cpu->logits(shape, parameters, inputs, out), host->logits(shape, parameters, inputs, out));
  same(cpu->gradient(shape, parameters, {inputs, fine}, out), host->gradient(shape, parameters, {inputs, fine}, out));
  auto a = cpu->start(shape, parameters, {inputs, fine}, {}).value();
  auto b = host->start(shape, parameters, {inputs, fine}, {}).value();
  same(a->epoch(std::vector<std::uint32_t>{2}, 1, 0.1f), b->epoch(std::vector<std::uint32_t>{2}, 1, 0.1f));
  same(a->epoch(fine, 0, 0.1f), b->epoch(fine, 0, 0.1f));
  same(a->read_parameters(out), b->read_parameters(out));
}

TEST_CASE("memory that runs out anywhere is an error, and the next try works") {
  const Shape shape{{5, 6, 3}, Activation::relu};
  const OwnedSamples samples = random_samples(20, 5, 3, 14);
  const std::vector<float> parameters = initial_parameters(shape, 2);
  std::vector<std::uint32_t> order(20);
  std::iota(order.begin(), order.end(), 0u);
  HostDevice::Log log;
  const std::unique_ptr<Backend> backend = host_backend(log);
  // Counts the allocations of a whole run, then lets each of them fail in turn.
  const auto run = [&]() -> Result<void> {
    Result<std::unique_ptr<Session>> session = backend->start(shape, parameters, samples.view(), {});
    if (!session) return std::unexpected(session.error());
    Result<EpochResult> epoch = (*session)->epoch(order, 8, 0.1f);
    if (!epoch) {
      const Error error = epoch.error();
      REQUIRE((*session)->epoch(order, 4, 0.1f)); // the same session goes on
      return std::unexpected(error);
    }
    std::vector<float> out(60);
    return backend->logits(shape, parameters, samples.inputs, out);
  };
  REQUIRE(run());
  const std::size_t whole = log.allocations;
  REQUIRE(whole > 15);
  for (std::size_t at = 1; at <= whole; ++at) {
    log.allocations = 0;
    log.fail_at = at;
    const Result<void> result = run();
    REQUIRE(!result);
    CHECK(result.error().text() == "host: no memory");
    CHECK(log.live == 0);
  }
  log.fail_at = 0;
  CHECK(run());
}
