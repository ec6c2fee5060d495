// The parser around tree-sitter: limits, isolation, and what its versions call things.
//
// The idea: any bytes are a text. tree-sitter repairs what doesn't parse, so bad text costs quality, never an
// error. But it is somebody else's C, and so are the grammars' scanners: on hostile or merely large texts they
// have been seen to
// - run for minutes between two looks at the clock (bash's scanner on zeros: the square of the text's size), so the
//   text is fed in chunks, and past the limit the next chunk is the end;
//   the limit is processor time, so that a busy machine doesn't decide what parses;
// - crash: before 0.20.8 a node of 65,536 children corrupts the heap (an unclosed bracket in a long table is
//   enough), so a text long enough for that is parsed in a process of its own, which also bounds its memory.
#include "syntax/parse.h"

#include "base/pool_memory.h"
#include "syntax/apart.h"
#include "syntax/walk.h"

#include <tree_sitter/api.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <iterator>

namespace packscope::syntax {
namespace {

constexpr std::string_view kKindNames[kDeclarationKinds] = {"function", "type",           "constant", "import",
                                                            "module",   "implementation", "macro",    "other"};

// Without memory tree-sitter ends the process by exit(), which a child must not: it would print the parent's buffers a second
// time.
bool apart = false;
void* checked(void* memory) {
  if (memory != nullptr) return memory;
  if (apart) ::_exit(kOutOfMemory);
  std::fputs("packscope: no memory for tree-sitter\n", stderr);
  std::exit(kOutOfMemory);
}
// Before main(), so that no block is ever freed by another allocator than made it.
[[maybe_unused]] const bool kPooled = [] {
  ts_set_allocator([](std::size_t size) { return checked(pool_allocate(size)); },
                   [](std::size_t count, std::size_t size) {
                     const std::size_t bytes = size == 0 || count <= SIZE_MAX / size ? count * size : SIZE_MAX;
                     return std::memset(checked(pool_allocate(bytes)), 0, bytes);
                   },
                   [](void* old, std::size_t size) { return checked(pool_resize(old, size)); }, pool_free);
  return true;
}();

// Where waiting and not working takes the time.
constexpr int kClockPerProcessor = 20;

std::chrono::nanoseconds processor_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// --- one text, in this process -----------------------------------------------------------------------------------

struct Feed {
  std::string_view text;
  std::chrono::nanoseconds deadline; // of processor_time()
  bool expired = false;
};

// Small enough that a scanner which goes over the text again and again asks often, large enough to cost nothing.
constexpr std::uint32_t kChunk = 4096;

const char* read_chunk(void* payload, std::uint32_t at, TSPoint, std::uint32_t* size) {
  Feed& feed = *static_cast<Feed*>(payload);
  *size = 0;
  if (at >= feed.text.size()) return "";
  if (feed.expired || processor_time() > feed.deadline) {
    feed.expired = true;
    return "";
  }
  *size = static_cast<std::uint32_t>(std::min<std::size_t>(kChunk, feed.text.size() - at));
  return feed.text.data() + at;
}

// Null once `limit` has passed.
TSTree* parse_within(TSParser* parser, std::string_view text, std::chrono::milliseconds limit) {
  Feed feed{text, processor_time() + limit};
  TSInput input{};
  input.payload = &feed;
  input.read = read_chunk;
  input.encoding = TSInputEncodingUTF8;
#if TREE_SITTER_LANGUAGE_VERSION >= 15 // 0.25: a callback in place of a limit by the clock
  TSParseOptions options{};
  options.payload = &feed;
  options.progress_callback = [](TSParseState* state) {
    return processor_time() > static_cast<const Feed*>(state->payload)->deadline;
  };
  TSTree* tree = ts_parser_parse_with_options(parser, nullptr, input, options);
#else
  ts_parser_set_timeout_micros(parser, static_cast<std::uint64_t>(std::chrono::microseconds(limit * kClockPerProcessor).count()));
  TSTree* tree = ts_parser_parse(parser, nullptr, input);
#endif
  if (tree != nullptr && feed.expired) { // the tree of a part
    ts_tree_delete(tree);
    tree = nullptr;
  }
  if (tree == nullptr) ts_parser_reset(parser); // else the next text would go on where this one stopped
  return tree;
}

Result<void> parse_here(TSParser* parser, const NodeTypes& types, std::string_view text,
                        std::chrono::milliseconds limit, Parser::Want want, Parsed& out) {
  TSTree* tree = parse_within(parser, text, limit);
  if (tree == nullptr) return fail("not done within " + std::to_string(limit.count()) + " ms of processor time");
  const TSNode root = ts_tree_root_node(tree);
  out.has_error = ts_node_has_error(root);
  if (want.tokens || want.declarations) walk(root, types, text, want, out);
  ts_tree_delete(tree);
  return {};
}

// --- one text, in a process of its own ---------------------------------------------------------------------------

// No node of a shorter text has 65,536 children: each is at least a byte, or stands beside one that is (indents,
// automatic semicolons).
constexpr std::size_t kTrusted = 65535 / 2;

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
std::string encode(const Parsed& parsed) {
  std::string out;
  put(out, parsed.has_error);
  put(out, parsed.tokens.size());
  put(out, parsed.declarations.size());
  out.append(reinterpret_cast<const char*>(parsed.tokens.data()), parsed.tokens.size() * sizeof(Token));
  for (const Declaration& d : parsed.declarations)
    put(out, Flat{d.begin, d.end, d.kind, d.node, d.item, d.parent, static_cast<std::uint32_t>(d.name.size())});
  for (const Declaration& d : parsed.declarations) out += d.name;
  return out;
}

void decode(const std::string& bytes, Parsed& out) {
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

// Long enough for the child to notice its own limit first and say so.
constexpr std::chrono::milliseconds kGrace{1000};

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
  ~State() { ts_parser_delete(parser); }

  struct Request {
    Language language;
    Parser::Want want;
  };
  // In a child, with what the server knew of grammars.
  std::string answer(Request request, std::string_view text) {
    apart = true;
    begin_child_pool();
    const Grammar& grammar = known[static_cast<unsigned>(request.language)];
    ts_parser_set_language(parser, grammar.language);
    Parsed parsed;
    const Result<void> done = parse_here(parser, *grammar.types, text, limit, request.want, parsed);
    return done ? kDone + encode(parsed) : kFailed + done.error().what;
  }
  Result<void> parse_apart(Request request, std::string_view text, Parsed& out) {
    const unsigned bit = 1u << static_cast<unsigned>(request.language);
    if ((served & bit) == 0) { // the server was forked before this grammar was loaded
      server.renew();
      for (unsigned i = 0; i < kLanguages; ++i) served |= known[i].types != nullptr ? 1u << i : 0;
    }
    const Result<std::string> got = server.run({reinterpret_cast<const char*>(&request), sizeof request}, text,
                                               {limit + kGrace, limit * kClockPerProcessor + kGrace, kMaxMemory});
    if (!got) return std::unexpected(got.error());
    if (got->starts_with(kFailed)) return fail(got->substr(1));
    decode(got->substr(1), out);
    return {};
  }
  static constexpr char kDone = 'd', kFailed = 'f';
  static_assert(kLanguages <= 32);

  Grammars& grammars;
  const std::chrono::milliseconds limit;
  TSParser* const parser = ts_parser_new();
  struct Grammar {
    const TSLanguage* language = nullptr; // null: not asked for yet
    std::unique_ptr<NodeTypes> types;
  };
  std::array<Grammar, kLanguages> known;
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

Result<void> Parser::parse(Language language, Bytes bytes, Parsed& out, Want want) {
  out.tokens.clear();
  out.declarations.clear();
  out.has_error = false;
  if (bytes.size() > kMaxText)
    return fail("parse: " + std::to_string(bytes.size()) + " bytes of text, more than " + std::to_string(kMaxText));
  State::Grammar& grammar = state_->known[static_cast<unsigned>(language)];
  if (grammar.types == nullptr) {
    const Result<const TSLanguage*> loaded = state_->grammars.get(language);
    if (!loaded) return std::unexpected(loaded.error());
    if (*loaded == nullptr) return {};
    grammar = {*loaded, std::make_unique<NodeTypes>(*loaded, language)};
  }
  if (!ts_parser_set_language(state_->parser, grammar.language))
    return fail("parse: tree-sitter refuses the grammar of " + std::string(name(language)));
  const Result<void> done = bytes.size() <= kTrusted ? parse_here(state_->parser, *grammar.types, as_text(bytes), state_->limit, want, out)
                                                     : state_->parse_apart({language, want}, as_text(bytes), out);
  if (!done) return fail("parse: " + done.error().what);
  return {};
}

} // namespace packscope::syntax
