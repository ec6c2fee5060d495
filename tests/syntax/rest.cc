// The rest of a version, walked, gives what the whole of it gives, and is short.
#include "syntax/rest.h"

#include "changes.h"
#include "texts.h"

#include "syntax/declarations.h"
#include "syntax/walk.h"

#include <memory>
#include <tuple>

using namespace packscope;
using namespace packscope::syntax;
using namespace packscope::test;

namespace {

class Trees {
public:
  explicit Trees(Language language) {
    const Result<const TSLanguage*> grammar = grammars().get(language);
    if (!grammar || *grammar == nullptr) FAIL(name(language) << ": no grammar");
    REQUIRE(ts_parser_set_language(parser_.get(), *grammar));
    types = std::make_unique<NodeTypes>(*grammar, language);
  }
  // Runs `work` on the root; false where there are errors.
  template <class Work>
  bool parse(std::string_view text, Work work) {
    const std::unique_ptr<TSTree, decltype(&ts_tree_delete)> tree(
        ts_parser_parse_string(parser_.get(), nullptr, text.data(), static_cast<std::uint32_t>(text.size())), ts_tree_delete);
    const TSNode root = ts_tree_root_node(tree.get());
    work(root);
    return !ts_node_has_error(root);
  }
  Version whole(std::string_view text) {
    Version version;
    parse(text, [&](TSNode root) {
      version.parsed.has_error = ts_node_has_error(root);
      walk_version(root, *types, text, version);
    });
    return version;
  }
  std::unique_ptr<NodeTypes> types;

private:
  std::unique_ptr<TSParser, decltype(&ts_parser_delete)> parser_{ts_parser_new(), ts_parser_delete};
};

std::vector<std::string> shown(const Version& version) {
  std::vector<std::string> lines;
  for (const Item& i : version.items)
    lines.push_back("item " + std::to_string(i.begin) + ".." + std::to_string(i.end) + " line " + std::to_string(i.line) + " items " + std::to_string(i.items) +
                    " from " + std::to_string(i.first_declaration) + " level " + std::to_string(i.level) + " column " + std::to_string(i.column) + " symbol " + std::to_string(i.symbol) + " in " +
                    std::to_string(i.list) + (i.first ? " first" : "") + (i.local ? " local" : "") + (i.in_type ? " in type" : ""));
  for (const Declaration& d : version.parsed.declarations)
    lines.push_back("declaration " + std::to_string(d.begin) + ".." + std::to_string(d.end) + " in " + std::to_string(d.parent) + " " + d.name);
  lines.push_back(version.parsed.has_error ? "repaired" : "whole");
  return lines;
}

std::string functions(int count, const std::string& inside) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "def f" + std::to_string(i) + "(a):\n    b = a\n" + (i == count / 2 ? inside : "") + "    c = b\n    return c\n\n";
  return text;
}

} // namespace

TEST_CASE("the rest is what changed and what stands around it", "[rest]") {
  Trees trees(Language::python);
  const std::string before = functions(100, ""), now = functions(100, "    changed = 1\n");
  const Version version = trees.whole(before);
  REQUIRE(version.items.size() == 400);
  Rest rest;
  REQUIRE(rest.make(version.items, before, now, difference(syntax::Lines(before), syntax::Lines(now))));
  CHECK(rest.text().size() < now.size() / 20);
  CHECK(rest.text().find("    b = a\n    changed = 1\n    c = b\n") != std::string_view::npos);
  CHECK(rest.text().ends_with("    return c\n\n"));
  REQUIRE(!rest.runs().empty());
  for (std::uint32_t at = 0; at < rest.text().size(); ++at) {
    REQUIRE(rest.begins(at) < now.size());
    REQUIRE(rest.text()[at] == now[rest.begins(at)]);
    REQUIRE(rest.ends(at + 1) == rest.begins(at) + 1);
  }
  const std::string other = functions(3, "x = 1\n");
  CHECK(!rest.make(version.items, before, other, difference(syntax::Lines(before), syntax::Lines(other)))); // nothing to leave out
}

TEST_CASE("a walk over the rest gives what one over the whole gives", "[rest]") {
  for (const Sample& sample : kSamples) {
    if (rules(sample.language).lists.empty()) continue;
    Trees trees(sample.language);
    Changes changes(static_cast<unsigned>(sample.language) + 100);
    std::string text;
    for (int i = 0; i < 6; ++i) text += sample.language == Language::json ? "" : sample.text;
    if (sample.language == Language::json) text = sample.text;
    int by_rest = 0;
    for (int round = 0; round < 400; ++round) {
      const std::string now = changes.of(text);
      const Version before = trees.whole(text);
      Rest rest;
      Version version;
      if (before.parsed.has_error || !rest.make(before.items, text, now, difference(syntax::Lines(text), syntax::Lines(now)))) continue;
      bool known = false;
      if (!trees.parse(rest.text(), [&](TSNode root) { known = walk_rest(root, *trees.types, rest, before, version); }) || !known) continue;
      ++by_rest;
      INFO(name(sample.language) << ", round " << round << ":\n" << now);
      CHECK(shown(version) == shown(trees.whole(now)));
    }
    INFO(name(sample.language));
    CHECK(by_rest > 20);
  }
}
