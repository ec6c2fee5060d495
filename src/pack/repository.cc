// A repository's names: revisions, tips, root trees; see repository.h. The walks over scopes are in scope.cc.
#include "pack/repository_state.h"

#include <algorithm>

namespace packscope::pack {

Result<Refs*> Repository::State::open_refs() {
  if (!source.repository)
    return fail("a pack by itself has no refs (--all-objects is its only scope)", source.path);
  if (!refs) refs.emplace(layout);
  return &*refs;
}

Result<ObjectId> Repository::State::resolve(const std::string& revision) {
  // A whole id needs no refs, so that it works where libgit2 refuses the repository.
  if (const std::optional<ObjectId> id = ObjectId::parse(revision); id && store.contains(*id)) return *id;
  const Result<Refs*> names = open_refs();
  if (!names) return std::unexpected(names.error());
  return (*names)->resolve(revision, store);
}

Result<std::optional<ObjectId>> Repository::State::tree_of(const ObjectId& id) {
  ObjectId current = id;
  // Tags of tags: ids are hashes, so there is no circle but in a pack that lies.
  for (int depth = 0; depth < 1000; ++depth) {
    if (!store.contains(current)) {
      std::optional<Error> met;
      lack("object " + current.hex(), current, [&met](const Error& error) { met = error; });
      if (met) return std::unexpected(*met);
      return std::nullopt;
    }
    const Result<ObjectPtr> object = store.read(current);
    if (!object) return std::unexpected(object.error());
    const auto malformed = [&](Fault fault) {
      const Location at = *store.find(current);
      return std::unexpected(store.error(at, {fault, store.offset_of(at)}));
    };
    const Bytes data = (*object)->data;
    switch ((*object)->type) {
    case ObjectType::tree:
      return current;
    case ObjectType::commit: {
      const std::optional<Commit> commit = parse_commit(data);
      if (!commit) return malformed(Fault::commit);
      return commit->tree;
    }
    case ObjectType::tag: {
      const std::optional<ObjectId> target = parse_tag(data);
      if (!target) return malformed(Fault::tag);
      current = *target;
      break;
    }
    default:
      return std::nullopt;
    }
  }
  return fail("tag " + id.hex() + " leads through more than 1000 tags", source.path);
}

void Repository::State::lack(const std::string& what, const ObjectId& id, const OnError& error) {
  const Error met = {what + " is missing", source.path};
  if (!layout.partial) return error(met);
  std::uint32_t& counted = lacking(id, "");
  if (counted++ > 0) return;
  ++missing;
  if (name_missing) name_missing(met);
}

Result<std::vector<ObjectId>> Repository::State::tip_trees(const OnError& error) {
  const Result<Refs*> names = open_refs();
  if (!names) return std::unexpected(names.error());
  const Result<std::vector<Ref>> refs_found = (*names)->all(error);
  if (!refs_found) return std::unexpected(refs_found.error());
  std::vector<ObjectId> tips;
  for (const Ref& ref : *refs_found)
    if (ref.name.starts_with("refs/heads/") || ref.name.starts_with("refs/tags/")) tips.push_back(ref.target);
  if (tips.empty() && !refs_found->empty() && refs_found->front().name == "HEAD")
    tips.push_back(refs_found->front().target);
  std::vector<ObjectId> trees;
  for (const ObjectId& tip : tips) {
    const Result<std::optional<ObjectId>> tree = tree_of(tip);
    if (!tree)
      error(tree.error());
    else if (*tree)
      trees.push_back(**tree);
  }
  std::sort(trees.begin(), trees.end());
  trees.erase(std::unique(trees.begin(), trees.end()), trees.end());
  return trees;
}

Result<Repository> Repository::open(const Source& source, Store::Options options) {
  std::unique_ptr<State> state;
  if (source.repository) {
    Layout layout = read_layout(source.path);
    Store store = Store::open(layout.packs, layout.object_folders, options);
    state = std::make_unique<State>(source, std::move(layout), std::move(store));
  } else {
    Store store = Store::open({source.path}, {}, options);
    if (store.packs().empty()) return std::unexpected(store.errors().front());
    state = std::make_unique<State>(source, Layout(), std::move(store));
  }
  for (const std::string& line : state->layout.shallow)
    if (const std::optional<ObjectId> id = ObjectId::parse(line)) state->shallow.insert(*id);
  for (const Error& error : state->layout.errors) state->store.add_error(error);
  return Repository(std::move(state));
}

Repository::Repository(std::unique_ptr<State> state) : state_(std::move(state)) {}
Repository::Repository(Repository&&) noexcept = default;
Repository& Repository::operator=(Repository&&) noexcept = default;
Repository::~Repository() = default;

const Source& Repository::source() const {
  return state_->source;
}
Store& Repository::store() {
  return state_->store;
}
std::uint64_t Repository::missing() const {
  return state_->missing;
}
void Repository::name_missing(std::function<void(const Error&)> name) {
  state_->name_missing = std::move(name);
}
Result<ObjectId> Repository::resolve(const std::string& revision) {
  return state_->resolve(revision);
}

Result<std::vector<ObjectId>> Repository::tip_trees(const OnError& error) {
  if (error) return state_->tip_trees(error);
  std::optional<Error> first;
  Result<std::vector<ObjectId>> trees = state_->tip_trees([&first](const Error& met) {
    if (!first) first = met;
  });
  if (trees && first) return std::unexpected(*first);
  return trees;
}

Result<ObjectId> Repository::tree_of(const ObjectId& id) {
  const Result<std::optional<ObjectId>> tree = state_->tree_of(id);
  if (!tree) return std::unexpected(tree.error());
  if (!*tree && !state_->store.contains(id)) return fail("object " + id.hex() + " is missing", state_->source.path);
  if (!*tree) return fail("object " + id.hex() + " is no commit, tag or tree", state_->source.path);
  return **tree;
}

} // namespace packscope::pack
