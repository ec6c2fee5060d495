// Names of nodes: package urls (purl-spec: "pkg:type/namespace/name@version") and what they say.
#include "deps/graph.h"

#include "deps/url.h"

#include <algorithm>

namespace packscope::deps {

namespace {

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_~";
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char byte : text) {
    if (kPlain.find(byte) != kPlain.npos) {
      out += byte;
      continue;
    }
    out += '%';
    out += kDigits[static_cast<unsigned char>(byte) >> 4];
    out += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char byte) {
    return byte >= '0' && byte <= '9'   ? byte - '0'
           : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
           : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
                                        : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

} // namespace

std::string_view name(NodeKind kind) {
  constexpr std::string_view kNames[] = {"repo", "crate", "flake", "git"};
  return kNames[static_cast<std::size_t>(kind)];
}
std::string_view name(EdgeKind kind) {
  constexpr std::string_view kNames[] = {"cargo", "flake", "submodule", "lock"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string crate_ident(std::string_view crate, std::string_view version) {
  return "pkg:cargo/" + percent_encoded(crate) + (version.empty() ? "" : "@" + percent_encoded(version));
}

bool is_purl(std::string_view ident) { return ident.starts_with("pkg:"); }

IdentParts parts_of(std::string_view ident) {
  IdentParts parts;
  // A version follows the last '@'; in a url that is no purl, one behind the path's last slash.
  const std::size_t sign = ident.rfind('@'), slash = ident.rfind('/');
  const bool versioned = sign != ident.npos && slash != ident.npos && sign > slash;
  parts.base = ident.substr(0, versioned ? sign : ident.size());
  if (versioned) parts.version = percent_decoded(ident.substr(sign + 1));
  std::string_view rest = parts.base;
  if (is_purl(rest))
    rest.remove_prefix(std::min(rest.find('/'), rest.size() - 1) + 1);
  else if (rest.starts_with("https://"))
    rest.remove_prefix(std::min(rest.find('/', 8), rest.size() - 1) + 1);
  else if (const std::size_t colon = rest.find(':'); colon != rest.npos)
    rest.remove_prefix(colon + 1);
  parts.name = percent_decoded(rest);
  if (parts.name.empty()) parts.name = ident;
  return parts;
}

std::string url_of_name(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.ends_with("/.git")) path.remove_suffix(5);
  // The first component that ends like a host (".org") and leaves an owner and a name behind it is taken for one.
  for (std::size_t from = 0; from < path.size();) {
    const std::size_t slash = path.find('/', from);
    if (slash == path.npos) break;
    const std::string_view host = path.substr(from, slash - from);
    const std::size_t dot = host.rfind('.');
    const std::string_view top = dot == host.npos || dot == 0 ? std::string_view() : host.substr(dot + 1);
    const bool letters = std::all_of(top.begin(), top.end(), [](char byte) { return byte >= 'a' && byte <= 'z'; });
    if (top.size() >= 2 && letters && top != "git" && path.find('/', slash + 1) != path.npos)
      return normalize_url("https://" + std::string(path.substr(from))).value_or("");
    from = slash + 1;
  }
  return {};
}

} // namespace packscope::deps
