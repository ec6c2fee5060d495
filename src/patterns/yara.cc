// A rule a pattern (YARA's documentation, "Writing YARA rules"); see yara.h. Names follow from the pattern alone, so
// that the same pattern has the same name in two files.
#include "patterns/yara.h"

#include "patterns/print.h"

#include <cstdio>

namespace packscope::patterns {

namespace {

std::string name_of(const std::string& regex) { // FNV-1a
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : regex) hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3;
  char text[40];
  std::snprintf(text, sizeof text, "packscope_%016llx", static_cast<unsigned long long>(hash));
  return text;
}

std::string yara_string(const std::string& text) {
  std::string out = "\"";
  for (const char byte : text) out += (byte == '"' || byte == '\\' ? "\\" : "") + std::string(1, byte);
  return out + "\"";
}

} // namespace

YaraRules yara_rules(const Findings& findings) {
  YaraRules rules;
  for (const Found& found : findings.patterns) {
    if (!has_yara_atom(found.pattern)) {
      ++rules.left_out;
      continue;
    }
    const std::string regex = regex_of(found.pattern);
    rules.text += (rules.rules++ == 0 ? "" : "\n") + ("rule " + name_of(regex)) + "\n{\n  meta:\n    description = \"found by packscope pack2regex\"\n    regex = " +
                  yara_string(regex) + "\n    support = " + std::to_string(found.counted.support) + "\n    files = " + std::to_string(found.counted.files) +
                  "\n    bytes_covered = " + std::to_string(found.counted.bytes_covered) + "\n  strings:\n    $pattern = " + yara_of(found.pattern) +
                  "\n  condition:\n    $pattern\n}\n";
  }
  return rules;
}

} // namespace packscope::patterns
