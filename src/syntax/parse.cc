// The parser around tree-sitter: limits, reuse, and what tree-sitter versions call things.
//
// The idea: any bytes are a text. tree-sitter repairs what doesn't parse, so bad text costs quality, never an
// error; what has to be bounded is size (its trees take 15 to 40 bytes for each byte of source) and time (repairs
// of a large broken text can run away).
#include "syntax/parse.h"

#include "syntax/walk.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <iterator>

namespace packscope::syntax {
namespace {

constexpr std::string_view kKindNames[kDeclarationKinds] = {"function", "type",           "constant", "import",
                                                            "module",   "implementation", "macro",    "other"};

using Clock = std::chrono::steady_clock;

// The tree of `text`, or null once `limit` has passed.
TSTree* parse_within(TSParser* parser, std::string_view text, std::chrono::milliseconds limit) {
#if TREE_SITTER_LANGUAGE_VERSION >= 15 // 0.25: a callback in place of the parser's own clock
  const TSInput input{&text,
                      [](void* payload, std::uint32_t at, TSPoint, std::uint32_t* size) -> const char* {
                        const std::string_view& whole = *static_cast<const std::string_view*>(payload);
                        *size = at < whole.size() ? static_cast<std::uint32_t>(whole.size() - at) : 0;
                        return *size > 0 ? whole.data() + at : "";
                      },
                      TSInputEncodingUTF8, nullptr};
  Clock::time_point deadline = Clock::now() + limit;
  const TSParseOptions options{&deadline, [](TSParseState* state) {
                                 return Clock::now() > *static_cast<const Clock::time_point*>(state->payload);
                               }};
  return ts_parser_parse_with_options(parser, nullptr, input, options);
#else
  ts_parser_set_timeout_micros(parser, static_cast<std::uint64_t>(std::chrono::microseconds(limit).count()));
  return ts_parser_parse_string(parser, nullptr, text.empty() ? "" : text.data(),
                                static_cast<std::uint32_t>(text.size()));
#endif
}

} // namespace

std::string_view name(DeclarationKind kind) { return kKindNames[static_cast<unsigned>(kind)]; }

bool parse_declaration_kind(std::string_view text, DeclarationKind& out) {
  const std::string_view* found = std::ranges::find(kKindNames, text);
  if (found == std::end(kKindNames)) return false;
  out = static_cast<DeclarationKind>(found - kKindNames);
  return true;
}

struct Parser::State {
  Grammars& grammars;
  std::chrono::milliseconds limit;
  TSParser* parser;
  std::unique_ptr<NodeTypes> types[kLanguages];
};

Parser::Parser(Grammars& grammars, std::chrono::milliseconds limit)
    : state_(std::make_unique<State>(State{grammars, limit, ts_parser_new(), {}})) {}
Parser::~Parser() { ts_parser_delete(state_->parser); }

Result<void> Parser::parse(Language language, Bytes text, Parsed& out, Want want) {
  out.tokens.clear();
  out.declarations.clear();
  out.has_error = false;
  if (text.size() > kMaxText)
    return fail("parse: " + std::to_string(text.size()) + " bytes of text, more than " + std::to_string(kMaxText));
  const Result<const TSLanguage*> grammar = state_->grammars.get(language);
  if (!grammar) return std::unexpected(grammar.error());
  if (*grammar == nullptr) return {};

  if (!ts_parser_set_language(state_->parser, *grammar))
    return fail("parse: tree-sitter refuses the grammar of " + std::string(name(language)));
  TSTree* tree = parse_within(state_->parser, as_text(text), state_->limit);
  if (tree == nullptr) {
    ts_parser_reset(state_->parser); // else the next text would go on where this one stopped
    return fail("parse: not done within " + std::to_string(state_->limit.count()) + " ms");
  }
  const TSNode root = ts_tree_root_node(tree);
  out.has_error = ts_node_has_error(root);
  if (want.tokens || want.declarations) {
    std::unique_ptr<NodeTypes>& types = state_->types[static_cast<unsigned>(language)];
    if (types == nullptr) types = std::make_unique<NodeTypes>(*grammar, language);
    walk(root, *types, as_text(text), want, out);
  }
  ts_tree_delete(tree);
  return {};
}

} // namespace packscope::syntax
