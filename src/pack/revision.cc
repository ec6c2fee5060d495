// One step after the other from the base; see revision.h for the grammar.
#include "pack/revision.h"

#include "pack/commit.h"
#include "pack/tree.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace packscope::pack {

namespace {

class Resolver {
public:
  Resolver(const std::string& revision, const RefFiles& refs, Store& store, const std::string& repository)
      : revision_(revision), refs_(refs), store_(store), repository_(repository) {}

  Result<ObjectId> run() {
    std::string_view rest = revision_;
    const std::size_t end = std::min(rest.find_first_of("~^:"), rest.size());
    Result<ObjectId> at = base(rest.substr(0, end));
    rest.remove_prefix(end);
    while (at && !rest.empty()) at = rest.front() == ':' ? path(*at, rest) : step(*at, rest);
    return at;
  }

private:
  std::unexpected<Error> failed(const std::string& why) const {
    return fail("revision '" + revision_ + "': " + why, repository_);
  }

  Result<ObjectId> base(std::string_view given) const {
    const std::string name(given == "@" ? "HEAD" : given);
    if (name.find("@{") != name.npos || name.empty())
      return failed("reflogs and searches are read by libgit2 only, which refuses this repository");
    if (const std::optional<ObjectId> id = ObjectId::parse(name)) return *id;
    for (const char* const before : {"", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"})
      if (const std::optional<ObjectId> id = refs_.find(before + name)) return *id;
    if (const std::optional<ObjectId> id = refs_.find("refs/remotes/" + name + "/HEAD")) return *id;
    const std::set<ObjectId> found = abbreviated(name);
    if (found.size() == 1) return *found.begin();
    return failed(found.empty() ? "no such ref or object" : "more than one object begins with these digits");
  }

  // Two of them at most.
  std::set<ObjectId> abbreviated(const std::string& digits) const {
    std::set<ObjectId> found;
    if (digits.size() < 4 || digits.find_first_not_of("0123456789abcdef") != digits.npos) return found;
    const auto match = [&](const std::optional<ObjectId>& id) {
      if (id && found.size() < 2 && id->hex().starts_with(digits)) found.insert(*id);
    };
    store_.compute_ids();
    for (std::uint32_t number = 0; number < store_.packs().size(); ++number) {
      const PackFile& pack = store_.packs()[number];
      for (std::uint32_t entry = 0; entry < pack.entries().size(); ++entry) match(pack.id_of(entry));
    }
    for (std::uint32_t i = 0; i < store_.loose_count(); ++i) match(store_.id_of({kLoose, i}));
    return found;
  }

  Result<ObjectPtr> read(const ObjectId& id) const {
    Result<ObjectPtr> object = store_.read(id);
    if (!object) return failed(object.error().text());
    return object;
  }

  // Through tags to an object of `type`, through a commit to its tree; without a type to what is no tag.
  Result<ObjectId> peel(ObjectId id, std::optional<ObjectType> type) const {
    for (int depth = 0; depth < 1000; ++depth) {
      const Result<ObjectPtr> object = read(id);
      if (!object) return std::unexpected(object.error());
      const ObjectType is = (*object)->type;
      if (type ? is == *type : is != ObjectType::tag) return id;
      std::optional<ObjectId> next;
      if (is == ObjectType::tag) next = parse_tag((*object)->data);
      if (is == ObjectType::commit && type == ObjectType::tree)
        if (const std::optional<Commit> commit = parse_commit((*object)->data)) next = commit->tree;
      if (!next) return failed("object " + id.hex() + " is a " + std::string(name(is)));
      id = *next;
    }
    return failed("more than 1000 tags");
  }

  Result<ObjectId> parent(const ObjectId& id, std::size_t number) const {
    const Result<ObjectId> at = peel(id, ObjectType::commit);
    if (!at || number == 0) return at;
    const Result<ObjectPtr> object = read(*at);
    if (!object) return std::unexpected(object.error());
    const std::optional<Commit> commit = parse_commit((*object)->data);
    if (!commit || number > commit->parents.size())
      return failed("commit " + at->hex() + " has no parent " + std::to_string(number));
    return commit->parents[number - 1];
  }

  Result<ObjectId> step(ObjectId id, std::string_view& rest) const {
    const char kind = rest.front();
    rest.remove_prefix(1);
    if (kind == '^' && rest.starts_with('{')) {
      const std::size_t end = rest.find('}');
      if (end == rest.npos) return failed("'^" + std::string(rest) + "' is not understood");
      const std::string_view wanted = rest.substr(1, end - 1);
      rest.remove_prefix(end + 1);
      if (wanted.empty()) return peel(id, {});
      for (const ObjectType type : {ObjectType::commit, ObjectType::tree, ObjectType::blob, ObjectType::tag})
        if (wanted == name(type)) return peel(id, type);
      if (wanted == "object") return id;
      return failed("'^{" + std::string(wanted) + "}' is not understood");
    }
    std::uint32_t number = 1;
    const std::from_chars_result read = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (read.ec == std::errc::result_out_of_range) return failed("the number is too large");
    rest.remove_prefix(static_cast<std::size_t>(read.ptr - rest.data()));
    if (kind == '^') return parent(id, number);
    if (kind != '~') return failed("'" + std::string(1, kind) + std::string(rest) + "' is not understood");
    Result<ObjectId> at = peel(id, ObjectType::commit);
    for (; at && number > 0; --number) at = parent(*at, 1);
    return at;
  }

  // The object at ":a/b" of a tree.
  Result<ObjectId> path(const ObjectId& id, std::string_view& rest) const {
    const std::string_view whole = std::exchange(rest, {}).substr(1);
    Result<ObjectId> at = peel(id, ObjectType::tree);
    for (std::string_view left = whole; at && !left.empty();) {
      const std::size_t end = std::min(left.find('/'), left.size());
      const std::string_view wanted = left.substr(0, end);
      left.remove_prefix(std::min(end + 1, left.size()));
      const Result<ObjectPtr> object = read(*at);
      if (!object) return std::unexpected(object.error());
      TreeReader reader((*object)->data, at->kind);
      TreeEntry entry;
      bool found = false;
      while (!found && (*object)->type == ObjectType::tree && reader.next(entry)) found = entry.name == wanted;
      if (!found) return failed("path '" + std::string(whole) + "' is not in its tree");
      at = entry.id;
    }
    return at;
  }

  const std::string& revision_;
  const RefFiles& refs_;
  Store& store_;
  const std::string& repository_;
};

} // namespace

Result<ObjectId> resolve_revision(const std::string& revision, const RefFiles& refs, Store& store,
                                  const std::string& repository) {
  return Resolver(revision, refs, store, repository).run();
}

} // namespace packscope::pack
