// The grammar of git-like urls; see url.h. One cursor over a bounded view: whatever does not match is no url.
#include "deps/url.h"

#include <algorithm>
#include <array>

namespace packscope::deps {

namespace {

// What a byte may be: a table, as every byte around a hit is asked.
enum : std::uint8_t { kAlnum = 1, kWord = 2, kPath = 4 };
constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes = {};
  for (unsigned byte = 0; byte < 128; ++byte) {
    const char c = static_cast<char>(byte);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
      classes[byte] = kAlnum | kWord | kPath;
  }
  for (const char c : std::string_view("_-.")) classes[static_cast<unsigned char>(c)] = kWord | kPath;
  for (const char c : std::string_view("/~+%@:=&!")) classes[static_cast<unsigned char>(c)] = kPath;
  return classes;
}();
bool is(char byte, std::uint8_t kind) { return (kClasses[static_cast<unsigned char>(byte)] & kind) != 0; }
bool is_alnum(char byte) { return is(byte, kAlnum); }
bool is_word(char byte) { return is(byte, kWord); }
bool is_path(char byte) { return is(byte, kPath); }
// After one of these inside a name comes something that a program fills in: "https://github.com/$user/repo".
bool opens_template(char byte) { return byte == '$' || byte == '{' || byte == '*' || byte == '<'; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& byte : out)
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte + ('a' - 'A'));
  return out;
}

bool equal_but_case(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return a == b || (a >= 'A' && a <= 'Z' && a + ('a' - 'A') == b); });
}

struct Forge {
  std::string_view host;
  std::string_view shorthand; // of flakes
  bool groups = false;        // owner may be a path: group/subgroup
};
constexpr Forge kForges[] = {
    {"bitbucket.org", ""},
    {"codeberg.org", ""},
    {"git.sr.ht", "sourcehut"},
    {"gitea.com", ""},
    {"github.com", "github"},
    {"gitlab.com", "gitlab", true},
    {"gitlab.freedesktop.org", "", true},
    {"gitlab.gnome.org", "", true},
    {"invent.kde.org", "", true},
    {"salsa.debian.org", "", true},
};
const Forge* forge_of(std::string_view host) {
  for (const Forge& forge : kForges)
    if (forge.host == host) return &forge;
  return nullptr;
}

// First segments of a forge's own pages: no user has these names.
bool is_page(std::string_view segment) {
  constexpr std::array<std::string_view, 34> kPages = {"-",
                                                       "about",
                                                       "account",
                                                       "api",
                                                       "apps",
                                                       "blog",
                                                       "collections",
                                                       "contact",
                                                       "customer-stories",
                                                       "dashboard",
                                                       "enterprise",
                                                       "events",
                                                       "explore",
                                                       "features",
                                                       "groups",
                                                       "help",
                                                       "issues",
                                                       "join",
                                                       "login",
                                                       "marketplace",
                                                       "new",
                                                       "notifications",
                                                       "orgs",
                                                       "pricing",
                                                       "pulls",
                                                       "search",
                                                       "security",
                                                       "settings",
                                                       "signup",
                                                       "site",
                                                       "sponsors",
                                                       "topics",
                                                       "trending",
                                                       "users"};
  return std::binary_search(kPages.begin(), kPages.end(), segment);
}

// A sentence's punctuation is not the url's.
bool is_ending(char byte) { return std::string_view(".:!?#=&").find(byte) != std::string_view::npos; }

// Without slashes, punctuation and ".git" at its end, however many.
std::string_view without_git(std::string_view path) {
  for (std::size_t before = 0; before != path.size();) {
    before = path.size();
    while (!path.empty() && (path.back() == '/' || is_ending(path.back()))) path.remove_suffix(1);
    if (path.ends_with(".git")) path.remove_suffix(4);
  }
  return path;
}

bool is_name(std::string_view segment) {
  return !segment.empty() && segment.back() != '.' && segment != ".git" &&
         std::all_of(segment.begin(), segment.end(), [](char byte) { return is_word(byte); });
}

