// Which blobs a scope holds; see repository.h.
//
// Two walks: by paths (revisions, tips, history), where a (tree, path) pair seen before is not entered again,
// so that a history costs each version of each folder once (twice where its last commit is wanted); and over all
// objects, where each tree is read once.
#include "pack/tree_graph.h"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <utility>

namespace packscope::pack {

namespace {

// A few trees that hold each other ten times a level make 10^n paths; real histories hardly have more than a few (id,
// path) pairs an object. What is over this is one error, and left out.
std::size_t most_pairs(const Store& store) {
  constexpr std::size_t kAlways = std::size_t{1} << 20, kPerObject = 64;
  std::size_t objects = store.loose_count();
  for (const PackFile& pack : store.packs()) objects += pack.indexed() ? pack.stated_count() : pack.entries().size();
  return kAlways + kPerObject * objects;
}

// The trees below one, a level of all of them at once: in the order in which they lie, and by several threads where they are many.
class TreesAhead {
public:
  explicit TreesAhead(Store& store) : store_(store), room_(store.options().cache_bytes / 2) {}

  // What isn't read here (the room is full, or anything is wrong), the walk reads, and says what it is.
  void read(const ObjectId& root) {
    if (!known_.try_emplace(root).second) return;
    for (std::vector<ObjectId> level = {root}, next; !level.empty() && room_ > 0; level.swap(next)) {
      const std::vector<ObjectPtr> trees = store_.peek(level, room_, room_, level.size() < kManyTrees ? 1 : store_.options().threads);
      next.clear();
      for (std::size_t i = 0; i < trees.size(); ++i) {
        if (!trees[i] || trees[i]->type != ObjectType::tree) continue;
        known_[level[i]] = trees[i];
        take(trees[i]->data.capacity());
        TreeReader reader(trees[i]->data, level[i].kind);
        for (TreeEntry entry; room_ > 0 && reader.next(entry);) {
          if (!is_tree(entry.mode) || !known_.try_emplace(entry.id).second) continue;
          next.push_back(entry.id);
          take(kBeside);
        }
      }
    }
  }
  ObjectPtr find(const ObjectId& id) const {
    const auto found = known_.find(id);
    return found == known_.end() ? nullptr : found->second;
  }

private:
  static constexpr std::size_t kManyTrees = 2048; // worth a thread
  static constexpr std::uint64_t kBeside = 256; // bytes a tree, of the table's own and of the levels'
  void take(std::uint64_t bytes) { room_ -= std::min(room_, bytes); }

  Store& store_;
  std::unordered_map<ObjectId, ObjectPtr, ObjectIdHash> known_; // null: seen, and not read
  std::uint64_t room_;
};

class PathWalk {
public:
  PathWalk(Store& store, const std::string& repository, const Scope& scope, const OnBlob& visit, const OnError& error,
           std::function<void(const std::string& what, const ObjectId&)> lack)
      : store_(store), ahead_(store), repository_(repository), names_(scope.names), locations_(scope.locations), visit_(visit),
        error_(error), lack_(std::move(lack)), most_(most_pairs(store)) {}

  void whole_tree(const ObjectId& root) {
    ahead_.read(root);
    tree(root);
  }

  void tree(const ObjectId& root) {
    if (!enter(root, "")) return;
    root_ = root;
    walk_tree(store_, root,
              {.entry = [this](const std::string& path, const TreeEntry& entry) { blob(path, entry); },
               .error = error_,
               .descend = [this](const std::string& path, const TreeEntry& entry) { return enter(entry.id, path); },
               .missing = [this](const std::string& path, const ObjectId& id) { lack_(named("tree", id, path), id); },
               .known = [this](const ObjectId& id) { return ahead_.find(id); }});
  }

  // Every commit's tree, oldest first. The last commit of a pair is the first that has it when the commits are
  // walked backwards; that walk comes before, and what it finds wrong is left for the other to say.
  void history(const std::vector<CommitTree>& commits, bool name_commits) {
    commits_ = &commits;
    for (std::size_t i = name_commits ? commits.size() : 0; i-- > 0;)
      mark(commits[i].tree, static_cast<std::uint32_t>(i + 1));
    for (current_ = 0; current_ < commits.size(); ++current_) tree(commits[current_].tree);
  }

