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

#include "base/deep_stack.h"
#include "base/pool_memory.h"
#include "base/processor_time.h"
#include "base/sanitized.h"
#include "syntax/apart.h"
#include "syntax/walk.h"

#include <sys/resource.h>
#include <tree_sitter/api.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>

#if PACKSCOPE_SANITIZED
#include <sanitizer/lsan_interface.h>
#endif

namespace packscope::syntax {

namespace {

// Blocks that this thread takes while there is one are no leaks: of a parse that is left, nobody frees them; nor does anybody the parser.
#if PACKSCOPE_SANITIZED
using ForgottenBlocks = __lsan::ScopedDisabler;
void forget(const void* block) { __lsan_ignore_object(block); }
#else
struct ForgottenBlocks {
  ForgottenBlocks() {} // else it is a variable that nobody uses
};
void forget(const void*) {}
#endif

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

enum class How { done, too_much, too_long };

// A parse in this process, which may not go on where
// - it asks for a block that a node of 65,536 children would need (8 bytes each);
// - all that it holds is so much that tree-sitter may call itself deeper than its stack allows: along its own stack (110 bytes a
//   call, for an entry of 256), or where it compares two trees (50 bytes, for 104 in each);
// - its time is over.
struct Watch {
  static constexpr std::ptrdiff_t kMost = DeepStack::kDeepest;
  // What ordinary source of so many bytes takes, twice over: the sooner a parse is left, the less is lost.
  static constexpr std::ptrdiff_t most_of(std::size_t text) { return std::min(kMost, (std::ptrdiff_t{2} << 20) + 128 * static_cast<std::ptrdiff_t>(text)); }
  static constexpr std::size_t kLargestBlock = std::size_t{65536} * 8;
  static constexpr unsigned kBlocksPerLook = 1024; // at the clock

  std::ptrdiff_t most;                    // of held_here
  std::chrono::nanoseconds deadline = {}; // of thread_time()
  unsigned blocks = 0;
  How how = How::done;

  void leave(How why) {
    how = why;
    DeepStack::leave();
  }
  void see(std::size_t size, std::ptrdiff_t held) {
    if (held > most || size >= kLargestBlock) leave(How::too_much);
    if (++blocks % kBlocksPerLook == 0 && thread_time() > deadline) leave(How::too_long);
  }
};
constinit thread_local std::ptrdiff_t held_here = 0; // bytes that tree-sitter has of this thread's blocks
constinit thread_local Watch* watching = nullptr;

void* counted(void* block) {
  const std::size_t size = pool_block_size(checked(block));
  held_here += static_cast<std::ptrdiff_t>(size);
  if (watching != nullptr) watching->see(size, held_here);
  return block;
}
void uncount(const void* block) {
  if (block != nullptr) held_here -= static_cast<std::ptrdiff_t>(pool_block_size(block));
}

// Before main(), so that no block is ever freed by another allocator than made it.
[[maybe_unused]] const bool kPooled = [] {
  ts_set_allocator([](std::size_t size) { return counted(pool_allocate(size)); },
                   [](std::size_t count, std::size_t size) {
                     const std::size_t bytes = size == 0 || count <= SIZE_MAX / size ? count * size : SIZE_MAX;
                     return std::memset(counted(pool_allocate(bytes)), 0, bytes);
                   },
                   [](void* old, std::size_t size) {
                     uncount(old);
                     return counted(pool_resize(old, size));
                   },
                   [](void* block) {
                     uncount(block);
                     pool_free(block);
                   });
  return true;
}();

// Where waiting and not working takes the time.
constexpr int kClockPerProcessor = 20;
// Long enough for what works to notice its own limit first and say so.
constexpr std::chrono::milliseconds kGrace{1000};

// --- one text, in this process -----------------------------------------------------------------------------------

struct Feed {
  std::string_view text;
  std::chrono::nanoseconds deadline; // of thread_time()
  bool expired = false;
  std::uint32_t begin = 0, end = 0; // of the last chunk
};

// Small enough that a scanner which goes over the text again and again asks often, large enough to cost nothing.
constexpr std::uint32_t kChunk = 4096;

const char* read_chunk(void* payload, std::uint32_t at, TSPoint, std::uint32_t* size) {
  Feed& feed = *static_cast<Feed*>(payload);
  *size = 0;
  if (feed.expired || thread_time() > feed.deadline) feed.expired = true;
  // Within the last chunk it asks for the rest of a character, and reads it even where there is none.
  const bool rest = at >= feed.begin && at < feed.end;
  if (at < feed.text.size() && (rest || !feed.expired)) *size = static_cast<std::uint32_t>(std::min<std::size_t>(kChunk, feed.text.size() - at));
  feed.begin = at;
  feed.end = at + *size;
  return *size > 0 ? feed.text.data() + at : "";
}

// Null once `limit` has passed. `before`: null, or a version's tree that was told what differs. `watch`: null, or on a deep stack.
TSTree* parse_within(TSParser* parser, const TSTree* before, std::string_view text, std::chrono::milliseconds limit, Watch* watch) {
  Feed feed{text, thread_time() + limit};
  TSInput input{};
  input.payload = &feed;
  input.read = read_chunk;
  input.encoding = TSInputEncodingUTF8;
  if (watch != nullptr) watch->deadline = feed.deadline + kGrace; // where nothing was read in all that time
  watching = watch;
#if TREE_SITTER_LANGUAGE_VERSION >= 15 // 0.25: a callback in place of a limit by the clock
  TSParseOptions options{};
  options.payload = &feed;
  options.progress_callback = [](TSParseState* state) {
    return thread_time() > static_cast<const Feed*>(state->payload)->deadline;
  };
  TSTree* tree = ts_parser_parse_with_options(parser, before, input, options);
#else
  // Nor may one that is watched be stopped by the clock: before 0.20.8 tree-sitter then frees what may not be there.
  const std::chrono::microseconds clock = watch != nullptr ? std::chrono::microseconds(0) : limit * kClockPerProcessor;
  ts_parser_set_timeout_micros(parser, static_cast<std::uint64_t>(clock.count())); // 0: never
  TSTree* tree = ts_parser_parse(parser, before, input);
#endif
  watching = nullptr;
  if (tree != nullptr && feed.expired) { // the tree of a part
    ts_tree_delete(tree);
    tree = nullptr;
  }
  if (tree == nullptr) ts_parser_reset(parser); // else the next text would go on where this one stopped
  return tree;
}

} // namespace

// A parser, and another one where its parse was left.
class Trees {
public:
  Trees() = default;
  ~Trees() { ts_parser_delete(parser_); }
  Trees(const Trees&) = delete;
  Trees& operator=(const Trees&) = delete;

