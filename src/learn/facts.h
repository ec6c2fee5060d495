// The AST facts of a blob: what its declarations are, counted as questions with an answer each.
#pragma once

#include "syntax/parse.h"

#include <array>
#include <string>

namespace packscope::learn {

inline constexpr std::array<std::string_view, 10> kFacts = {"struct", "enum",  "class",  "trait",  "impl",
                                                            "macro",  "const", "import", "module", "type"};
// How many functions, by powers of two: 0, 1, 2–3, 4–7, … 128 and more.
inline constexpr unsigned kFunctionBins = 9;
inline constexpr std::size_t kFactQuestions = kFacts.size() + 1; // the last: functions

std::string function_bin_name(unsigned bin); // "4-7"
unsigned function_bin(std::uint64_t functions);
double function_bin_middle(unsigned bin); // how many that stands for: the middle of its logarithms

// Does a declaration make a fact true? struct, enum, class, trait and impl by the grammar's node type, in any language;
// the others by the general kind ("type": any type at all).
bool tells(const std::string_view fact, std::string_view kind, std::string_view node);

// The classes of all questions, from (kind, node) of every declaration.
class FactCounter {
public:
  void add(std::string_view kind, std::string_view node);
  std::array<std::uint32_t, kFactQuestions> answers() const;
  std::uint64_t functions() const { return functions_; }

private:
  std::array<std::uint32_t, kFacts.size()> facts_ = {};
  std::uint64_t functions_ = 0;
};

} // namespace packscope::learn
