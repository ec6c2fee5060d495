// Flake references written as urls; see parse_flake_url in flake.h.
//
//   reference := id ("/" ref)? ("/" rev)? | path | scheme ":" rest ("?" query)? ("#" fragment)?
//   scheme    := github | gitlab | sourcehut          owner "/" repo ("/" (ref | rev))?
//              | git | git+X | hg+X                   X: http, https, ssh, file
//              | tarball+X | file+X | http | https    which of the two a bare one is, its ending says
//              | path | flake
//   rev       := 40 hex digits (64 with SHA-256)
#include "deps/flake.h"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>

namespace packscope::deps {
namespace {

using Query = std::vector<std::pair<std::string_view, std::string>>;

bool hex_digit(char byte) { return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f'); }
bool alnum(char byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}
bool is_rev(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) && std::ranges::all_of(text, hex_digit);
}

std::string percent_decoded(std::string_view text) {
  const auto value = [](char digit) { return digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10; };
  const auto is_hex = [](char byte) { return hex_digit(static_cast<char>(byte | 0x20)); };
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size() && is_hex(text[at + 1]) && is_hex(text[at + 2])) {
      out += static_cast<char>(value(text[at + 1]) * 16 + value(text[at + 2]));
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

Query parse_query(std::string_view text) {
  Query query;
  for (const std::string_view pair : split(text, '&'))
    if (const std::size_t equals = pair.find('='); equals != pair.npos)
      query.emplace_back(pair.substr(0, equals), percent_decoded(pair.substr(equals + 1)));
  return query;
}

void ref_or_rev(FlakeReference& out, std::string_view text) { out[is_rev(text) ? "rev" : "ref"] = std::string(text); }

// Takes the named ones from the query as attributes; numbers and flags as nix types them.
void take(FlakeReference& out, Query& query, std::initializer_list<std::string_view> names) {
  std::erase_if(query, [&](const auto& pair) {
    const auto& [key, value] = pair;
    if (std::ranges::find(names, key) == names.end()) return false;
    if (key == "submodules" || key == "shallow" || key == "allRefs" || key == "exportIgnore" || key == "lfs")
      out[std::string(key)] = value == "1";
    else if (key == "lastModified" || key == "revCount")
      out[std::string(key)] = static_cast<std::int64_t>(std::strtoll(value.c_str(), nullptr, 10));
    else
      out[std::string(key)] = value;
    return true;
  });
}

// The url again, without what was taken from its query; nix sorts what is left.
std::string with_query(std::string_view base, Query query) {
  std::ranges::sort(query);
  std::string out(base);
  for (std::size_t i = 0; i < query.size(); ++i) {
    out += i == 0 ? '?' : '&';
    out.append(query[i].first).append("=").append(query[i].second);
  }
  return out;
}

std::optional<FlakeReference> forge(std::string_view type, std::string_view path, Query query) {
  const std::vector<std::string_view> parts = split(path, '/');
  if (parts.size() < 2) return std::nullopt;
  FlakeReference out = {{"type", std::string(type)}, {"owner", std::string(parts[0])}, {"repo", std::string(parts[1])}};
  if (parts.size() > 2) ref_or_rev(out, path.substr(static_cast<std::size_t>(parts[2].data() - path.data())));
  take(out, query, {"ref", "rev", "host", "dir", "narHash", "lastModified"});
  return out;
}

// "nixpkgs", "nixpkgs/nixos-23.05", "nixpkgs/REV", "nixpkgs/nixos-23.05/REV".
std::optional<FlakeReference> indirect(std::string_view path, Query query) {
  const std::size_t slash = std::min(path.find('/'), path.size());
  const std::string_view id = path.substr(0, slash);
  if (id.empty() || !alnum(id[0]) || (id[0] >= '0' && id[0] <= '9') ||
      !std::ranges::all_of(id, [](char byte) { return alnum(byte) || byte == '-' || byte == '_'; }))
    return std::nullopt;
  FlakeReference out = {{"type", "indirect"}, {"id", std::string(id)}};
  std::string_view rest = path.substr(std::min(slash + 1, path.size()));
  if (const std::size_t last = rest.rfind('/'); last != rest.npos && is_rev(rest.substr(last + 1))) {
    out["rev"] = std::string(rest.substr(last + 1));
    rest = rest.substr(0, last);
  }
  if (!rest.empty()) ref_or_rev(out, rest);
  take(out, query, {"ref", "rev", "dir", "narHash"});
  return out;
}

bool archive(std::string_view path) {
  constexpr std::string_view kEndings[] = {".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst"};
  return std::ranges::any_of(kEndings, [&](std::string_view ending) { return path.ends_with(ending); });
}

} // namespace

std::optional<FlakeReference> parse_flake_url(std::string_view url, bool flake) {
  url = url.substr(0, url.find('#'));
  const std::size_t mark = url.find('?');
  const std::string_view base = url.substr(0, mark);
  Query query = mark == url.npos ? Query{} : parse_query(url.substr(mark + 1));
  FlakeReference out;
  const auto path_reference = [&](std::string_view path) {
    out = {{"type", "path"}, {"path", std::string(path)}};
    take(out, query, {"rev", "revCount", "lastModified", "narHash", "dir"});
    return out;
  };
  if (base.starts_with('.') || base.starts_with('/') || base.starts_with('~')) return path_reference(base);
  const std::size_t colon = base.find(':');
  if (colon == base.npos) return indirect(base, query);
  const std::string_view scheme = base.substr(0, colon), rest = base.substr(colon + 1);
  if (scheme == "github" || scheme == "gitlab" || scheme == "sourcehut") return forge(scheme, rest, query);
  if (scheme == "flake") return indirect(rest, query);
  if (scheme == "path") return path_reference(rest);
  const std::size_t plus = scheme.find('+');
  const std::string_view application = scheme.substr(0, std::min(plus, scheme.size()));
  const std::string_view transport = base.substr(plus == scheme.npos ? 0 : plus + 1);
  if (application == "git" || application == "hg") {
    if (application == "hg" && plus == scheme.npos) return std::nullopt;
    out["type"] = std::string(application);
    take(out, query,
         {"rev", "ref", "dir", "narHash", "shallow", "submodules", "allRefs", "exportIgnore", "lfs", "revCount",
          "lastModified", "name"});
  } else if (application == "tarball" || application == "file" || application == "http" || application == "https") {
    if (application == "tarball" && plus == scheme.npos) return std::nullopt;
    const bool tarball = application == "tarball" || (plus == scheme.npos && (flake || archive(base)));
    out["type"] = tarball ? "tarball" : "file";
    take(out, query, {"narHash", "rev", "revCount", "lastModified", "dir"});
  } else {
    return std::nullopt;
  }
  out["url"] = with_query(transport, query);
  return out;
}

} // namespace packscope::deps