  bool set_language(const TSLanguage* language) { return ts_parser_set_language(parser_, language); }
  // Null: see `how`. `watch`: null, or this is left where it says. It is too much from the beginning once kMostLost is lost.
  TSTree* parse(const TSTree* before, std::string_view text, std::chrono::milliseconds limit, Watch* watch, How& how) {
    TSTree* tree = nullptr;
    const auto work = [&] { tree = parse_within(parser_, before, text, limit, watch); };
    const bool deep = deep_.make();
    if (watch == nullptr) {
      if (deep) deep_.run(work);
      else work();
    } else {
      how = How::too_much;
      if (lost_ >= kMostLost || !deep) return nullptr;
      const std::ptrdiff_t held = held_here;
      const ForgottenBlocks forgotten;
      if (!deep_.run(work)) {
        watching = nullptr;
        lost_ += before != nullptr ? kMostLost : held_here - held; // what was before is never free again
        forget(parser_);
        parser_ = ts_parser_new();
        how = watch->how;
        return nullptr;
      }
    }
    how = tree != nullptr ? How::done : How::too_long;
    return tree;
  }

private:
  static constexpr std::ptrdiff_t kMostLost = std::ptrdiff_t{64} << 20;

  TSParser* parser_ = ts_parser_new();
  DeepStack deep_;
  std::ptrdiff_t lost_ = 0; // bytes
};

namespace {

std::unexpected<Error> too_long(std::chrono::milliseconds limit) {
  return fail("not done within " + std::to_string(limit.count()) + " ms of processor time");
}

How parse_here(Trees& trees, const NodeTypes& types, std::string_view text, std::chrono::milliseconds limit, Parser::Want want, Watch* watch,
               Parsed& out) {
  How how = How::done;
  TSTree* tree = trees.parse(nullptr, text, limit, watch, how);
  if (tree == nullptr) return how;
  const TSNode root = ts_tree_root_node(tree);
  out.has_error = ts_node_has_error(root);
  if (want.tokens || want.declarations) walk(root, types, text, want, out);
  ts_tree_delete(tree);
  return how;
}

// --- versions of a text, in this process -------------------------------------------------------------------------

// Where bytes stand: line, and bytes from its beginning on. For places that are asked for in order.
class Points {
public:
  explicit Points(std::string_view text) : text_(text) {}
  TSPoint at(std::uint32_t place) {
    while (seen_ < place) {
      const void* const end = std::memchr(text_.data() + seen_, '\n', place - seen_);
      if (end == nullptr) break;
      ++row_;
      begin_ = seen_ = static_cast<std::uint32_t>(static_cast<const char*>(end) - text_.data()) + 1;
    }
    seen_ = place;
    return {row_, place - begin_};
  }

private:
  const std::string_view text_;
  std::uint32_t seen_ = 0, row_ = 0, begin_ = 0; // of the line
};

// The last edit first, so that what is told of the old text stays true.
void tell(TSTree* tree, std::span<const Edit> edits, std::string_view old_text, std::string_view new_text) {
  std::vector<TSInputEdit> all;
  Points old_points(old_text);
  for (const Edit& edit : edits) {
    const TSPoint begin = old_points.at(edit.old_begin), end = old_points.at(edit.old_end);
    Points added(new_text.substr(edit.new_begin, edit.new_end - edit.new_begin));
    const std::uint32_t size = edit.new_end - edit.new_begin;
    TSPoint new_end = added.at(size);
    if (new_end.row == 0) new_end.column += begin.column;
    new_end.row += begin.row;
    all.push_back({edit.old_begin, edit.old_end, edit.old_begin + size, begin, end, new_end});
  }
  for (std::size_t i = all.size(); i-- > 0;) ts_tree_edit(tree, &all[i]);
}

// Where tree-sitter finds the same by way of an older tree: in these no difference was met in 39,000 random changes each, or more. In
// JavaScript a comment after a statement without semicolon may end up in another node, in the shell what follows a continued line.
bool parses_versions(Language language) {
  constexpr Language kThese[] = {Language::c, Language::cpp, Language::rust, Language::go, Language::python, Language::toml, Language::json};
  return std::ranges::find(kThese, language) != std::end(kThese);
}

struct FreeTree {
  void operator()(TSTree* tree) const { ts_tree_delete(tree); }
};
using Tree = std::unique_ptr<TSTree, FreeTree>;

// What tree-sitter repaired it may repair otherwise with a tree at hand: such a version is parsed by itself, and so is the next.
class Versions {
public:
  // `watch`: null, or of all that is held of them.
  Versions(Trees& trees, const TSLanguage* language, const NodeTypes& types, std::chrono::milliseconds limit, Watch* watch)
      : trees_(trees), language_(language), types_(types), limit_(limit), watch_(watch) {}

