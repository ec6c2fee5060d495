// Loose refs over packed ones: one is looked up in place, all of them make a map, which is small beside a pack. See
// ref_files.h.
#include "pack/ref_files.h"

#include "pack/reftable.h"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace packscope::pack {

namespace fs = std::filesystem;

static constexpr std::string_view kSymbolic = "ref: ";
// What git keeps beside refs/ and for each work tree (git-worktree(1), "Refs").
static constexpr const char* kRoots[] = {"HEAD",       "ORIG_HEAD",        "FETCH_HEAD",
                                         "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD"};
static constexpr const char* kOwnFolders[] = {"refs/bisect", "refs/worktree", "refs/rewritten"};

// Empty: neither an id nor symbolic.
static std::string loose_value(const fs::path& file) {
  const std::vector<std::string> lines = lines_of_file(file.string());
  const std::string line = lines.empty() ? std::string() : lines.front();
  if (line.starts_with("ref:")) // git takes any white space after the colon
    return std::string(kSymbolic) + line.substr(std::min(line.find_first_not_of(" \t", 4), line.size()));
  const std::string digits = line.substr(0, line.find_first_of(" \t"));
  return ObjectId::parse(digits) ? digits : std::string();
}

// Nothing that would lead out of the repository or to a file that is no ref.
static bool is_ref_name(std::string_view name) {
  if (!name.starts_with("refs/")) return std::ranges::find(kRoots, name) != std::end(kRoots);
  return name.find("/.") == name.npos && name.find("//") == name.npos && name.find('\0') == name.npos &&
         name.find(".lock/") == name.npos && !name.ends_with(".lock") && !name.ends_with('/');
}

// The next line of `text`, which it is taken from.
static std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

static void read_packed(const MappedFile& file, RefValues& values, const std::function<void(const Error&)>& error) {
  std::uint64_t number = 0;
  bool told = false;
  for (std::string_view rest = as_text(file.bytes()); !rest.empty();) {
    const std::string_view line = take_line(rest);
    ++number;
    if (line.empty() || line.front() == '#' || line.front() == '^') continue;
    const std::size_t space = line.find(' ');
    if (space != line.npos && ObjectId::parse(line.substr(0, space)))
      values[std::string(line.substr(space + 1))] = line.substr(0, space);
    else if (!std::exchange(told, true))
      error(Error{"line " + std::to_string(number) + ": no id and name of a ref", file.path()});
  }
}

// Everything under `folder`, which is `name` of the repository. Links to folders are not followed.
static void read_folder(const fs::path& folder, const std::string& name, RefValues& values) {
  std::error_code error;
  for (fs::recursive_directory_iterator file(folder, error), end; !error && file != end; file.increment(error)) {
    const std::string last = file->path().filename().string();
    std::error_code ignored;
    if (last.starts_with('.') || last.ends_with(".lock"))
      file.disable_recursion_pending();
    else if (file->is_regular_file(ignored))
      values[name + "/" + file->path().lexically_relative(folder).generic_string()] = loose_value(file->path());
  }
}

Result<RefFiles> RefFiles::read(const Layout& layout) {
  RefFiles refs;
  refs.own_ = layout.git_directory;
  refs.shared_ = layout.common_directory;
  if (layout.reftable) {
    refs.tables_.emplace();
    for (const fs::path directory : {refs.shared_, refs.own_}) { // a linked work tree keeps HEAD in a stack of its own
      const Result<void> done = read_reftables((directory / "reftable").string(), *refs.tables_);
      if (!done) return std::unexpected(done.error());
      if (refs.own_ == refs.shared_) break;
    }
  } else if (Result<MappedFile> packed = MappedFile::open((fs::path(refs.shared_) / "packed-refs").string())) {
    refs.packed_ = std::move(*packed);
  }
  return refs;
}

