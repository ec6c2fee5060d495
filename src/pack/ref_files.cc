// Loose refs over packed ones, all of them at once: a map is small beside a pack. See ref_files.h.
#include "pack/ref_files.h"

#include "pack/reftable.h"

#include <filesystem>

namespace packscope::pack {

namespace fs = std::filesystem;

static constexpr std::string_view kSymbolic = "ref: ";

static void read_packed(const fs::path& file, RefValues& values) {
  for (const std::string& line : lines_of_file(file.string())) {
    const std::size_t space = line.find(' ');
    if (space == line.npos || !ObjectId::parse(std::string_view(line).substr(0, space))) continue; // '#', '^'
    values[line.substr(space + 1)] = line.substr(0, space);
  }
}

static void read_loose(const fs::path& file, const std::string& name, RefValues& values) {
  const std::vector<std::string> lines = lines_of_file(file.string());
  if (lines.empty()) return;
  std::string value = lines.front();
  if (value.starts_with("ref:")) // git takes any white space after the colon
    value = std::string(kSymbolic) + value.substr(std::min(value.find_first_not_of(" \t", 4), value.size()));
  else if (!ObjectId::parse(value))
    return;
  values[name] = value;
}

// Everything under `folder`, which is `name` of the repository. Links to folders are not followed.
static void read_folder(const fs::path& folder, const std::string& name, RefValues& values) {
  std::error_code error;
  for (fs::recursive_directory_iterator file(folder, error), end; !error && file != end; file.increment(error)) {
    std::error_code ignored;
    if (file->is_regular_file(ignored))
      read_loose(file->path(), name + "/" + file->path().lexically_relative(folder).generic_string(), values);
  }
}

Result<RefFiles> RefFiles::read(const Layout& layout) {
  RefFiles refs;
  refs.git_directory_ = layout.git_directory;
  const fs::path own = layout.git_directory, shared = layout.common_directory;
  if (layout.reftable) {
    for (const fs::path& directory : {shared, own}) { // a linked work tree keeps HEAD in a stack of its own
      const Result<void> done = read_reftables((directory / "reftable").string(), refs.values_);
      if (!done) return std::unexpected(done.error());
      if (own == shared) break;
    }
    return refs;
  }
  read_packed(shared / "packed-refs", refs.values_);
  read_folder(shared / "refs", "refs", refs.values_);
  if (own != shared) // what git keeps for each work tree (git-worktree(1), "Refs")
    for (const char* const folder : {"refs/bisect", "refs/worktree", "refs/rewritten"})
      read_folder(own / folder, folder, refs.values_);
  for (const char* const name : {"HEAD", "ORIG_HEAD", "FETCH_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD"})
    read_loose(own / name, name, refs.values_);
  return refs;
}

std::optional<ObjectId> RefFiles::find(const std::string& name) const {
  constexpr int kMaxSteps = 6; // git's SYMREF_MAXDEPTH, and the ref itself
  std::string current = name;
  for (int step = 0; step < kMaxSteps; ++step) {
    const auto found = values_.find(current);
    if (found == values_.end()) return {};
    if (!found->second.starts_with(kSymbolic)) return ObjectId::parse(found->second);
    current = found->second.substr(kSymbolic.size());
  }
  return {};
}

std::vector<Ref> RefFiles::all(const std::function<void(const Error&)>& error) const {
  std::vector<Ref> refs;
  if (const std::optional<ObjectId> head = find("HEAD")) refs.push_back({"HEAD", *head});
  for (auto ref = values_.lower_bound("refs/"); ref != values_.end() && ref->first.starts_with("refs/"); ++ref) {
    if (const std::optional<ObjectId> target = find(ref->first))
      refs.push_back({ref->first, *target});
    else
      error(Error{"ref " + ref->first + ": leads to no object (" + ref->second + ")", git_directory_});
  }
  return refs;
}

} // namespace packscope::pack
