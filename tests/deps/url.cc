// Urls in texts and in manifests: what is one, and the form that all spellings share.
#include "deps/url.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope::deps;

namespace {

// What is found at the first "://" (or "git@", or a shorthand's word) of `text`.
std::string found(std::string_view text, std::string_view hit = "://", bool shorthands = false) {
  const std::optional<FoundUrl> url = find_url(text, text.find(hit), shorthands);
  if (!url) return "";
  return std::string(text.substr(url->begin, url->end - url->begin)) + " -> " + url->normalized;
}

} // namespace

TEST_CASE("all spellings of a repository have one normal form", "[url]") {
  for (const char* url :
       {"https://github.com/Owner/name", "https://github.com/Owner/name.git", "https://github.com/Owner/name/",
        "http://www.GitHub.com/Owner/name.git/", "https://user:secret@github.com/Owner/name.git",
        "https://github.com:443/Owner/name", "ssh://git@github.com/Owner/name.git",
        "ssh://git@github.com:22/Owner/name", "git://github.com/Owner/name",
        "git+https://github.com/Owner/name?ref=main", "git+ssh://git@github.com/Owner/name#x",
        "git@github.com:Owner/name.git", "git@github.com:/Owner/name", "github:Owner/name",
        "github:Owner/name/nixos-25.05", "github:Owner/name?dir=sub",
        "https://github.com/Owner/name/archive/main.tar.gz", "https://github.com/Owner/name/issues/12#comment"}) {
    INFO(url);
    CHECK(normalize_url(url) == "https://github.com/Owner/name");
  }
}

TEST_CASE("a normal form is its own normal form", "[url]") {
  for (const char* url : {"ssh://git@h.org:2222/a/b", "https://h.org/a:.git", "https://h.org/x.git.git/.",
                          "gitlab:a%2Fb/c.git", "https://github.com/a/b.", "https://gitlab.com/g/n/-/issues",
                          "https://gitlab.com/g/n/-.git"}) {
    INFO(url);
    const std::optional<std::string> normalized = normalize_url(url);
    REQUIRE(normalized);
    CHECK(normalize_url(*normalized) == normalized);
  }
  CHECK(normalize_url("ssh://git@h.org:2222/a/b") == "https://h.org/a/b");
}

TEST_CASE("what another host calls a path stays whole", "[url]") {
  CHECK(normalize_url("https://git.example.org:8443/a/b/c.git") == "https://git.example.org:8443/a/b/c");
  CHECK(normalize_url("ssh://me@host/~/x.git") == "https://host/~/x");
  CHECK(normalize_url("me@host:x") == "https://host/x");
  CHECK(normalize_url("https://gitlab.com/group/sub/name/-/tree/main") == "https://gitlab.com/group/sub/name");
  CHECK(normalize_url("gitlab:group%2Fsub/name/v1") == "https://gitlab.com/group/sub/name");
  CHECK(normalize_url("gitlab:o/n?host=gitlab.Example.org") == "https://gitlab.example.org/o/n");
  CHECK(normalize_url("sourcehut:~user/name/rev") == "https://git.sr.ht/~user/name");
  CHECK(normalize_url("registry+https://github.com/rust-lang/crates.io-index") ==
        "https://github.com/rust-lang/crates.io-index");
}

TEST_CASE("what names no repository has no normal form", "[url]") {
  for (const char* url : {"",
                          "../x",
                          "./x",
                          "/srv/git/x.git",
                          "file:///srv/x.git",
                          "path:./x",
                          "nixpkgs",
                          "C:\\x",
                          "https://",
                          "https:///x",
                          "https://github.com",
                          "https://github.com/owner",
                          "github:owner",
                          "ssh://host",
                          "https://github.com/orgs/x",
                          "https://github.com/..//x",
                          "git@host",
                          "mailto:git@host",
                          "a/b:c",
                          "github",
                          "gitlab:",
                          "gitlab:/",
                          "gitlab:g%3Fs/n",
                          "github:orgs/x",
                          "github:.gith/..git"}) {
    INFO(url);
    CHECK(normalize_url(url) == std::nullopt);
  }
}

TEST_CASE("a url in a text ends where the text goes on", "[url]") {
  CHECK(found("see (https://github.com/a/b), then") == "https://github.com/a/b -> https://github.com/a/b");
  CHECK(found("at https://github.com/a/b.") == "https://github.com/a/b -> https://github.com/a/b");
  CHECK(found("[x](https://github.com/a/b.git)") == "https://github.com/a/b.git -> https://github.com/a/b");
  CHECK(found("url = \"git+ssh://git@h.org/x\";") == "git+ssh://git@h.org/x -> https://h.org/x");
  CHECK(found("clone git@h.org:a/b.git now", "git@") == "git@h.org:a/b.git -> https://h.org/a/b");
  CHECK(found("registry+https://github.com/a/b\"") == "https://github.com/a/b -> https://github.com/a/b");
}

TEST_CASE("in a text only what looks like a repository counts", "[url]") {
  CHECK(found("https://example.org/a/b") == "");
  CHECK(found("https://example.org/a/b.git") == "https://example.org/a/b.git -> https://example.org/a/b");
  CHECK(found("xhttps://github.com/a/b") == "");
  CHECK(found("ftp://github.com/a/b") == "");
  CHECK(found("https://github.com/${owner}/x") == "");
  CHECK(found("https://github.com/owner/${name}") == "");
  CHECK(found("https://github.com/owner/na${me}") == "");
  CHECK(found("https://github.com/features/actions") == "");
  CHECK(found("mail git@vger.example.org: hello", "git@") == "");
  CHECK(found("someone.git@h.org:a/b", "git@") == "");
  CHECK(found("github:a/b", "github:") == "");
  CHECK(found("github:a/b/main", "github:", true) == "github:a/b/main -> https://github.com/a/b");
  CHECK(found("x.github:a/b", "github:", true) == "");
}

TEST_CASE("a package url exists for github and bitbucket", "[url]") {
  CHECK(purl_of("https://github.com/NixOS/nixpkgs") == "pkg:github/nixos/nixpkgs");
  CHECK(purl_of("https://bitbucket.org/A/b") == "pkg:bitbucket/a/b");
  CHECK(purl_of("https://git.sr.ht/~A/b") == "https://git.sr.ht/~A/b");
}

TEST_CASE("a reference names its branch or revision", "[url]") {
  CHECK(ref_of("github:a/b/nixos-25.05") == "nixos-25.05");
  CHECK(ref_of("github:a/b/feature/x") == "feature/x");
  CHECK(ref_of("git+https://h.org/x?dir=y&ref=main#frag") == "main");
  CHECK(ref_of("https://h.org/x?prev=1") == "");
}
