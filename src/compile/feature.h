// The feature corpus: small C programs, each of which needs one feature, and says by its exit code whether it has it.
//
//   features/NAME.c := "/* " exit code ": " what it needs " */\n" [ "/* prints " C string " */\n" ] program
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace packscope::compile {

struct Feature {
  std::string_view name; // "shift_left"
  std::string_view text;
  std::string_view needs; // what, in words
  int exit_code = 0;
  std::string prints;    // exactly
};

// By name; part of the program.
std::span<const Feature> features();

} // namespace packscope::compile
