// .gitmodules to records; see gitmodules.h.
#include "deps/gitmodules.h"

#include "deps/git_config.h"
#include "deps/json_field.h"

#include <map>

namespace packscope::deps {
namespace {

// Takes the last component off; true if a ':' and not a '/' was before it (git's chop_last_dir).
std::optional<bool> chop(std::string& url, bool local) {
  if (const std::size_t slash = url.rfind('/'); slash != url.npos) {
    url.resize(slash);
    return false;
  }
  if (const std::size_t colon = url.rfind(':'); colon != url.npos) {
    url.resize(colon);
    return true;
  }
  if (local || url == ".") return std::nullopt;
  url = ".";
  return false;
}

} // namespace

Result<std::vector<Submodule>> parse_gitmodules(std::string_view text) {
  Result<std::vector<GitConfigEntry>> entries = parse_git_config(text);
  if (!entries) return std::unexpected(entries.error());
  std::vector<Submodule> submodules;
  std::map<std::string, std::size_t> numbers;
  for (GitConfigEntry& entry : *entries) {
    if (entry.section != "submodule" || !entry.subsection) continue;
    const auto [found, fresh] = numbers.try_emplace(*entry.subsection, submodules.size());
    if (fresh) submodules.push_back({.name = *entry.subsection});
    Submodule& submodule = submodules[found->second];
    if (entry.key == "path")
      submodule.path = std::move(entry.value);
    else if (entry.key == "url")
      submodule.url = std::move(entry.value);
    else if (entry.key == "branch")
      submodule.branch = std::move(entry.value);
  }
  return submodules;
}

bool is_relative_url(std::string_view url) { return url.starts_with("./") || url.starts_with("../"); }

// git's relative_url (remote.c): "../x" takes a component off, and "host:a" and "../b" make "host:b".
std::optional<std::string> resolve_submodule_url(std::string_view origin, std::string_view url) {
  if (!is_relative_url(url)) return std::string(url);
  std::string base(origin);
  if (base.ends_with('/')) base.pop_back();
  const bool local = !base.contains(':') && !base.starts_with('/');
  if (local && !is_relative_url(base)) base = "./" + base;
  bool colon = false;
  for (;;) {
    if (url.starts_with("../")) {
      url.remove_prefix(3);
      const std::optional<bool> chopped = chop(base, local);
      if (!chopped) return std::nullopt;
      colon = colon || *chopped;
    } else if (url.starts_with("./")) {
      url.remove_prefix(2);
    } else {
      break;
    }
  }
  std::string out = base + (colon ? ":" : "/") + std::string(url);
  if (url.ends_with('/')) out.pop_back();
  if (out.starts_with("./")) out.erase(0, 2);
  return out;
}

std::optional<std::string> origin_of(std::string_view config) {
  const Result<std::vector<GitConfigEntry>> entries = parse_git_config(config);
  std::optional<std::string> origin;
  if (entries)
    for (const GitConfigEntry& entry : *entries)
      if (entry.section == "remote" && entry.subsection == "origin" && entry.key == "url") origin = entry.value;
  return origin;
}

void write_fields(JsonWriter& json, const std::vector<Submodule>& submodules) {
  json.key("submodules").begin_array();
  for (const Submodule& one : submodules) {
    json.begin_object().field("name", one.name);
    optional_field(json, "path", one.path);
    optional_field(json, "url", one.url);
    optional_field(json, "resolved", one.resolved);
    optional_field(json, "branch", one.branch);
    optional_field(json, "commit", one.commit);
    json.end_object();
  }
  json.end_array();
}

bool looks_like_gitmodules(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin != text.npos && text.substr(begin).starts_with("[submodule ");
}

} // namespace packscope::deps