  // What is returned stands until the next call.
  Result<const Parsed*> next(std::string_view text) {
    std::vector<Edit> edits;
    Tree tree;
    if (tree_ != nullptr) {
      edits = difference(text_, text);
      if (edits.empty()) return &parsed_;
      tell(tree_.get(), edits, text_, text);
      tree.reset(parse(tree_.get(), text));
      if (tree != nullptr && ts_node_has_error(ts_tree_root_node(tree.get()))) tree.reset();
    }
    Parsed parsed;
    Walked walked;
    if (tree != nullptr) {
      std::uint32_t count = 0;
      TSRange* const changed = ts_tree_get_changed_ranges(tree_.get(), tree.get(), &count);
      const Before before = {walked_, parsed_, edits, {changed, count}};
      walk_version(ts_tree_root_node(tree.get()), types_, text, &before, walked, parsed);
      pool_free(changed);
    } else {
      tree_.reset();
      tree.reset(parse(nullptr, text));
      if (tree == nullptr) return too_long(limit_);
      const TSNode root = ts_tree_root_node(tree.get());
      parsed.has_error = ts_node_has_error(root);
      walk_version(root, types_, text, nullptr, walked, parsed);
    }
    if (!parsed.has_error) tree_ = std::move(tree);
    text_ = text;
    walked_ = std::move(walked);
    parsed_ = std::move(parsed);
    return &parsed_;
  }
  bool too_much() const { return how_ == How::too_much; } // is that what the error is about?

private:
  // Some grammars' scanners (Python's, the shell's) keep something of the text before, unless they are made anew.
  TSTree* parse(const TSTree* before, std::string_view text) {
    trees_.set_language(language_);
    return trees_.parse(before, text, limit_, watch_, how_);
  }

  Trees& trees_;
  const TSLanguage* const language_;
  const NodeTypes& types_;
  const std::chrono::milliseconds limit_;
  Watch* const watch_;
  How how_ = How::done; // the last parse
  Tree tree_; // of the version before; null: the next one is parsed by itself
  std::string_view text_;
  Walked walked_;
  Parsed parsed_;
};

// --- one text, or its versions, in a process of its own ---------------------------------------------------------------------------

// Ordinary source of this size stays within Watch::kMost; of versions, two trees do.
constexpr std::size_t kLongestHere = std::size_t{640} << 10, kLongestVersionHere = std::size_t{256} << 10;
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
    apart = true;
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
      const Result<const Parsed*> parsed = versions.next({at, size});
      at += size;
      const std::size_t head = all.size();
      put(all, std::uint64_t{0});
      say(parsed, all);
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
    Watch watch{held_here + Watch::kMost};
    Versions versions(trees, grammar.language, *grammar.types, limit, &watch);
    for (const Bytes text : texts) {
      const Result<const Parsed*> parsed = versions.next(as_text(text));
      if (!parsed && versions.too_much()) break;
      all.push_back(parsed ? Result<Parsed>(**parsed) : std::unexpected(parsed.error()));
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
    Watch watch{held_here + Watch::most_of(bytes.size())};
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
  if (texts.size() > 1 && bytes <= kMaxText && parses_versions(language))
    if (const Result<const State::Grammar*> grammar = state_->grammar_of(language); grammar && *grammar != nullptr) {
      if (longest <= kLongestVersionHere) all = state_->versions_here(**grammar, texts);
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
