// The files of features/ come through feature_texts.h, which meson makes of them; see meson.build.
#include "compile/feature.h"

#include "compile/feature_texts.h"

#include <vector>

namespace packscope::compile {
namespace {

// "one\n" as between the quotes, of which only \n is used.
std::string unescaped(std::string_view text) {
  std::string made;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool newline = text.substr(i).starts_with("\\n");
    made += newline ? '\n' : text[i];
    i += newline;
  }
  return made;
}

std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  const std::size_t at = text.find(begin);
  if (at == text.npos) return {};
  text.remove_prefix(at + begin.size());
  return text.substr(0, text.find(end));
}

Feature read(std::string_view name, std::string_view text) {
  Feature made{.name = name, .text = text, .needs = between(text, ": ", " */")};
  for (const char digit : between(text, "/* ", ":")) made.exit_code = made.exit_code * 10 + (digit - '0');
  made.prints = unescaped(between(text, "/* prints \"", "\" */"));
  return made;
}

} // namespace

std::span<const Feature> features() {
  static const std::vector<Feature> all = [] {
    std::vector<Feature> made;
    for (const auto& [name, text] : kFeatureTexts) made.push_back(read(name, text));
    return made;
  }();
  return all;
}

} // namespace packscope::compile
