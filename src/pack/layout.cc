// The repository's files; see layout.h.
#include "pack/layout.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace packscope::pack {

namespace fs = std::filesystem;

static std::string trimmed(std::string line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r' || line.back() == ' ')) line.pop_back();
  return line;
}

static std::vector<std::string> lines_of(const fs::path& path) {
  constexpr std::uintmax_t kMost = 64 << 20;
  std::vector<std::string> lines;
  std::error_code error;
  if (!fs::is_regular_file(path, error) || fs::file_size(path, error) > kMost || error) return lines;
  std::ifstream in(path, std::ios::binary);
  for (std::string line; std::getline(in, line);) lines.push_back(trimmed(line));
  return lines;
}

std::vector<std::string> lines_of_file(const std::string& path) {
  return lines_of(path);
}

// "prefix: path" -> path, taken from `folder` where it is relative; empty if the line has no such prefix.
static fs::path pointed(const fs::path& folder, const std::string& line, const std::string& prefix) {
  if (!line.starts_with(prefix)) return {};
  return folder / line.substr(prefix.size()); // an absolute right side replaces the left
}

// A linked work tree's directory has HEAD and a `commondir` that leads to the rest.
static bool is_git_directory(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(fs::symlink_status(path / "HEAD", ignored))) return false;
  const bool whole = fs::is_directory(path / "objects", ignored) &&
                     (fs::is_directory(path / "refs", ignored) || fs::exists(path / "packed-refs", ignored) ||
                      fs::is_directory(path / "reftable", ignored));
  return whole || fs::exists(path / "commondir", ignored);
}

std::string git_directory(const std::string& path) {
  std::error_code ignored;
  fs::path at = path;
  if (is_git_directory(at)) return path;
  if (fs::is_directory(at, ignored)) {
    at /= ".git";
    if (is_git_directory(at)) return at.string();
  }
  if (at.filename() != ".git") return {};
  const std::vector<std::string> lines = lines_of(at);
  if (lines.empty()) return {};
  const fs::path target = pointed(at.parent_path(), lines.front(), "gitdir: ");
  return !target.empty() && is_git_directory(target) ? target.lexically_normal().string() : std::string();
}

// git quotes an alternate's path like a C string when it begins with a quote.
static std::string unquoted(const std::string& line) {
  if (line.size() < 2 || line.front() != '"' || line.back() != '"') return line;
  std::string out;
  for (std::size_t i = 1; i + 1 < line.size(); ++i) {
    if (line[i] != '\\' || i + 2 >= line.size()) {
      out += line[i];
      continue;
    }
    const char next = line[++i];
    if (next >= '0' && next <= '3' && i + 3 < line.size()) {
      out += static_cast<char>((next - '0') * 64 + (line[i + 1] - '0') * 8 + (line[i + 2] - '0'));
      i += 2;
    } else {
      constexpr std::string_view kFrom = "abfnrtv", kTo = "\a\b\f\n\r\t\v";
      const std::size_t found = kFrom.find(next);
      out += found == kFrom.npos ? next : kTo[found];
    }
  }
  return out;
}

static void add_objects(Layout& layout, const fs::path& folder, unsigned depth) {
  constexpr unsigned kMaxDepth = 5; // as in git's link_alt_odb_entry()
  std::error_code error;
  for (const std::string& known : layout.object_folders)
    if (fs::equivalent(known, folder, error)) return;
  layout.object_folders.push_back((depth == 0 ? folder : fs::weakly_canonical(folder, error)).string());
  std::vector<std::string> packs;
  for (fs::directory_iterator file(folder / "pack", error), end; !error && file != end;
       file.increment(error)) {
    if (file->path().extension() == ".pack") packs.push_back(file->path().string());
    if (file->path().extension() == ".promisor") layout.partial = true;
  }
  std::sort(packs.begin(), packs.end());
  layout.packs.insert(layout.packs.end(), packs.begin(), packs.end());

  const fs::path list = folder / "info" / "alternates";
  for (const std::string& line : lines_of(list)) {
    if (line.empty() || line.front() == '#') continue;
    const fs::path alternate = folder / unquoted(line);
    if (depth == kMaxDepth)
      layout.errors.push_back({"alternates are nested too deeply", list.string()});
    else if (!fs::is_directory(alternate, error))
      layout.errors.push_back(
          {"alternate object folder does not exist: " + alternate.string(), list.string()});
    else
      add_objects(layout, alternate, depth + 1);
  }
}

Layout read_layout(const std::string& git_directory) {
  Layout layout;
  layout.git_directory = layout.common_directory = git_directory;
  const fs::path directory = git_directory;
  if (const std::vector<std::string> common = lines_of(directory / "commondir"); !common.empty())
    layout.common_directory = (directory / common.front()).lexically_normal().string();
  const fs::path shared = layout.common_directory;
  layout.shallow = lines_of(shared / "shallow");
  std::error_code ignored;
  layout.reftable = fs::is_directory(shared / "reftable", ignored);
  add_objects(layout, shared / "objects", 0);
  return layout;
}

} // namespace packscope::pack
