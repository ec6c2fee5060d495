// Inside the room: the declarations of versions of one text, each in the light of one before.
#pragma once

#include "syntax/here.h"
#include "syntax/walk.h"

#include <memory>

namespace packscope::syntax {

class Versions {
public:
  // `watch`: null, or of all that is held of them.
  Versions(Trees& trees, const TSLanguage* language, const NodeTypes& types, std::chrono::milliseconds limit, Watch* watch)
      : trees_(trees), language_(language), types_(types), limit_(limit), watch_(watch) {}

  // What is returned stands until the next call, `text` has to stand as long as this. Null: see how().
  const Parsed* next(std::string_view text);
  How how() const { return how_; } // the last parse

private:
  struct FreeTree {
    void operator()(TSTree* tree) const { ts_tree_delete(tree); }
  };
  using Tree = std::unique_ptr<TSTree, FreeTree>;
  struct Known {
    Lines lines;
    Version version;
  };

  Tree parse(std::string_view text);
  const Known* nearest(const Lines& lines) const; // null: there is none like it
  void keep(Known known);
  bool by_rest(const Known& before, std::string_view text, std::span<const Edit> edits, Version& out);

  // Where branches alternate, the last is not the nearest. The last is kept, however large: 1 MiB of text may have
  // 20 MiB of items and declarations.
  static constexpr std::size_t kKept = 16, kKeptText = std::size_t{1} << 20;

  Trees& trees_;
  const TSLanguage* const language_;
  const NodeTypes& types_;
  const std::chrono::milliseconds limit_;
  Watch* const watch_;
  How how_ = How::done;
  std::vector<Known> known_; // the last at the end
  Parsed doubtful_;          // with errors, or a token that looked far: what it has may rest on anything, so it tells nothing of others
  Rest rest_;
};

} // namespace packscope::syntax
