// Which blobs of a scope are manifests; see manifests.h.
//
// The walks read trees and nothing else: an entry is compared by name before its object is even looked up, which is what
// makes them cheaper than listing all paths. Only where no tree names a blob is the blob itself looked at.
#include "tools/manifests.h"

#include "pack/commit.h"

#include <algorithm>

namespace packscope::tools {
namespace {

using pack::Location;
using pack::ObjectId;

bool is_named(const ManifestKind& kind, std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return std::ranges::find(kind.names, name) != kind.names.end();
}
// Links, folders and submodules may have the name, too.
bool is_file(std::uint32_t mode) { return (mode & 0170000) == 0100000; }

// --all-objects: each tree once, under the first path that leads to it; then the blobs that no tree names.
class ObjectWalk {
public:
  ObjectWalk(pack::Repository& repository, const ManifestKind& kind, Report& report)
      : store_(repository.store()), kind_(kind), report_(report), seen_(store_.packs().size() + 1) {
    for (std::size_t i = 0; i < store_.packs().size(); ++i) seen_[i].resize(store_.packs()[i].entries().size());
    seen_.back().resize(store_.loose_count());
  }

  std::vector<Manifest> run() {
    store_.compute_ids();
    each(true, [this](Location at, pack::ObjectType type) {
      if (type == pack::ObjectType::commit) commit(at);
    });
    each(false, [this](Location at, pack::ObjectType type) { // trees that no commit leads to
      const std::optional<ObjectId> id = store_.id_of(at);
      if (type == pack::ObjectType::tree && id) tree(*id);
    });
    each(false, [this](Location at, pack::ObjectType type) {
      if (type == pack::ObjectType::blob && !seen(at)) nameless(at);
    });
    std::ranges::stable_sort(found_, {}, &Manifest::at);
    const auto rest = std::ranges::unique(found_, {}, &Manifest::at);
    found_.erase(rest.begin(), rest.end());
    return std::move(found_);
  }

private:
  std::vector<bool>::reference seen(Location at) {
    return (at.pack == pack::kLoose ? seen_.back() : seen_[at.pack])[at.entry];
  }
  void each(bool report, const std::function<void(Location, pack::ObjectType)>& object) {
    const auto one = [&](Location at) {
      const pack::Outcome<pack::ObjectType> type = store_.type_of(at);
      if (type)
        object(at, *type);
      else if (report)
        report_.error(store_.error(at, type.error()));
    };
    for (std::uint32_t pack = 0; pack < store_.packs().size(); ++pack)
      for (std::uint32_t entry = 0; entry < store_.packs()[pack].entries().size(); ++entry) one({pack, entry});
    for (std::uint32_t entry = 0; entry < store_.loose_count(); ++entry) one({pack::kLoose, entry});
  }

  void commit(Location at) {
    const pack::Outcome<pack::ObjectPtr> object = store_.read(at);
    if (!object) return report_.error(store_.error(at, object.error()));
    if (const std::optional<pack::Commit> parsed = pack::parse_commit((*object)->data))
      tree(parsed->tree);
    else
      report_.error(store_.error(at, {pack::Fault::commit, store_.offset_of(at)}));
  }

  void tree(const ObjectId& root) {
    if (!enter(root)) return;
    pack::walk_tree(store_, root,
                    {.entry = [&](const std::string& path, const pack::TreeEntry& entry) { blob(root, path, entry); },
                     .error = [this](const Error& error) { report_.error(error); },
                     .descend = [this](const std::string&, const pack::TreeEntry& entry) { return enter(entry.id); },
                     .missing = [](const std::string&, const ObjectId&) {}});
  }
  bool enter(const ObjectId& id) { // one that is not here is nobody's business in this scope
    const std::optional<Location> at = store_.find(id);
    if (!at || seen(*at)) return false;
    seen(*at) = true;
    return true;
  }

  void blob(const ObjectId& root, const std::string& path, const pack::TreeEntry& entry) {
    if (pack::is_gitlink(entry.mode)) return;
    const std::optional<Location> at = store_.find(entry.id);
    if (!at) return;
    seen(*at) = true;
    if (is_named(kind_, path) && is_file(entry.mode))
      found_.push_back({.at = *at, .id = entry.id, .path = path, .tree = root});
  }

  void nameless(Location at) {
    const std::optional<ObjectId> id = store_.id_of(at);
    if (id && store_.find(*id) != at) return; // a second copy
    const pack::Outcome<std::uint64_t> size = store_.size_of(at);
    if (size && *size > deps::kMaxManifest) return;
    const pack::Outcome<pack::ObjectPtr> object = store_.read(at);
    if (!object) return report_.error(store_.error(at, object.error()));
    if (kind_.looks_like(as_text((*object)->data))) found_.push_back({.at = at, .id = id});
  }

  pack::Store& store_;
  const ManifestKind& kind_;
  Report& report_;
  std::vector<std::vector<bool>> seen_; // by pack and entry; the last one: loose objects
  std::vector<Manifest> found_;
};

} // namespace

std::vector<Manifest> find_manifests(pack::Repository& repository, const ReadOptions& options, const ManifestKind& kind,
                                     Report& report) {
  using Kind = pack::ScopeKind;
  pack::Scope scope = options.scope();
  if (scope.kind == Kind::all_objects || (scope.kind == Kind::automatic && !repository.source().repository))
    return ObjectWalk(repository, kind, report).run();
  scope.names.assign(kind.names.begin(), kind.names.end());
  scope.locations = false;
  std::vector<Manifest> found;
  repository.for_each_blob(
      scope,
      [&](const pack::BlobPath& blob) {
        if (is_file(blob.mode))
          found.push_back({.at = {}, .id = blob.id, .path = blob.path, .tree = blob.root,
                           .first_commit = blob.first_commit, .last_commit = blob.last_commit});
      },
      [&](const Error& error) { report.error(error); });
  if (scope.kind != Kind::history) std::ranges::stable_sort(found, {}, &Manifest::path);
  return found;
}

} // namespace packscope::tools
