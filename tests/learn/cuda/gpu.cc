// The real thing, where a GPU is: the shared object as the program loads it, against the CPU's backend. Skipped by name else.
#include "agree.h"

#include <thread>

using namespace packscope;
using namespace packscope::learn;
using namespace packscope::test;

namespace {

// Started once: starting costs a second, the tests hardly more.
Backend& gpu() {
  static const Result<Chosen> chosen = choose_backend(BackendKind::cuda, 1);
  if (!chosen) SKIP("no GPU: " << chosen.error().text());
  return *chosen->backend;
}

} // namespace

TEST_CASE("the GPU is named") {
  const std::string name = gpu().name();
  std::printf("%s\n", name.c_str());
  CHECK(name.starts_with("cuda ("));
  const Result<Chosen> automatic = choose_backend(BackendKind::automatic, 1);
  REQUIRE(automatic);
  CHECK(automatic->line == "backend: " + name + ": a GPU is there");
}

TEST_CASE("the GPU's logits and gradients are the CPU's") { figures_agree(gpu()); }

TEST_CASE("the GPU reaches the CPU's losses, every epoch of a hundred", "[losses]") { losses_agree(gpu(), 1000); }

TEST_CASE("the GPU computes the same bits each time, from any thread") {
  const Shape shape{{316, 64, 14}, Activation::relu};
  const OwnedSamples samples = clusters(500);
  const Losses first = cluster_losses(gpu(), shape, samples, 3);
  Losses second;
  std::thread([&] { second = cluster_losses(gpu(), shape, samples, 3); }).join();
  CHECK(first.parameters == second.parameters);
  CHECK(first.epochs == second.epochs);
}

TEST_CASE("a minibatch that the GPU has no memory for is an error, and a smaller one goes on", "[memory]") {
  const Shape shape{{2, 60000, 3}, Activation::relu}; // a million rows: half a terabyte of hidden values
  const OwnedSamples samples = random_samples(5, 2, 3, 1);
  std::unique_ptr<Session> session = gpu().start(shape, initial_parameters(shape, 1), samples.view(), {}).value();
  const std::vector<std::uint32_t> order(1u << 20, 3u);
  const Result<EpochResult> large = session->epoch(order, 1u << 20, 0.1f);
  REQUIRE(!large);
  CHECK(large.error().text().find("cudaErrorMemoryAllocation") != std::string::npos);
  CHECK(session->epoch(std::span(order).first(50), 5, 0.1f));
}