// "owner/name", or with groups "group/sub/name", of a path on a forge; empty: there is none.
std::string_view project_of(const Forge& forge, std::string_view path) {
  std::size_t end = 0, segments = 0;
  for (std::size_t from = 0; from < path.size() && segments < (forge.groups ? 20u : 2u); ++segments) {
    const std::size_t slash = std::min(path.find('/', from), path.size());
    std::string_view segment = path.substr(from, slash - from);
    const bool git = segment.ends_with(".git");
    if (segments == 0 && is_page(segment)) return {};
    if (segments == 0 && segment.starts_with('~')) segment.remove_prefix(1); // sourcehut's users
    if (segment == "-" && segments > 1) break;                               // gitlab's pages of a project
    if (!is_name(segment)) {
      if (segments < 2) return {};
      break;
    }
    end = slash;
    from = slash + 1;
    if (git && segments > 0) {
      ++segments;
      break;
    }
  }
  const std::string_view project = without_git(path.substr(0, end));
  return segments < 2 || project.find('/') == project.npos ? std::string_view() : project;
}

bool is_host(std::string_view host) {
  return !host.empty() && is_alnum(host.front()) && is_alnum(host.back()) && host.find("..") == host.npos &&
         std::all_of(host.begin(), host.end(), is_word);
}

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

struct Shorthand {
  std::string_view owner, name, rest; // rest: ref or rev
  std::string host;
  std::size_t end = 0;
};

// `at`: the forge's word, `colon`: behind it.
std::optional<Shorthand> parse_shorthand(std::string_view text, std::size_t at) {
  const std::size_t colon = text.find(':', at);
  if (colon == text.npos) return std::nullopt;
  const Forge* forge = nullptr;
  for (const Forge& known : kForges)
    if (!known.shorthand.empty() && text.substr(at, colon - at) == known.shorthand) forge = &known;
  if (forge == nullptr) return std::nullopt;
  Shorthand out = {.host = std::string(forge->host)};
  std::size_t end = colon + 1;
  while (end < text.size() && is_path(text[end]) && text[end] != ':') ++end;
  std::string_view path = text.substr(colon + 1, end - colon - 1);
  if (end < text.size() && opens_template(text[end]) && std::count(path.begin(), path.end(), '/') < 2)
    return std::nullopt;
  if (end < text.size() && (text[end] == '?' || text[end] == '#')) {
    const std::size_t query = end;
    while (end < text.size() && (is_path(text[end]) || text[end] == '?' || text[end] == '#')) ++end;
    const std::string_view given = text.substr(query, end - query);
    if (const std::size_t host = given.find("host="); host != given.npos)
      out.host = lower(given.substr(host + 5, given.find_first_of("&#", host) - host - 5));
  }
  while (end > colon && (text[end - 1] == '.' || text[end - 1] == '!')) --end;
  while (!path.empty() && (path.back() == '.' || path.back() == '!')) path.remove_suffix(1);
  const std::size_t first = path.find('/');
  if (first == path.npos) return std::nullopt;
  const std::size_t second = std::min(path.find('/', first + 1), path.size());
  out.owner = path.substr(0, first);
  out.name = path.substr(first + 1, second - first - 1);
  if (second < path.size()) out.rest = path.substr(second + 1);
  out.end = end;
  if (!is_host(out.host)) return std::nullopt;
  return out;
}

std::optional<std::string> normalize(const Shorthand& parts) {
  std::string path; // gitlab's subgroups come as "group%2Fsub"
  for (std::size_t i = 0; i < parts.owner.size(); ++i) {
    const bool slash = equal_but_case(parts.owner.substr(i, 3), "%2f");
    path += slash ? '/' : parts.owner[i];
    i += slash ? 2 : 0;
  }
  path += "/" + std::string(parts.name);
  const Forge* forge = forge_of(parts.host);
  static constexpr Forge kOther = {"", "", true};
  const std::string_view project = project_of(forge != nullptr ? *forge : kOther, path);
  if (project.empty() || project.size() != without_git(path).size())
    return std::nullopt; // a name that the forge does not have
  return "https://" + parts.host + "/" + std::string(project);
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
