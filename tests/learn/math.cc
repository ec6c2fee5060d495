// The project's own exp, log and tanh against libm in double, and softmax with cross-entropy against the textbook.
#include "learn/cpu/kernels.h"
#include "learn/softmax.h"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <vector>

using namespace packscope::learn;

namespace {

// Greatest error of `function` over a grid, relative to max(|truth|, floor).
double worst(char function, float begin, float end, double (*truth)(double), double floor) {
  std::vector<float> in, out;
  for (int i = 0; i < 1'000'000; ++i) in.push_back(begin + (end - begin) * static_cast<float>(i) * 1e-6f);
  in.resize(cpu::padded(in.size()), begin);
  out.resize(in.size());
  cpu::kernels(cpu::supported_levels().back()).math(function, in.data(), out.data(), in.size());
  double greatest = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const double expected = truth(static_cast<double>(in[i]));
    greatest = std::max(greatest, std::abs(static_cast<double>(out[i]) - expected) / std::max(std::abs(expected), floor));
  }
  return greatest;
}

} // namespace

TEST_CASE("exp, log and tanh are as exact as their headers say") {
  CHECK(worst('e', -87.0f, 88.0f, std::exp, 0) <= 1.2e-7);
  CHECK(worst('e', -1.0f, 1.0f, std::exp, 0) <= 1.2e-7);
  CHECK(worst('l', 0x1p-126f, 1.0f, std::log, 1) <= 1.2e-7);
  CHECK(worst('l', 0.5f, 2.0f, std::log, 1) <= 1.2e-7);
  CHECK(worst('l', 1.0f, 3e38f, std::log, 1) <= 1.2e-7);
  CHECK(worst('t', -10.0f, 10.0f, std::tanh, 0) <= 2e-7);
  CHECK(worst('t', -0.01f, 0.01f, std::tanh, 1e-30) <= 2e-7);
}

TEST_CASE("softmax and cross-entropy agree with double") {
  const cpu::Kernels& kernels = cpu::kernels(cpu::Level::baseline);
  const std::vector<std::vector<float>> cases = {
      {0, 0, 0}, {1, 2, 3}, {-100, 0, 80}, {1000, 999}, {5}, std::vector<float>(40, 0.25f)};
  for (const std::vector<float>& logits : cases) {
    double greatest = -1e300, sum = 0;
    for (const float logit : logits) greatest = std::max(greatest, static_cast<double>(logit));
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - greatest);
    std::vector<float> probabilities = logits;
    softmax(probabilities, logits.size());
    for (std::uint32_t label = 0; label < logits.size(); ++label) {
      std::vector<float> row(cpu::padded(logits.size()), 0.0f);
      std::copy(logits.begin(), logits.end(), row.begin());
      const cpu::RowLoss loss = kernels.cross_entropy(row.data(), logits.size(), label, 0.5f);
      const double expected = std::log(sum) - (static_cast<double>(logits[label]) - greatest);
      CHECK(std::abs(static_cast<double>(loss.loss) - expected) <= 1e-6 * std::max(1.0, expected));
      for (std::size_t c = 0; c < row.size(); ++c) {
        const double p = c < logits.size() ? std::exp(static_cast<double>(logits[c]) - greatest) / sum : 0.0;
        CHECK(std::abs(static_cast<double>(row[c]) - 0.5 * (p - (c == label ? 1.0 : 0.0))) <= 1e-7);
        if (c < logits.size()) CHECK(std::abs(static_cast<double>(probabilities[c]) - p) <= 2e-7);
      }
    }
  }
}
