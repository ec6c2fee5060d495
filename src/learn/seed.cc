// The seed's sample and settings.
#include "learn/seed.h"

#include "seed_declarations.h"

namespace packscope::learn {

std::vector<DeclarationSample> parse_declarations(std::string_view text) {
  std::vector<DeclarationSample> result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    std::string_view paragraph = text.substr(0, end);
    text.remove_prefix(std::min(end + 2, text.size()));
    while (paragraph.starts_with('\n')) paragraph.remove_prefix(1);
    while (paragraph.ends_with('\n')) paragraph.remove_suffix(1);
    if (paragraph.empty() || paragraph.starts_with("//")) continue;
    const Bytes bytes = as_bytes(paragraph);
    const std::string_view word = paragraph.substr(0, paragraph.find(' '));
    result.push_back({.text = {bytes.begin(), bytes.end()},
                      .kind = word == "fn" ? "function" : word == "use" ? "import" : "constant",
                      .item = std::string(word),
                      .group = std::to_string(result.size())});
  }
  return result;
}

std::vector<DeclarationSample> seed_declarations() { return parse_declarations(kSeedDeclarations); }

Plan seed_plan() {
  Plan plan;
  plan.hidden = {32};
  plan.epochs = 100;
  plan.batch = 8;
  plan.learning_rate = 1e-2f;
  plan.adam.weight_decay = 0.0f;
  return plan;
}

} // namespace packscope::learn
