// Inside the room: a parse in this process, watched, and left where it may not go on.
#pragma once

#include "base/deep_stack.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace packscope::syntax {

enum class How { done, too_much, too_long };

// A parse may not go on where
// - it asks for a block that a node of 65,536 children would need (8 bytes each);
// - all that this thread holds is so much that tree-sitter may call itself deeper than its stack allows: along its own stack (110
//   bytes a call, for an entry of 256), or where it compares two trees (50 bytes, for 104 in each);
// - its time is over.
struct Watch {
  static constexpr std::ptrdiff_t kMost = DeepStack::kDeepest;
  static constexpr std::size_t kLargestBlock = std::size_t{65536} * 8;
  static constexpr unsigned kBlocksPerLook = 1024; // at the clock

  // What ordinary source of so many bytes takes, twice over: the sooner a parse is left, the less is lost.
  static Watch of_text(std::size_t bytes) { return {held() + std::min(kMost, (std::ptrdiff_t{2} << 20) + 128 * static_cast<std::ptrdiff_t>(bytes))}; }
  static Watch of_versions() { return {held() + kMost}; }
  static std::ptrdiff_t held(); // bytes that tree-sitter has of this thread's blocks

  std::ptrdiff_t most;                    // of held()
  std::chrono::nanoseconds deadline = {}; // of thread_time()
  unsigned blocks = 0;
  How how = How::done;

  void see(std::size_t size); // a block more; doesn't return where the parse is left
};

// A parser, and another one where its parse was left.
class Trees {
public:
  Trees() = default;
  ~Trees() { ts_parser_delete(parser_); }
  Trees(const Trees&) = delete;
  Trees& operator=(const Trees&) = delete;

  bool set_language(const TSLanguage* language) { return ts_parser_set_language(parser_, language); }
  // Null: see `how`. `watch`: null, or this is left where it says. It is too much from the beginning once kMostLost is lost.
  // `comment`: what a line of comment begins with, or empty: nobody asks for looked_far().
  TSTree* parse(std::string_view text, std::chrono::milliseconds limit, Watch* watch, How& how, std::string_view comment = {});
  // Did the last one read a whole line of code, and then again what stands before it? Then something there rests on what comes far
  // after it: in `/* x` the comment ends somewhere, or it is none.
  bool looked_far() const { return looked_far_; }

private:
  static constexpr std::ptrdiff_t kMostLost = std::ptrdiff_t{64} << 20;

  TSParser* parser_ = ts_parser_new();
  DeepStack deep_;
  std::ptrdiff_t lost_ = 0; // bytes
  bool looked_far_ = false;
};

// Long enough for what works to notice its own limit first and say so.
inline constexpr std::chrono::milliseconds kGrace{1000};
// Where waiting and not working takes the time.
inline constexpr int kClockPerProcessor = 20;

// From here on this process is one that parses apart: without memory it ends at once and silently.
void parse_apart_from_here();

} // namespace packscope::syntax