  static std::string named(const char* what, const ObjectId& id, const std::string& path) {
    return what + (" " + id.hex()) + " of path '" + path + "'";
  }

private:
  // A pair's number in pairs_: 1 + its last commit in *commits_, 0 if that is not known; and whether the walk came by.
  static constexpr std::uint32_t kVisited = std::uint32_t{1} << 31;

  void mark(const ObjectId& root, std::uint32_t number) {
    const auto fresh = [this, number](const std::string& path, const TreeEntry& entry) {
      if (full()) return false;
      std::uint32_t& last = pairs_(entry.id, path);
      return last == 0 && (last = number) != 0;
    };
    if (!fresh("", {0040000, "", root})) return;
    walk_tree(store_, root,
              {.entry =
                   [&](const std::string& path, const TreeEntry& entry) {
                     if (wanted(entry)) fresh(path, entry);
                   },
               .error = [](const Error&) {}, .descend = fresh,
               .missing = [](const std::string&, const ObjectId&) {}});
  }

  bool wanted(const TreeEntry& entry) const {
    return !is_gitlink(entry.mode) && (names_.empty() || std::ranges::find(names_, entry.name) != names_.end());
  }
  bool full() const { return pairs_.size() >= most_; }
  bool enter(const ObjectId& id, const std::string& path) {
    if (full()) {
      if (!std::exchange(told_, true))
        error_(Error{"paths: more than " + std::to_string(most_) + ", trees hold each other too often; the rest is left out",
                     repository_});
      return false;
    }
    std::uint32_t& number = pairs_(id, path);
    last_ = number & ~kVisited;
    return (std::exchange(number, number | kVisited) & kVisited) == 0;
  }
  void blob(const std::string& path, const TreeEntry& entry) {
    if (!wanted(entry) || !enter(entry.id, path)) return;
    const std::optional<Location> at = locations_ ? store_.find(entry.id) : std::nullopt;
    if (!at && (locations_ || !store_.contains(entry.id))) return lack_(named("blob", entry.id, path), entry.id);
    BlobPath found = {.id = entry.id, .at = at.value_or(Location()), .path = path, .mode = entry.mode, .root = root_};
    if (last_ != 0) {
      found.first_commit = (*commits_)[current_].commit;
      found.last_commit = (*commits_)[last_ - 1].commit;
      found.last_place = last_ - 1;
    }
    visit_(found);
  }
  Store& store_;
  TreesAhead ahead_;
  const std::string& repository_; // for messages
  const std::span<const std::string> names_;
  const bool locations_;
  ObjectId root_; // of the tree that is walked
  const OnBlob& visit_;
  const OnError& error_;
  const std::function<void(const std::string&, const ObjectId&)> lack_;
  PairMap pairs_;
  const std::size_t most_; // of pairs
  bool told_ = false;
  const std::vector<CommitTree>* commits_ = nullptr;
  std::size_t current_ = 0;
  std::uint32_t last_ = 0; // of the pair that enter() was just asked for
};

// One path for each object: 8 bytes an object, and the paths one behind the other. An object may also be known without one.
class FirstPaths {
public:
  explicit FirstPaths(const Store& store) : of_(store.packs().size() + 1), text_(1, '\0') { // kSeen is no position
    for (std::size_t i = 0; i < store.packs().size(); ++i) of_[i].resize(store.packs()[i].entries().size());
    of_.back().resize(store.loose_count());
    for (const std::vector<std::uint64_t>& one : of_) room_ += kPerObject * one.size();
  }
  bool known(Location at) const { return slot(at) != 0; }
  bool has_path(Location at) const { return slot(at) > kSeen; }
  void see(Location at) { slot(at) = std::max(slot(at), kSeen); }
  // `root`: a number of the caller's.
  // False: the paths take more room than any real repository's; this one is left empty.
  bool set(Location at, std::string_view path, std::uint32_t mode, std::uint32_t root) {
    const bool fits = path.size() <= room_;
    room_ -= fits ? path.size() : 0;
    if (!fits) path = {};
    slot(at) = text_.size() + 1;
    const std::uint32_t head[] = {mode, root, static_cast<std::uint32_t>(path.size())};
    text_.append(reinterpret_cast<const char*>(head), sizeof head).append(path);
    return fits;
  }
  std::uint32_t get(Location at, std::string& path, std::uint32_t& mode) const { // the root
    const char* from = text_.data() + slot(at) - 1;
    std::uint32_t head[3];
    std::memcpy(head, from, sizeof head);
    mode = head[0];
    path.assign(from + sizeof head, head[2]);
    return head[1];
  }

private:
  const std::uint64_t& slot(Location at) const {
    return (at.pack == kLoose ? of_.back() : of_[at.pack])[at.entry];
  }
  std::uint64_t& slot(Location at) { return const_cast<std::uint64_t&>(std::as_const(*this).slot(at)); }

