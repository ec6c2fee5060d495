// Where a shorthand ends and what it stands for; see url_shorthand.h.
#include "deps/url_shorthand.h"

#include "deps/forge.h"
#include "deps/url_bytes.h"

namespace packscope::deps {

std::optional<Shorthand> parse_shorthand(std::string_view text, std::size_t at) {
  const std::size_t colon = text.find(':', at);
  if (colon == text.npos) return std::nullopt;
  const Forge* forge = nullptr;
  for (const Forge& known : forges())
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

} // namespace packscope::deps
