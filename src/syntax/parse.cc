// The parser around tree-sitter: limits, isolation, and what its versions call things.
//
// The idea: any bytes are a text. tree-sitter repairs what doesn't parse, so bad text costs quality, never an
// error. But it is somebody else's C, and so are the grammars' scanners: on hostile or merely large texts they
// have been seen to
// - run for minutes between two looks at the clock (bash's scanner on zeros: the square of the text's size), so the
//   text is fed in chunks, and past the limit the next chunk is the end;
//   the limit is processor time, so that a busy machine doesn't decide what parses;
// - crash: before 0.20.8 a node of 65,536 children corrupts the heap (an unclosed bracket is enough), deep trees are
//   compared by calls as deep, and Markdown's scanner writes behind its buffer at 256 blocks in blocks.
// So a parse in this process is watched where tree-sitter asks for memory, and left where it stands before any of that can
// be; what it held is lost, which is rare, and has a limit. Such a text, a very long one and all Markdown are parsed in a
// process of their own, which also bounds their memory.
#include "syntax/parse.h"

#include "base/pool_memory.h"
#include "base/processor_time.h"
#include "syntax/apart.h"
#include "syntax/here.h"
#include "syntax/versions.h"

#include <sys/resource.h>
#include <tree_sitter/api.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

namespace packscope::syntax {
namespace {

constexpr std::string_view kKindNames[kDeclarationKinds] = {"function", "type",           "constant", "import",
                                                            "module",   "implementation", "macro",    "other"};

// --- one text, in this process -----------------------------------------------------------------------------------

std::unexpected<Error> too_long(std::chrono::milliseconds limit) {
  return fail("not done within " + std::to_string(limit.count()) + " ms of processor time");
}

How parse_here(Trees& trees, const NodeTypes& types, std::string_view text, std::chrono::milliseconds limit, Parser::Want want, Watch* watch,
               Parsed& out) {
  How how = How::done;
  TSTree* tree = trees.parse(text, limit, watch, how);
  if (tree == nullptr) return how;
  const TSNode root = ts_tree_root_node(tree);
  out.has_error = ts_node_has_error(root);
  if (want.tokens || want.declarations) walk(root, types, text, want, out);
  ts_tree_delete(tree);
  return how;
}

// --- one text, or its versions, in a process of its own ---------------------------------------------------------------------------

constexpr std::size_t kLongestHere = std::size_t{640} << 10; // ordinary source of this size stays within Watch::kMost
bool breaks(Language language) { return language == Language::markdown; } // whatever its size

template <class Plain>
void put(std::string& out, const Plain& value) {
  static_assert(std::is_trivially_copyable_v<Plain>);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
template <class Plain>
Plain take(const char*& at) {
  Plain value;
  std::memcpy(&value, at, sizeof value);
  at += sizeof value;
  return value;
}

// A declaration without its name, which follows the array.
struct Flat {
  std::uint32_t begin, end;
  DeclarationKind kind;
  std::string_view node, item;
  std::int32_t parent;
  std::uint32_t name_size;
};

// Tokens and declarations as they lie in memory: their views point into the grammar, which child and parent share.
void encode(const Parsed& parsed, std::string& out) {
  put(out, parsed.has_error);
  put(out, parsed.tokens.size());
  put(out, parsed.declarations.size());
  out.append(reinterpret_cast<const char*>(parsed.tokens.data()), parsed.tokens.size() * sizeof(Token));
  for (const Declaration& d : parsed.declarations)
    put(out, Flat{d.begin, d.end, d.kind, d.node, d.item, d.parent, static_cast<std::uint32_t>(d.name.size())});
  for (const Declaration& d : parsed.declarations) out += d.name;
}

void decode(std::string_view bytes, Parsed& out) {
  const char* at = bytes.data();
  out.has_error = take<bool>(at);
  out.tokens.resize(take<std::size_t>(at));
  out.declarations.resize(take<std::size_t>(at));
  if (!out.tokens.empty()) std::memcpy(out.tokens.data(), at, out.tokens.size() * sizeof(Token));
  at += out.tokens.size() * sizeof(Token);
  const char* name = at + out.declarations.size() * sizeof(Flat);
  for (Declaration& d : out.declarations) {
    const Flat flat = take<Flat>(at);
    d = {flat.begin, flat.end, flat.kind, flat.node, flat.item, std::string(name, flat.name_size), flat.parent};
    name += flat.name_size;
  }
}

// What waits instead of working ends after this, however many versions there are.
constexpr std::chrono::milliseconds kLongestWait = std::chrono::minutes(30);

// In a child that parses versions: no more processor time from here on than the next of them may take, which is parsed twice at
// most (by way of the one before, and by itself).
void allow_another(std::chrono::milliseconds limit) {
  struct rlimit now;
  if (::getrlimit(RLIMIT_CPU, &now) != 0) return;
  const auto most = std::chrono::ceil<std::chrono::seconds>(process_time() + 2 * limit + kGrace);
  now.rlim_cur = std::min<rlim_t>(now.rlim_max, static_cast<rlim_t>(most.count()));
  ::setrlimit(RLIMIT_CPU, &now);
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
  State(Grammars& all, std::chrono::milliseconds most) : grammars(all), limit(most) {}

  struct Grammar {
    const TSLanguage* language = nullptr; // null: not asked for yet
    std::unique_ptr<NodeTypes> types;
  };

  struct Request {
    Language language;
    Parser::Want want;
    std::uint32_t versions = 0; // 0: one text; else so many, declarations alone, each as its size (8 bytes) and itself
  };
  // In a child, with what the server knew of grammars.
  std::string answer(Request request, std::string_view text) {
    parse_apart_from_here();
    begin_child_pool();
    const Grammar& grammar = known[static_cast<unsigned>(request.language)];
    trees.set_language(grammar.language);
    if (request.versions != 0) return answer_versions(grammar, request.versions, text);
    Parsed parsed;
    const How how = parse_here(trees, *grammar.types, text, limit, request.want, nullptr, parsed);
    std::string answer;
    say(how == How::done ? Result<const Parsed*>(&parsed) : too_long(limit), answer);
    return answer;
  }
  std::string answer_versions(const Grammar& grammar, std::uint32_t count, std::string_view texts) {
    Versions versions(trees, grammar.language, *grammar.types, limit, nullptr);
    std::string all;
    for (const char* at = texts.data(); count > 0; --count) {
      const std::uint64_t size = take<std::uint64_t>(at);
      allow_another(limit);
      const Parsed* const parsed = versions.next({at, size});
      at += size;
      const std::size_t head = all.size();
      put(all, std::uint64_t{0});
      say(parsed != nullptr ? Result<const Parsed*>(parsed) : too_long(limit), all);
      const std::uint64_t bytes = all.size() - head - sizeof bytes;
      std::memcpy(all.data() + head, &bytes, sizeof bytes);
    }
    return all;
  }
  // Behind what `out` holds; decoded() reads it.
  static void say(const Result<const Parsed*>& parsed, std::string& out) {
    out += parsed ? kDone : kFailed;
    if (parsed) encode(**parsed, out);
    else out += parsed.error().what;
  }
  static Result<Parsed> decoded(std::string_view answer) {
    if (answer.starts_with(kFailed)) return fail(std::string(answer.substr(1)));
    Parsed parsed;
    decode(answer.substr(1), parsed);
    return parsed;
  }
  Result<std::string> ask_apart(Request request, std::span<const std::string_view> pieces, std::chrono::milliseconds most) {
    const unsigned bit = 1u << static_cast<unsigned>(request.language);
    if ((served & bit) == 0) { // the server was forked before this grammar was loaded
      server.renew();
      for (unsigned i = 0; i < kLanguages; ++i) served |= known[i].types != nullptr ? 1u << i : 0;
    }
    return server.run({reinterpret_cast<const char*>(&request), sizeof request}, pieces,
                      {most + kGrace, std::min(most * kClockPerProcessor, std::max(limit * kClockPerProcessor, kLongestWait)) + kGrace, kMaxMemory});
  }
  Result<void> parse_apart(Request request, std::string_view text, Parsed& out) {
    const Result<std::string> got = ask_apart(request, {&text, 1}, limit);
    if (!got) return std::unexpected(got.error());
    Result<Parsed> parsed = decoded(*got);
    if (!parsed) return std::unexpected(parsed.error());
    out = std::move(*parsed);
    return {};
  }
  // As many as come before one that is too much.
  std::vector<Result<Parsed>> versions_here(const Grammar& grammar, std::span<const Bytes> texts) {
    std::vector<Result<Parsed>> all;
    Watch watch = Watch::of_versions();
    Versions versions(trees, grammar.language, *grammar.types, limit, &watch);
    for (const Bytes text : texts) {
      const Parsed* const parsed = versions.next(as_text(text));
      if (parsed == nullptr && versions.how() == How::too_much) break;
      all.push_back(parsed != nullptr ? Result<Parsed>(*parsed) : too_long(limit));
    }
    return all;
  }
  // Empty where the child didn't come to its end: then who it was about is not known.
  std::vector<Result<Parsed>> versions_apart(Language language, std::span<const Bytes> texts) {
    std::vector<std::uint64_t> sizes;
    for (const Bytes text : texts) sizes.push_back(text.size());
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      pieces.emplace_back(reinterpret_cast<const char*>(&sizes[i]), sizeof sizes[i]);
      pieces.push_back(as_text(texts[i]));
    }
    std::vector<Result<Parsed>> parsed;
    const Result<std::string> got = ask_apart({language, {}, static_cast<std::uint32_t>(texts.size())}, pieces, 2 * limit * texts.size());
    if (!got) return parsed;
    for (const char* at = got->data(); at < got->data() + got->size();) {
      const std::uint64_t size = take<std::uint64_t>(at);
      parsed.push_back(decoded({at, size}));
      at += size;
    }
    return parsed;
  }
  static constexpr char kDone = 'd', kFailed = 'f';
  static_assert(kLanguages <= 32);

  Grammars& grammars;
  const std::chrono::milliseconds limit;
  Trees trees;
  std::array<Grammar, kLanguages> known;
  Result<const Grammar*> grammar_of(Language language);
  unsigned served = 0; // languages that the server knows, a bit each
  ForkServer server{[this](std::string_view request, std::string_view text) {
                      Request asked;
                      std::memcpy(&asked, request.data(), sizeof asked);
                      return answer(asked, text);
                    },
                    kMaxText};
};

Parser::Parser(Grammars& grammars, std::chrono::milliseconds limit) : state_(std::make_unique<State>(grammars, limit)) {}
Parser::~Parser() = default;

// Null: a language without one.
Result<const Parser::State::Grammar*> Parser::State::grammar_of(Language language) {
  Grammar& grammar = known[static_cast<unsigned>(language)];
  if (grammar.types == nullptr) {
    const Result<const TSLanguage*> loaded = grammars.get(language);
    if (!loaded) return std::unexpected(loaded.error());
    if (*loaded == nullptr) return nullptr;
    grammar = {*loaded, std::make_unique<NodeTypes>(*loaded, language)};
  }
  if (!trees.set_language(grammar.language))
    return fail("parse: tree-sitter refuses the grammar of " + std::string(name(language)));
  return &grammar;
}

Result<void> Parser::parse(Language language, Bytes bytes, Parsed& out, Want want) {
  out.tokens.clear();
  out.declarations.clear();
  out.has_error = false;
  if (bytes.size() > kMaxText)
    return fail("parse: " + std::to_string(bytes.size()) + " bytes of text, more than " + std::to_string(kMaxText));
  const Result<const State::Grammar*> grammar = state_->grammar_of(language);
  if (!grammar) return std::unexpected(grammar.error());
  if (*grammar == nullptr) return {};
  How how = How::too_much;
  if (bytes.size() <= kLongestHere && !breaks(language)) {
    Watch watch = Watch::of_text(bytes.size());
    how = parse_here(state_->trees, *(*grammar)->types, as_text(bytes), state_->limit, want, &watch, out);
  }
  Result<void> done;
  if (how == How::too_much) done = state_->parse_apart({language, want}, as_text(bytes), out);
  if (how == How::too_long) done = too_long(state_->limit);
  if (!done) return fail("parse: " + done.error().what);
  return {};
}

std::vector<Result<Parsed>> Parser::parse_versions(Language language, std::span<const Bytes> texts) {
  std::vector<Result<Parsed>> all;
  std::uint64_t bytes = 0, longest = 0;
  for (const Bytes text : texts) {
    bytes += text.size() + sizeof bytes;
    longest = std::max<std::uint64_t>(longest, text.size());
  }
  if (texts.size() > 1 && bytes <= kMaxText && !rules(language).lists.empty())
    if (const Result<const State::Grammar*> grammar = state_->grammar_of(language); grammar && *grammar != nullptr) {
      if (longest <= kLongestHere) all = state_->versions_here(**grammar, texts);
      if (all.size() < texts.size()) std::ranges::move(state_->versions_apart(language, texts.subspan(all.size())), std::back_inserter(all));
      for (Result<Parsed>& one : all)
        if (!one) one = fail("parse: " + one.error().what);
    }
  for (std::size_t i = all.size(); i < texts.size(); ++i) {
    Parsed parsed;
    const Result<void> done = parse(language, texts[i], parsed, {.tokens = false, .declarations = true});
    all.push_back(done ? Result<Parsed>(std::move(parsed)) : std::unexpected(done.error()));
  }
  return all;
}

} // namespace packscope::syntax
