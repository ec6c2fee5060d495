// Patterns as text: regexes that PCRE, Hyperscan and Python's re read alike, and hex strings of YARA.
#pragma once

#include "patterns/pattern.h"

#include <string>

namespace packscope::patterns {

// "(?s)\x78[\x01\x9c].{0,4}?PACK": ASCII only; letters and digits as they are, other bytes as \xHH. Gaps are lazy.
std::string regex_of(const Pattern& pattern);

// "{ 78 ( 01 | 9C ) [0-4] 50 41 43 4B }", YARA's grammar of hex strings; halves of a byte as ?7 and 7?.
std::string yara_of(const Pattern& pattern);

// Whether YARA has four literal bytes in a row to look for, not all of them equal.
bool has_yara_atom(const Pattern& pattern);

} // namespace packscope::patterns