  static constexpr std::uint64_t kSeen = 1;
  static constexpr std::uint64_t kAlways = std::uint64_t{16} << 20, kPerObject = 128; // bytes of paths
  std::uint64_t room_ = kAlways;
  std::vector<std::vector<std::uint64_t>> of_; // 1 + position in text_; 0: none
  std::string text_;
};

class ObjectWalk {
public:
  ObjectWalk(Store& store, std::span<const std::string> names, const OnBlob& visit, const OnError& error)
      : store_(store), names_(names), visit_(visit), error_(error), paths_(store) {}

  void run() {
    each(true, [this](Location at, ObjectType type) {
      if (type == ObjectType::commit) commit(at);
    });
    // Trees that no commit leads to still know names, if only from themselves downwards.
    each(false, [this](Location at, ObjectType type) {
      const std::optional<ObjectId> id = store_.id_of(at);
      if (type == ObjectType::tree && id) tree(*id);
    });
    each(false, [this](Location at, ObjectType type) {
      if (type == ObjectType::blob) blob(at);
    });
  }

private:
  void each(bool report, const std::function<void(Location, ObjectType)>& object) {
    const auto one = [&](Location at) {
      const Outcome<ObjectType> type = store_.type_of(at);
      if (type)
        object(at, *type);
      else if (report)
        fail_at(at, type.error());
    };
    for (std::uint32_t pack = 0; pack < store_.packs().size(); ++pack)
      for (std::uint32_t entry = 0; entry < store_.packs()[pack].entries().size(); ++entry)
        one({pack, entry});
    for (std::uint32_t index = 0; index < store_.loose_count(); ++index) one({kLoose, index});
  }

  // A broken base is reported where it lies; those that stand on it say only that.
  void fail_at(Location at, Failure failure) {
    if (failure.at && *failure.at != at) failure = {Fault::base, store_.offset_of(at)};
    error_(store_.error(at, failure));
  }

  void commit(Location at) {
    const Outcome<ObjectPtr> object = store_.read(at);
    if (!object) return fail_at(at, object.error());
    const std::optional<Commit> parsed = parse_commit((*object)->data);
    if (parsed)
      tree(parsed->tree);
    else
      fail_at(at, {Fault::commit, store_.offset_of(at)});
  }

  void tree(const ObjectId& root) {
    roots_.push_back(root);
    if (!enter(root, "")) return roots_.pop_back();
    walk_tree(
        store_, root,
        {.entry =
             [this](const std::string& path, const TreeEntry& entry) {
               if (is_gitlink(entry.mode)) return;
               const std::optional<Location> at = store_.find(entry.id);
               if (!at || paths_.has_path(*at)) return;
               if (wanted(entry))
                 name(*at, path, entry.mode);
               else
                 paths_.see(*at);
             },
         .error = error_,
         .descend = [this](const std::string& path, const TreeEntry& entry) { return enter(entry.id, path); },
         .missing = [](const std::string&, const ObjectId&) {}});
  }
  // With names only files count: a link may have the name of one.
  bool wanted(const TreeEntry& entry) const {
    return names_.empty() || (is_file(entry.mode) && std::ranges::find(names_, entry.name) != names_.end());
  }
  // Each tree once. One that is not here gives no paths, and is nobody's business in this scope.
  bool enter(const ObjectId& id, std::string_view path) {
    const std::optional<Location> at = store_.find(id);
    if (!at || paths_.known(*at)) return false;
    if (names_.empty())
      name(*at, path, 0040000);
    else
      paths_.see(*at);
    return true;
  }
  void name(Location at, std::string_view path, std::uint32_t mode) {
    const std::uint32_t root = static_cast<std::uint32_t>(roots_.size() - 1);
    if (!paths_.set(at, path, mode, root) && !std::exchange(told_, true))
      error_(store_.error(at, {Fault::paths, store_.offset_of(at)}));
  }

