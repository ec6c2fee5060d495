// The program under test, and what a command printed with --json, line by line.
#pragma once

#include <nlohmann/json.hpp>

#include <sstream>
#include <string>
#include <vector>

namespace packscope::test {

inline const std::string kProgram = PACKSCOPE_PROGRAM;

inline std::vector<nlohmann::json> records(const std::string& output) {
  std::vector<nlohmann::json> result;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) result.push_back(nlohmann::json::parse(line));
  return result;
}

} // namespace packscope::test
