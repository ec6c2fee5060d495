// deps: what manifests say of dependencies: Cargo.toml, Cargo.lock, flake.nix, flake.lock, .gitmodules; text in,
// records out. The room reads no packs: tools/ hands it texts, and what stands beside them in the same tree.
//
// This file: what all its parsers keep to. A manifest is somebody's bytes: it is read in time and memory
// proportional to its size, and that size is bounded, and so is what may be nested in it. An error says the line.
#pragma once

#include "base/result.h"

namespace packscope::deps {

// The largest manifest in the histories of 51 public repositories has 280 kB. A text made for it takes 100 times its
// size while it is parsed and printed (a Cargo.toml of "a1={}" lines: 210 MB).
inline constexpr std::size_t kMaxManifest = std::size_t{2} << 20;
inline constexpr std::size_t kMaxNesting = 64; // sets, arrays, parts of a dotted key

// Refuses what is too large, not UTF-8, or holds a NUL, before anything is parsed.
Result<void> check_manifest(std::string_view text);

// "line 3: WHAT", for an offset in the text.
std::unexpected<Error> fail_in(std::string_view text, std::size_t offset, std::string_view what);
// A library's message, cut to a length that is fit for a line.
std::string shortened(std::string_view message);

} // namespace packscope::deps
