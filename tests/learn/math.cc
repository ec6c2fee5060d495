// The project's own exp, log and tanh against libm in double, and softmax with cross-entropy against the textbook.
#include "learn/cpu/kernels.h"
#include "learn/softmax.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
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

TEST_CASE("the last layer in one call is its parts, the same on every instruction set but for what the parts round") {
  for (const Activation activation : {Activation::relu, Activation::tanh})
    for (const cpu::Level level : cpu::supported_levels())
      for (const std::uint32_t classes : {2u, 3u, 14u, 16u})
        for (const std::size_t hidden : {std::size_t{16}, std::size_t{40}, std::size_t{76}}) {
          const cpu::Kernels& kernels = cpu::kernels(level);
          std::vector<float> in(cpu::padded(hidden)), b(hidden * 16), start(16), out(16), expected(16);
          for (std::size_t i = 0; i < hidden; ++i) in[i] = std::sin(static_cast<float>(i + classes));
          for (std::size_t i = 0; i < b.size(); ++i) b[i] = i % 16 < classes ? std::cos(static_cast<float>(i * 7 + 1)) : 0.0f;
          for (std::uint32_t c = 0; c < classes; ++c) start[c] = static_cast<float>(c) * 0.1f;
          const std::uint32_t said = kernels.last_layer({.hidden = in.data(), .b = b.data(), .start = start.data(), .out = out.data(),
                                                         .depth = hidden, .classes = classes, .activation = activation, .inverse_temperature = 0.8f});
          kernels.activate(activation, in.data(), in.size());
          kernels.product({.a = in.data(), .a_row = 0, .a_step = 1, .b = b.data(), .start = start.data(), .c = expected.data(), .rows = 1,
                           .depth = hidden, .columns = 16});
          for (float& logit : expected) logit *= 0.8f;
          kernels.softmax(expected.data(), classes);
          for (std::uint32_t c = 0; c < 16; ++c) CHECK(std::abs(out[c] - expected[c]) <= 1e-6f);
          CHECK(said == static_cast<std::uint32_t>(std::max_element(expected.begin(), expected.end()) - expected.begin()));
        }
}
