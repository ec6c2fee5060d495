// What each of tree-sitter's blocks is checked for, the text it is fed, and the parse on a stack of its own.
#include "syntax/here.h"

#include "base/pool_memory.h"
#include "base/processor_time.h"
#include "base/sanitized.h"
#include "syntax/apart.h"

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

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

// Without memory tree-sitter ends the process by exit(), which a child must not: it would print the parent's buffers a second
// time.
bool apart = false;
void* checked(void* memory) {
  if (memory != nullptr) return memory;
  if (apart) ::_exit(kOutOfMemory);
  std::fputs("packscope: no memory for tree-sitter\n", stderr);
  std::exit(kOutOfMemory);
}

constinit thread_local std::ptrdiff_t held_here = 0; // bytes that tree-sitter has of this thread's blocks
constinit thread_local Watch* watching = nullptr;

void* counted(void* block) {
  const std::size_t size = pool_block_size(checked(block));
  held_here += static_cast<std::ptrdiff_t>(size);
  if (watching != nullptr) watching->see(size);
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

struct Feed {
  std::string_view text;
  std::chrono::nanoseconds deadline; // of thread_time()
  std::string_view comment;          // not empty: looked_far is asked for
  bool expired = false;
  bool looked_far = false;
  std::uint32_t work = kWorkPerLook;
  std::uint32_t begin = 0, end = 0; // of the last chunk
  std::uint32_t farthest = 0;       // beginning of a chunk
  std::uint32_t line = 0, code = 0; // beginnings of lines: of the one of `farthest`; of the last one of code before it

  // Small enough that a scanner which goes over the text again and again asks often, large enough to cost nothing.
  static constexpr std::uint32_t kChunk = 2048;
  static constexpr std::uint32_t kWorkPerLook = 8 * kChunk; // at the clock
  static constexpr std::uint32_t kWorkPerChunk = 256;       // beside its bytes
};

// Comments and blank lines don't count: Python's scanner goes over them anew from each line's end.
bool is_code(std::string_view line, std::string_view comment) {
  const std::size_t first = line.find_first_not_of(" \t\r\n\f");
  return first != std::string_view::npos && !line.substr(first).starts_with(comment);
}

// Has all of a line of code been read, and is it read before it now?
void look(Feed& feed, std::uint32_t at) {
  feed.looked_far = at < feed.code;
  if (at <= feed.farthest || (at < feed.text.size() && feed.text[at - 1] != '\n')) return;
  if (is_code(feed.text.substr(feed.line, at - feed.line), feed.comment)) feed.code = feed.line;
  feed.line = at;
}

const char* read_chunk(void* payload, std::uint32_t at, TSPoint, std::uint32_t* size) {
  Feed& feed = *static_cast<Feed*>(payload);
  *size = 0;
  if (feed.work >= Feed::kWorkPerLook && !feed.expired) {
    feed.work = 0;
    feed.expired = thread_time() > feed.deadline;
  }
  const bool looking = !feed.comment.empty() && !feed.looked_far;
  if (looking) look(feed, at);
  // Within the last chunk it asks for the rest of a character, and reads it even where there is none.
  const bool rest = at >= feed.begin && at < feed.end;
  if (at < feed.text.size() && (rest || !feed.expired)) *size = static_cast<std::uint32_t>(std::min<std::size_t>(Feed::kChunk, feed.text.size() - at));
  if (looking && *size > 0) { // line by line, so that it is seen which ones were read
    const std::size_t line = feed.text.substr(at, *size).find('\n');
    if (line != std::string_view::npos) *size = static_cast<std::uint32_t>(line + 1);
  }
  feed.begin = at;
  feed.end = at + *size;
  feed.farthest = std::max(feed.farthest, at);
  feed.work += *size + Feed::kWorkPerChunk;
  return *size > 0 ? feed.text.data() + at : "";
}

// Null once `limit` has passed. `watch`: null, or on a deep stack.
TSTree* parse_within(TSParser* parser, std::string_view text, std::chrono::milliseconds limit, Watch* watch, std::string_view comment, bool& looked_far) {
  Feed feed{text, thread_time() + limit, comment};
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
  TSTree* tree = ts_parser_parse_with_options(parser, nullptr, input, options);
#else
  // Nor may one that is watched be stopped by the clock: before 0.20.8 tree-sitter then frees what may not be there.
  const std::chrono::microseconds clock = watch != nullptr ? std::chrono::microseconds(0) : limit * kClockPerProcessor;
  ts_parser_set_timeout_micros(parser, static_cast<std::uint64_t>(clock.count())); // 0: never
  TSTree* tree = ts_parser_parse(parser, nullptr, input);
#endif
  watching = nullptr;
  if (tree != nullptr && feed.expired) { // the tree of a part
    ts_tree_delete(tree);
    tree = nullptr;
  }
  looked_far = feed.looked_far;
  if (tree == nullptr) ts_parser_reset(parser); // else the next text would go on where this one stopped
  return tree;
}

} // namespace

void parse_apart_from_here() { apart = true; }

std::ptrdiff_t Watch::held() { return held_here; }

void Watch::see(std::size_t size) {
  if (held_here > most || size >= kLargestBlock) how = How::too_much;
  else if (++blocks % kBlocksPerLook == 0 && thread_time() > deadline) how = How::too_long;
  else return;
  DeepStack::leave();
}

TSTree* Trees::parse(std::string_view text, std::chrono::milliseconds limit, Watch* watch, How& how, std::string_view comment) {
  TSTree* tree = nullptr;
  const auto work = [&] { tree = parse_within(parser_, text, limit, watch, comment, looked_far_); };
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
      lost_ += held_here - held;
      forget(parser_);
      parser_ = ts_parser_new();
      how = watch->how;
      return nullptr;
    }
  }
  how = tree != nullptr ? How::done : How::too_long;
  return tree;
}

} // namespace packscope::syntax