  void blob(Location at) {
    if (!names_.empty() && paths_.known(at) && !paths_.has_path(at)) return; // has other names
    std::optional<ObjectId> id = store_.id_of(at);
    if (!id) { // of a pack without index, where hashing it failed
      const Outcome<ObjectPtr> object = store_.read(at);
      if (!object) return fail_at(at, object.error());
      id = hash_object((*object)->type, (*object)->data, store_.packs()[at.pack].hash());
    }
    if (const std::optional<Location> first = store_.find(*id); first && *first != at)
      return; // a second copy
    BlobPath found = {*id, at, {}};
    if (paths_.has_path(at)) found.root = roots_[paths_.get(at, found.path, found.mode)];
    visit_(found);
  }

  Store& store_;
  const std::span<const std::string> names_;
  const OnBlob& visit_;
  const OnError& error_;
  FirstPaths paths_;
  std::vector<ObjectId> roots_; // of the trees that were walked
  bool told_ = false; // that paths are left out
};

} // namespace

void Repository::for_each_blob(const Scope& scope, const OnBlob& visit, const OnError& error) {
  State& state = *state_;
  ScopeKind kind = scope.kind;
  if (kind == ScopeKind::automatic && !scope.revisions.empty()) kind = ScopeKind::revisions;
  if (kind == ScopeKind::automatic) kind = state.source.repository ? ScopeKind::tips : ScopeKind::all_objects;
  if (kind == ScopeKind::all_objects) {
    state.store.compute_ids();
    return ObjectWalk(state.store, scope.names, visit, error).run();
  }
  const auto lack = [&](const std::string& what, const ObjectId& id) { state.lack(what, id, error); };
  PathWalk walk(state.store, state.source.path, scope, visit, error, lack);
  if (kind == ScopeKind::revisions) {
    for (const std::string& revision : scope.revisions) {
      const Result<ObjectId> id = state.resolve(revision);
      const Result<ObjectId> tree = id ? tree_of(*id) : id;
      if (tree)
        walk.whole_tree(*tree);
      else
        error(tree.error());
    }
  } else if (kind == ScopeKind::tips) {
    const Result<std::vector<ObjectId>> trees = state.tip_trees(error);
    if (!trees) return error(trees.error());
    for (const ObjectId& tree : *trees) walk.whole_tree(tree);
  } else {
    const Result<Refs*> names = state.open_refs();
    if (!names) return error(names.error());
    const Result<std::vector<Ref>> refs = (*names)->all(error);
    if (!refs) return error(refs.error());
    const auto over_graph = [&] {
      // What an alternate holds may be far more than what this repository's history is made of.
      if (state.layout.object_folders.size() != 1) return false;
      std::optional<TreeGraph> graph =
          TreeGraph::read(state.store, scope.names, state.store.options().threads, state.store.options().cache_bytes);
      const std::optional<std::vector<std::uint32_t>> order = graph ? graph->order(*refs, state.shallow) : std::nullopt;
      const TreeGraph::Visitor found = {
          [&](BlobPath blob) {
            if (scope.locations) blob.at = *state.store.find(blob.id);
            visit(blob);
          },
          [&](const char* what, const ObjectId& id, const std::string& path) { lack(PathWalk::named(what, id, path), id); }};
      return order && graph->history(*order, scope.commits, most_pairs(state.store), found);
    };
    if (over_graph()) return;
    const HistoryVisitor visitor = {error, [&](const ObjectId& id) { lack("object " + id.hex(), id); }};
    const Result<std::vector<CommitTree>> commits = history_of(state.store, *refs, state.shallow, visitor);
    if (!commits) return error(commits.error());
    walk.history(*commits, scope.commits);
  }
}

} // namespace packscope::pack
