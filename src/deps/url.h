// Git-like urls: where one begins and ends in a text, and one normal form for all spellings of a repository.
//
//   url       := full | scp | shorthand
//   full      := ["git+"] ("https" | "http" | "ssh" | "git") "://" [userinfo "@"] host [":" port] "/" path
//                ["?" query] ["#" fragment]
//   scp       := "git@" host ":" path
//   shorthand := ("github" | "gitlab" | "sourcehut") ":" owner "/" name ["/" ref-or-rev] ["?" query]
//
// (git-fetch(1) "GIT URLS", the flake references of nix3-flake(1), the RFC 3986 characters of a path.)
// The normal form is "https://host[:port]/path": host in lower case, no credentials, no port but one of
// http that is not the default, no ".git", no
// slash at the end; on a known forge the path is owner/name alone, so that links into a repository are the repository.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace packscope::deps {

// No url is longer: what follows belongs to no repository's name, and no hostile line costs more than this a hit.
inline constexpr std::size_t kMaxUrl = 2048;

struct FoundUrl {
  std::size_t begin = 0, end = 0; // in the text: the url as written
  std::string normalized;
};

// The url around a hit: `at` is where "://", "git@" or "github:" (gitlab:, sourcehut:) begins in `text`. In a text
// anything may stand, so an http(s) url counts only if its path ends in ".git" or it names owner and name on a known
// forge; a shorthand only where `shorthands` says that the format has them.
std::optional<FoundUrl> find_url(std::string_view text, std::size_t at, bool shorthands);

// The normal form of a url that stands where a manifest wants a repository: any host and path will do.
// nullopt: names no repository by host and path ("../x", "file:///x", "path:./x", "nixpkgs").
std::optional<std::string> normalize_url(std::string_view url);

// "pkg:github/owner/name" (purl-spec, types github and bitbucket: lower case); else the normal form itself.
std::string purl_of(std::string_view normalized);

// The branch, tag or revision that a flake reference or Cargo's url names, or empty: "github:o/n/REF", "?ref=", "?rev=".
std::string ref_of(std::string_view url);

} // namespace packscope::deps
