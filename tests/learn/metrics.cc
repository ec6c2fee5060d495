// Figures against tables worked out by hand.
#include "learn/metrics.h"

#include <catch2/catch_test_macros.hpp>

#include <cmath>

using namespace packscope::learn;

namespace {
bool near(double a, double b) { return std::abs(a - b) < 1e-12; }
} // namespace

TEST_CASE("accuracy, majority, F1 of a table worked out by hand") {
  //            said 0  1  2
  // truth 0:        5  1  0
  // truth 1:        2  2  0
  // truth 2:        0  0  0   (the class occurs nowhere)
  Confusion confusion(3);
  for (int i = 0; i < 5; ++i) confusion.add(0, 0, 1.0f);
  confusion.add(0, 1, 1.0f);
  for (int i = 0; i < 2; ++i) confusion.add(1, 0, 1.0f);
  for (int i = 0; i < 2; ++i) confusion.add(1, 1, 1.0f);
  CHECK(confusion.n() == 10);
  CHECK(confusion.at(1, 0) == 2);
  CHECK(confusion.truth(0) == 6);
  CHECK(confusion.predicted(0) == 7);
  CHECK(near(confusion.accuracy(), 0.7));
  CHECK(near(confusion.majority(), 0.6));
  CHECK(near(confusion.f1(0), 10.0 / 13));
  CHECK(near(confusion.f1(1), 4.0 / 7));
  CHECK(near(confusion.macro_f1(), (10.0 / 13 + 4.0 / 7) / 2));
}

TEST_CASE("calibration error: sure and right is 0, sure and wrong is 1, half and half is 0") {
  Confusion right(2), wrong(2), half(2);
  right.add(0, 0, 1.0f);
  wrong.add(0, 1, 1.0f);
  half.add(0, 0, 0.5f);
  half.add(1, 0, 0.5f);
  CHECK(near(right.calibration_error(), 0));
  CHECK(near(wrong.calibration_error(), 1));
  CHECK(near(half.calibration_error(), 0));
  half.add(0, 0, 0.75f); // another bin: |1 - .75| of one sample in three
  CHECK(near(half.calibration_error(), 0.25 / 3));
}

TEST_CASE("no samples, no figures, no division by zero") {
  const Confusion none(4);
  CHECK(none.accuracy() == 0);
  CHECK(none.majority() == 0);
  CHECK(none.macro_f1() == 0);
  CHECK(none.calibration_error() == 0);
}

TEST_CASE("the most confident share has its own accuracy") {
  Confusion confusion(2);
  for (int i = 0; i < 8; ++i) confusion.add(1, i < 6 ? 1 : 0, 0.9f); // 6 of 8 right
  confusion.add(0, 1, 0.6f);
  confusion.add(0, 0, 1.0f);
  CHECK(confusion.confident_accuracy(0.1) == 1.0);
  CHECK(std::abs(confusion.confident_accuracy(0.5) - (1 + 4 * 0.75) / 5) < 1e-12);
  CHECK(std::abs(confusion.confident_accuracy(1.0) - 0.7) < 1e-12);
  CHECK(std::abs(confusion.confident_accuracy(1.0) - confusion.accuracy()) < 1e-12);
  CHECK(Confusion(2).confident_accuracy(0.8) == 0.0);
}
