// The grammar of git-like urls; see url.h. One cursor over a bounded view: whatever does not match is no url.
#include "deps/url.h"

#include "deps/forge.h"
#include "deps/url_bytes.h"
#include "deps/url_shorthand.h"

#include <algorithm>

namespace packscope::deps {

namespace {

struct Parts {
  std::string scheme; // lower case; "scp" for git@host:path
  std::string host;   // lower case
  std::string port;
  std::string_view path; // no slash at either end, no query
  std::size_t end = 0;   // of the whole url
  bool cut = false;      // the path ends at what opens a template
};

// From behind "scheme://" (or behind "git@", with ':' for the first slash).
std::optional<Parts> parse_rest(std::string_view text, std::size_t at, std::string scheme) {
  const bool scp = scheme == "scp";
  Parts parts = {.scheme = std::move(scheme)};
  if (!scp) { // credentials are whatever stands before an '@' in the authority
    std::size_t user = at;
    while (user < text.size() && (is_path(text[user]) || text[user] == '*') && text[user] != '/' && text[user] != '@')
      ++user;
    if (user < text.size() && text[user] == '@') at = user + 1;
  }
  const std::size_t host = at;
  while (at < text.size() && is_word(text[at])) ++at;
  parts.host = lower(text.substr(host, at - host));
  if (!is_host(parts.host)) return std::nullopt;
  if (at >= text.size()) return std::nullopt;
  if (!scp && text[at] == ':') {
    const std::size_t port = ++at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9' && at - port < 5) ++at;
    parts.port = text.substr(port, at - port);
  }
  if (at >= text.size() || text[at] != (scp ? ':' : '/')) return std::nullopt;
  while (at + 1 < text.size() && text[at + 1] == '/') ++at;
  const std::size_t path = ++at;
  while (at < text.size() && is_path(text[at])) ++at;
  parts.cut = at < text.size() && opens_template(text[at]);
  std::size_t path_end = at;
  if (at < text.size() && (text[at] == '?' || text[at] == '#')) {
    while (at < text.size() && (is_path(text[at]) || text[at] == '?' || text[at] == '#')) ++at;
  }
  while (at > path && is_ending(text[at - 1])) --at;
  path_end = std::min(path_end, at);
  parts.end = at;
  parts.path = text.substr(path, path_end - path);
  while (parts.path.ends_with('/')) parts.path.remove_suffix(1);
  return parts;
}

// ssh's and git's ports say nothing of where the same repository is on the web.
bool has_own_port(const Parts& parts) {
  if (!parts.scheme.ends_with("https") && !parts.scheme.ends_with("http")) return false;
  return !parts.port.empty() && parts.port != (parts.scheme.ends_with("https") ? "443" : "80");
}

// `any`: the place says that it is a repository. Else only what looks like one.
std::optional<std::string> normalize(const Parts& parts, bool any) {
  std::string host = parts.host;
  if (host.starts_with("www.") && forge_of(std::string_view(host).substr(4)) != nullptr) host.erase(0, 4);
  std::string_view path = parts.path;
  const bool names_git = path.ends_with(".git");
  if (const Forge* forge = forge_of(host)) {
    path = project_of(*forge, path);
    if (parts.cut && path.size() + (names_git ? 4 : 0) >= parts.path.size()) return std::nullopt; // "owner/na${…}"
  } else {
    const bool web = parts.scheme == "https" || parts.scheme == "http";
    if (!any && web && !names_git) return std::nullopt;
    if (parts.cut && !names_git) return std::nullopt;
    // A word before a colon is a host to ssh; without a slash in the path it is mostly something else.
    if (!any && parts.scheme == "scp" && !names_git && path.find('/') == path.npos) return std::nullopt;
    path = without_git(path);
  }
  if (path.empty()) return std::nullopt;
  std::string out = "https://" + host;
  if (has_own_port(parts)) out += ":" + parts.port;
  return out + "/" + std::string(path);
}

// The scheme that ends at `end`, as git spells it; "registry+https" is Cargo's https.
std::string_view scheme_before(std::string_view text, std::size_t end) {
  constexpr std::string_view kSchemes[] = {"git+https", "git+http", "git+ssh", "https", "http", "ssh", "git"};
  for (const std::string_view scheme : kSchemes) {
    if (end < scheme.size()) continue;
    const std::size_t begin = end - scheme.size();
    if (!equal_but_case(text.substr(begin, scheme.size()), scheme)) continue;
    if (begin > 0 && (is_alnum(text[begin - 1]) || text[begin - 1] == '_' || text[begin - 1] == '-')) continue;
    return text.substr(begin, scheme.size());
  }
  return {};
}

} // namespace

std::optional<FoundUrl> find_url(std::string_view text, std::size_t at, bool shorthands) {
  if (at >= text.size()) return std::nullopt;
  // All that the grammar looks at, before and behind.
  const std::size_t from = at > 64 ? at - 64 : 0;
  const std::string_view near = text.substr(from, at - from + kMaxUrl);
  const std::size_t hit = at - from;
  const std::string_view rest = near.substr(hit);
  std::size_t begin = hit;
  std::optional<Parts> parts;
  if (rest.starts_with("://")) {
    const std::string_view scheme = scheme_before(near, hit);
    if (scheme.empty()) return std::nullopt;
    begin = hit - scheme.size();
    parts = parse_rest(near, hit + 3, lower(scheme));
  } else if (rest.starts_with("git@")) {
    if (hit > 0 && (is_word(near[hit - 1]) || near[hit - 1] == '/' || near[hit - 1] == '+')) return std::nullopt;
    parts = parse_rest(near, hit + 4, "scp");
  } else if (shorthands) {
    if (hit > 0 && (is_word(near[hit - 1]) || near[hit - 1] == '/')) return std::nullopt;
    const std::optional<Shorthand> found = parse_shorthand(near, hit);
    if (!found) return std::nullopt;
    const std::optional<std::string> normalized = normalize(*found);
    if (!normalized) return std::nullopt;
    return FoundUrl{at, from + found->end, *normalized};
  }
  if (!parts) return std::nullopt;
  const std::optional<std::string> normalized = normalize(*parts, false);
  if (!normalized) return std::nullopt;
  return FoundUrl{from + begin, from + parts->end, *normalized};
}

std::optional<std::string> normalize_url(std::string_view url) {
  url = url.substr(0, kMaxUrl);
  for (const std::string_view wrapper : {"tarball+", "registry+", "sparse+"})
    if (url.starts_with(wrapper)) url.remove_prefix(wrapper.size());
  if (const std::size_t at = url.find("://"); at != url.npos) {
    const std::string_view scheme = scheme_before(url, at);
    if (scheme.empty() || scheme.size() != at) return std::nullopt;
    const std::optional<Parts> parts = parse_rest(url, at + 3, lower(scheme));
    return parts ? normalize(*parts, true) : std::nullopt;
  }
  if (const std::optional<Shorthand> found = parse_shorthand(url, 0)) return normalize(*found);
  // git's scp form: any user, or none; a slash before the colon makes it a path.
  const std::size_t colon = url.find(':');
  if (colon == url.npos || url.substr(0, colon).find('/') != url.npos) return std::nullopt;
  const std::size_t user = url.substr(0, colon).find('@');
  if (user == url.npos) return std::nullopt;
  const std::optional<Parts> parts = parse_rest(url, user + 1, "scp");
  return parts ? normalize(*parts, true) : std::nullopt;
}

std::string purl_of(std::string_view normalized) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {{"https://github.com/", "pkg:github/"},
                                                                      {"https://bitbucket.org/", "pkg:bitbucket/"}};
  for (const auto& [prefix, type] : kTypes)
    if (normalized.starts_with(prefix)) return std::string(type) + lower(normalized.substr(prefix.size()));
  return std::string(normalized);
}

std::string ref_of(std::string_view url) {
  url = url.substr(0, kMaxUrl);
  if (const std::size_t query = url.find('?'); query != url.npos) {
    for (const std::string_view key : {"rev=", "ref=", "branch=", "tag="}) {
      const std::size_t at = url.find(key, query);
      if (at == url.npos || (url[at - 1] != '?' && url[at - 1] != '&')) continue;
      return std::string(url.substr(at + key.size(), url.find_first_of("&#", at) - at - key.size()));
    }
  }
  const std::optional<Shorthand> found = parse_shorthand(url, 0);
  return found ? std::string(found->rest) : std::string();
}

} // namespace packscope::deps
