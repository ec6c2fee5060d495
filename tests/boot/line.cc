// Numbers as printf writes them.
#include "boot/line.h"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <cstdio>
#include <string>

using packscope::boot::Line;

TEST_CASE("a share has the digits that printf gives it, ties included") {
  for (const float value : {0.0f, 1.0f, 0.5f, 0.0625f, 0.1875f, 0.4375f, 0.9995f, 0.99949998f, 0.0005f, 0.00049999f})
    for (const float near : {std::nextafter(value, 0.0f), value, std::nextafter(value, 1.0f)}) {
      char expected[16];
      std::snprintf(expected, sizeof expected, "%.3f\n", static_cast<double>(near));
      CHECK(std::string(Line().share(near).end()) == expected);
    }
  for (int i = 0; i <= 16000; ++i) {
    const float value = static_cast<float>(i) / 16000.0f;
    char expected[16];
    std::snprintf(expected, sizeof expected, "%.3f\n", static_cast<double>(value));
    REQUIRE(std::string(Line().share(value).end()) == expected);
  }
}

TEST_CASE("a line pads, counts and is cut where it would not fit") {
  CHECK(std::string(Line().text("c", 4).number(0).text(" ").number(18446744073709551615u).end()) == "c   0 18446744073709551615\n");
  const std::string cut(Line().text(std::string(1000, 'x')).end());
  CHECK(cut.size() == 256);
  CHECK(cut.back() == '\n');
}
