// Findings as YARA rules.
#pragma once

#include "patterns/patterns.h"

#include <string>

namespace packscope::patterns {

struct YaraRules {
  std::string text;
  std::size_t rules = 0;    // patterns with four literal bytes in a row, which YARA can look for
  std::size_t left_out = 0; // the others
};

YaraRules yara_rules(const Findings& findings);

} // namespace packscope::patterns
