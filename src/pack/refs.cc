// The files first, then libgit2, for names only; see refs.h.
#include "pack/refs.h"

#include "pack/libgit2.h"
#include "pack/revision.h"

#include <filesystem>
#include <mutex>
#include <set>
#include <utility>

namespace packscope::pack {

using namespace libgit2;

namespace {

using GitObject = std::unique_ptr<git_object, FreeBy<git_object, git_object_free>>;
using Config = std::unique_ptr<git_config, FreeBy<git_config, git_config_free>>;

std::string last_message() {
  const git_error* error = git_error_last();
  return error != nullptr && error->message != nullptr ? error->message : "unknown error of libgit2";
}

ObjectId id_of(const git_oid& id) {
  return ObjectId::from({id.id, GIT_OID_RAWSZ});
}

// Once a process. Nobody's configuration but the repository's own may change what is read; a repository may
// belong to anybody, as nothing of it is executed.
void start_libgit2() {
  static std::once_flag once;
  std::call_once(once, [] {
    git_libgit2_init();
    for (const git_config_level_t level : {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
                                           GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL})
      git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0); // hardly an object is read here, and none twice
  });
}

// Refs do not depend on any extension that libgit2 refuses for being unknown, but on refStorage (see open_libgit2()).
void accept_extensions(const std::string& config_path) {
  static std::mutex mutex;
  static std::set<std::string> accepted;
  git_config* raw = nullptr;
  if (git_config_open_ondisk(&raw, config_path.c_str()) != 0)
    return; // no configuration, or git_repository_open says
  const Config config(raw);
  std::set<std::string> found;
  // Not git_config_foreach_match: libgit2 1.5 leaks 20 kB with each name that does not match.
  git_config_foreach(
      config.get(),
      [](const git_config_entry* entry, void* into) {
        const std::string_view name = entry->name;
        constexpr std::string_view kSection = "extensions.";
        if (name.starts_with(kSection) && name != "extensions.objectformat")
          static_cast<std::set<std::string>*>(into)->emplace(name.substr(kSection.size()));
        return 0;
      },
      &found);
  const std::lock_guard lock(mutex);
  accepted.insert(found.begin(), found.end());
  std::vector<const char*> names;
  for (const std::string& name : accepted) names.push_back(name.c_str());
  git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, names.data(), names.size());
}

namespace fs = std::filesystem;

// libgit2 opens whatever carries the right name, and would wait for ever for somebody to write to a pipe. What may
// be read for a ref must be a file; links are followed. (A config's include.path is not looked into.)
std::optional<Error> refuse_what_blocks(const Layout& layout) {
  const auto blocks = [](const fs::path& path) {
    std::error_code ignored;
    const fs::file_type type = fs::status(path, ignored).type();
    return type == fs::file_type::fifo || type == fs::file_type::socket || type == fs::file_type::character ||
           type == fs::file_type::block;
  };
  const auto refused = [](const fs::path& path) {
    return Error{"refs: not a regular file (--all-objects needs none)", path.string()};
  };
  for (const std::string& directory : {layout.git_directory, layout.common_directory}) {
    const fs::path in = directory;
    for (const char* name : {"HEAD", "config", "config.worktree", "packed-refs", "commondir", "gitdir", "shallow",
                             "info/grafts", "objects/info/alternates"})
      if (blocks(in / name)) return refused(in / name);
    std::error_code error;
    for (fs::recursive_directory_iterator ref(in / "refs", error), end; !error && ref != end; ref.increment(error))
      if (blocks(ref->path())) return refused(ref->path());
    if (layout.common_directory == layout.git_directory) break;
  }
  return {};
}

} // namespace

static Result<RefFiles> read_files(const Layout& layout) {
  if (std::optional<Error> refused = refuse_what_blocks(layout)) return std::unexpected(std::move(*refused));
  return RefFiles::read(layout);
}

Refs::Refs(const Layout& layout) : layout_(layout), files_(read_files(layout)) {}

Refs::Refs(Refs&& other) noexcept
    : layout_(std::move(other.layout_)), repository_(std::exchange(other.repository_, nullptr)),
      files_(std::move(other.files_)) {}

Refs& Refs::operator=(Refs&& other) noexcept {
  std::swap(layout_, other.layout_);
  std::swap(repository_, other.repository_);
  std::swap(files_, other.files_);
  return *this;
}

Refs::~Refs() {
  if (repository_ != nullptr) git_repository_free(repository_);
}

bool Refs::open_libgit2() {
  if (repository_ != nullptr) return true;
  if (layout_.reftable || !kLibgit2.load()) return false; // its HEAD leads to no branch on purpose: libgit2 would find no commit
  start_libgit2();
  accept_extensions(layout_.common_directory + "/config");
  constexpr unsigned kHow =
      GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_BARE | GIT_REPOSITORY_OPEN_NO_DOTGIT;
  return git_repository_open_ext(&repository_, layout_.git_directory.c_str(), kHow, nullptr) == 0;
}

Result<ObjectId> Refs::resolve(const std::string& revision, Store& store) {
  if (!files_) return std::unexpected(files_.error());
  const Result<ObjectId> found = resolve_revision(revision, *files_, store, layout_.git_directory);
  if (found && store.contains(*found)) return found;
  if (const Result<void> loaded = kLibgit2.load(); !loaded && !found)
    return fail(found.error().what + " (libgit2 does not load: " + loaded.error().text() + ")", found.error().file);
  if (!open_libgit2()) return found;
  git_object* raw = nullptr;
  if (git_revparse_single(&raw, repository_, revision.c_str()) != 0)
    return fail("revision '" + revision + "': " + last_message(), layout_.git_directory);
  const GitObject object(raw);
  return id_of(*git_object_id(object.get()));
}

Result<std::vector<Ref>> Refs::all(const std::function<void(const Error&)>& error) {
  if (!files_) return std::unexpected(files_.error());
  return files_->all(error);
}

} // namespace packscope::pack
