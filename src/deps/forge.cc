// The table of forges, and the names that are no user's; see forge.h.
#include "deps/forge.h"

#include "deps/url_bytes.h"

namespace packscope::deps {

namespace {

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

// First segments of a forge's own pages: no user has these names.
bool is_page(std::string_view segment) {
  constexpr std::array<std::string_view, 34> kPages = {
      "-", "about", "account", "api", "apps", "blog", "collections", "contact", "customer-stories", "dashboard",
      "enterprise", "events", "explore", "features", "groups", "help", "issues", "join", "login", "marketplace",
      "new", "notifications", "orgs", "pricing", "pulls", "search", "security", "settings", "signup", "site",
      "sponsors", "topics", "trending", "users"};
  return std::binary_search(kPages.begin(), kPages.end(), segment);
}

bool is_name(std::string_view segment) {
  return !segment.empty() && segment.back() != '.' && segment != ".git" &&
         std::all_of(segment.begin(), segment.end(), [](char byte) { return is_word(byte); });
}

} // namespace

std::span<const Forge> forges() { return kForges; }

const Forge* forge_of(std::string_view host) {
  for (const Forge& forge : kForges)
    if (forge.host == host) return &forge;
  return nullptr;
}

std::string_view without_git(std::string_view path) {
  for (std::size_t before = 0; before != path.size();) {
    before = path.size();
    while (!path.empty() && (path.back() == '/' || is_ending(path.back()))) path.remove_suffix(1);
    if (path.ends_with(".git")) path.remove_suffix(4);
  }
  return path;
}

std::string_view project_of(const Forge& forge, std::string_view path) {
  std::size_t end = 0, segments = 0;
  for (std::size_t from = 0; from < path.size() && segments < (forge.groups ? 20u : 2u); ++segments) {
    const std::size_t slash = std::min(path.find('/', from), path.size());
    std::string_view segment = path.substr(from, slash - from);
    const bool git = segment.ends_with(".git");
    if (segments == 0 && is_page(segment)) return {};
    if (segments == 0 && segment.starts_with('~')) segment.remove_prefix(1); // sourcehut's users
    if (without_git(segment) == "-" && segments > 1) break;                  // gitlab's pages of a project
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

} // namespace packscope::deps