// A forge's mirror lists each pull request: git says that it sorted them, and then halving finds one.
std::string RefFiles::packed_value(std::string_view name) const {
  const std::string_view text = as_text(packed_.bytes());
  const auto names_it = [&](std::string_view line) {
    const std::size_t space = line.find(' ');
    return space != line.npos && line.substr(space + 1) == name && ObjectId::parse(line.substr(0, space));
  };
  std::string_view rest = text;
  if (const std::string_view head = take_line(rest); head.starts_with('#') && head.find(" sorted") != head.npos) {
    for (std::string_view left = rest; !left.empty();) {
      const auto line_before = [&left](std::size_t at) { return at == 0 ? 0 : left.rfind('\n', at - 1) + 1; }; // npos + 1 == 0
      std::size_t begin = line_before(left.size() / 2);
      while (begin > 0 && left[begin] == '^') begin = line_before(begin - 1);
      std::string_view after = left.substr(begin);
      const std::string_view line = take_line(after);
      if (names_it(line)) return std::string(line.substr(0, line.find(' ')));
      if (line.substr(std::min(line.find(' '), line.size() - 1) + 1) > name)
        left = left.substr(0, begin);
      else
        left = after;
    }
  }
  for (rest = text; !rest.empty();) { // not sorted, whatever the head says; or there is none
    const std::string_view line = take_line(rest);
    if (names_it(line)) return std::string(line.substr(0, line.find(' ')));
  }
  return {};
}

std::string RefFiles::value_of(const std::string& name) const {
  if (tables_) {
    const auto found = tables_->find(name);
    return found == tables_->end() ? std::string() : found->second;
  }
  if (!is_ref_name(name)) return {};
  bool own = !name.starts_with("refs/");
  for (const std::string folder : kOwnFolders) own = own || name.starts_with(folder + "/");
  const fs::path file = fs::path(own ? own_ : shared_) / name;
  std::error_code ignored;
  return fs::is_regular_file(file, ignored) ? loose_value(file) : packed_value(name);
}

std::optional<ObjectId> RefFiles::follow(const std::string& name,
                                         const std::function<std::string(const std::string&)>& value) const {
  constexpr int kMaxSteps = 6; // git's SYMREF_MAXDEPTH, and the ref itself
  std::string current = name;
  for (int step = 0; step < kMaxSteps; ++step) {
    const std::string found = value(current);
    if (!found.starts_with(kSymbolic)) return ObjectId::parse(found);
    current = found.substr(kSymbolic.size());
  }
  return {};
}

std::optional<ObjectId> RefFiles::find(const std::string& name) const {
  return follow(name, [this](const std::string& one) { return value_of(one); });
}

std::vector<Ref> RefFiles::all(const std::function<void(const Error&)>& error) const {
  RefValues values;
  if (tables_) {
    values = *tables_;
  } else {
    packed_.expect_all();
    read_packed(packed_, values, error);
    read_folder(fs::path(shared_) / "refs", "refs", values);
    if (own_ != shared_)
      for (const char* const folder : kOwnFolders) read_folder(fs::path(own_) / folder, folder, values);
    std::error_code ignored;
    if (const fs::path head = fs::path(own_) / "HEAD"; fs::exists(head, ignored)) values["HEAD"] = loose_value(head);
  }
  const auto value = [&values](const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? std::string() : found->second;
  };
  const auto broken = [&](const std::string& name, const std::string& held) {
    const std::string why = held.empty() ? "holds neither an id nor the name of a ref" : "leads to no object (" + held + ")";
    error(Error{"ref " + name + ": " + why, own_});
  };
  std::vector<Ref> refs;
  if (const std::optional<ObjectId> head = follow("HEAD", value))
    refs.push_back({"HEAD", *head});
  else if (values.contains("HEAD") && value("HEAD").empty()) // else it is not yet born
    broken("HEAD", "");
  for (auto ref = values.lower_bound("refs/"); ref != values.end() && ref->first.starts_with("refs/"); ++ref) {
    if (const std::optional<ObjectId> target = follow(ref->first, value))
      refs.push_back({ref->first, *target});
    else
      broken(ref->first, ref->second);
  }
  return refs;
}

} // namespace packscope::pack
