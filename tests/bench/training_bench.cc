// training_bench BACKEND WIDTHS BATCH STEPS ROUNDS FILE: one network on given numbers, as tests/bench/gpu_training.py asks.
//
// FILE: float32 parameters as learn/network.h lays them out, then BATCH * STEPS rows of inputs, then as many labels (uint32).
// Prints {"backend", "losses": mean loss of the first passes, "step_seconds": median}. A round is one pass: STEPS minibatches.
#include "learn/backend.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <numeric>
#include <sstream>

using namespace packscope;
using namespace packscope::learn;

int main(int count, char** arguments) {
  if (count != 7) return std::fprintf(stderr, "usage: training_bench BACKEND WIDTHS BATCH STEPS ROUNDS FILE\n"), 2;
  Shape shape;
  std::istringstream widths(arguments[2]);
  for (std::string width; std::getline(widths, width, ',');) shape.widths.push_back(static_cast<std::uint32_t>(std::stoul(width)));
  const std::uint32_t batch = static_cast<std::uint32_t>(std::stoul(arguments[3]));
  const std::size_t steps = std::stoul(arguments[4]), rounds = std::stoul(arguments[5]), rows = batch * steps;
  std::ifstream file(arguments[6], std::ios::binary);
  std::vector<float> parameters(parameter_count(shape)), inputs(rows * shape.inputs());
  std::vector<std::uint32_t> labels(rows), order(rows);
  const auto read = [&](auto& into) { file.read(reinterpret_cast<char*>(into.data()), static_cast<std::streamsize>(into.size() * 4)); };
  read(parameters);
  read(inputs);
  read(labels);
  if (!file) return std::fprintf(stderr, "training_bench: %s: too short\n", arguments[6]), 1;
  std::iota(order.begin(), order.end(), 0u);
  const std::string wanted = arguments[1];
  const Result<Chosen> chosen = choose_backend(wanted == "cuda" ? BackendKind::cuda : BackendKind::cpu, 0);
  if (!chosen) return std::fprintf(stderr, "training_bench: %s\n", chosen.error().text().c_str()), 1;
  Result<std::unique_ptr<Session>> session = chosen->backend->start(shape, parameters, {inputs, labels, nullptr}, {});
  if (!session) return std::fprintf(stderr, "training_bench: %s\n", session.error().text().c_str()), 1;
  std::vector<double> seconds, losses;
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    const Result<EpochResult> result = (*session)->epoch(order, batch, 1e-3f);
    const auto end = std::chrono::steady_clock::now();
    if (!result) return std::fprintf(stderr, "training_bench: %s\n", result.error().text().c_str()), 1;
    losses.push_back(result->loss);
    seconds.push_back(std::chrono::duration<double>(end - begin).count() / static_cast<double>(steps));
  }
  std::ranges::sort(seconds);
  std::printf("{\"backend\":\"%s\",\"step_seconds\":%.9g,\"losses\":[", chosen->backend->name().c_str(), seconds[seconds.size() / 2]);
  for (std::size_t i = 0; i < std::min<std::size_t>(losses.size(), 5); ++i) std::printf("%s%.9g", i == 0 ? "" : ",", losses[i]);
  std::printf("]}\n");
}
