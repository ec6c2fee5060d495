// Facts by name: a node type such as "enum_specifier" or "enum_item" says enum.
#include "learn/facts.h"

#include <bit>
#include <cmath>

namespace packscope::learn {

std::string function_bin_name(unsigned bin) {
  if (bin < 2) return std::to_string(bin);
  const std::string from = std::to_string(1u << (bin - 1));
  return bin + 1 == kFunctionBins ? from + "+" : from + "-" + std::to_string((1u << bin) - 1);
}

unsigned function_bin(std::uint64_t functions) {
  return std::min(static_cast<unsigned>(std::bit_width(functions)), kFunctionBins - 1);
}

double function_bin_middle(unsigned bin) { return bin < 2 ? bin : std::exp2(bin - 0.5) - 0.5; }

bool tells(const std::string_view fact, std::string_view kind, std::string_view node) {
  if (fact == "struct") return node.find("struct") != std::string_view::npos || node.find("union") != std::string_view::npos;
  if (fact == "enum") return node.find("enum_") != std::string_view::npos;
  if (fact == "class" || fact == "trait") return node.find(fact) != std::string_view::npos;
  if (fact == "impl") return kind == "implementation";
  if (fact == "const") return kind == "constant";
  return fact == kind; // macro, import, module, type
}

void FactCounter::add(std::string_view kind, std::string_view node) {
  for (std::size_t i = 0; i < kFacts.size(); ++i)
    if (tells(kFacts[i], kind, node)) facts_[i] = 1;
  functions_ += kind == "function";
}

std::array<std::uint32_t, kFactQuestions> FactCounter::answers() const {
  std::array<std::uint32_t, kFactQuestions> answers = {};
  for (std::size_t i = 0; i < kFacts.size(); ++i) answers[i] = facts_[i];
  answers.back() = function_bin(functions_);
  return answers;
}

} // namespace packscope::learn
