// Finds the git-like urls of a text: a multi-pattern matcher finds the places, url.h's grammar decides.
//
// The idea: five literals ("://", "git@", and the shorthands' "github:", "gitlab:", "sourcehut:") are all that a url can
// be known by, and Hyperscan (vectorscan) looks for all of them at once with vector instructions. It runs in streaming
// mode over pieces that fit the processor's second cache, so that a text of any size is scanned while it is hot and the
// matcher's own state stays a few hundred bytes.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "deps/url.h"

#include <functional>
#include <memory>

namespace packscope::deps {

// In which kind of file a url stands.
enum class Via : std::uint8_t { gitmodules, cargo, flake, lock, text };
std::string_view name(Via via);
Via via_of_path(std::string_view path);     // by the last component: .gitmodules, Cargo.toml, flake.nix, *.lock …
Via via_of_content(std::string_view text);  // where no path is known: by what only such a file holds
bool has_shorthands(std::string_view path); // formats in which "github:owner/name" is a repository

// git's own rule (buffer_is_binary in xdiff-interface.c): a NUL among the first 8000 bytes.
bool is_binary(Bytes data);

class UrlScanner { // one per thread; all share one compiled matcher
public:
  static Result<UrlScanner> create();
  UrlScanner(UrlScanner&&) noexcept;
  UrlScanner& operator=(UrlScanner&&) noexcept;
  ~UrlScanner();

  enum class Shorthands : std::uint8_t { none, quoted, all }; // quoted: only behind a quotation mark
  // In the order in which they stand; a url inside another is not one. A failure of the matcher (memory) is a value.
  [[nodiscard]] Result<void> scan(std::string_view text, Shorthands shorthands,
                                  const std::function<void(const FoundUrl&)>& visit);

private:
  struct State;
  explicit UrlScanner(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace packscope::deps
