// Any bytes as a revision of a repository of two commits, a tag and a tree: an id, or an error that names it.
#include "pack/revision.h"
#include "fuzz.h"
#include "folder.h"

#include <zlib.h>

using namespace packscope;
using namespace packscope::pack;
using fuzz::require;

static ObjectId add(const fuzz::Folder& folder, ObjectType type, const std::string& text) {
  const ObjectId id = hash_object(type, as_bytes(text));
  const std::string whole = std::string(name(type)) + " " + std::to_string(text.size()) + std::string(1, '\0') + text;
  std::string packed(compressBound(whole.size()), '\0');
  uLongf length = packed.size();
  require(compress(reinterpret_cast<Bytef*>(packed.data()), &length, reinterpret_cast<const Bytef*>(whole.data()),
                   whole.size()) == Z_OK,
          "an object is made");
  packed.resize(length);
  folder.write("objects/" + id.hex().substr(0, 2) + "/" + id.hex().substr(2), packed);
  return id;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Folder folder({"refs/heads", "refs/tags", "objects"});
  static Store store = [] {
    const ObjectId file = add(folder, ObjectType::blob, "text");
    const ObjectId tree = add(folder, ObjectType::tree, "100644 a" + std::string(1, '\0') + std::string(as_text(file.raw())));
    const std::string who = "author a <a> 1 +0000\ncommitter a <a> 1 +0000\n\n";
    const ObjectId one = add(folder, ObjectType::commit, "tree " + tree.hex() + "\n" + who);
    const ObjectId two = add(folder, ObjectType::commit, "tree " + tree.hex() + "\nparent " + one.hex() + "\n" + who);
    const ObjectId tag = add(folder, ObjectType::tag, "object " + two.hex() + "\ntype commit\ntag v1\n\n");
    folder.write("HEAD", "ref: refs/heads/main\n");
    folder.write("refs/heads/main", two.hex() + "\n");
    folder.write("refs/tags/v1", tag.hex() + "\n");
    return Store::open({}, {folder.path() + "/objects"}, {});
  }();
  Layout layout;
  layout.git_directory = layout.common_directory = folder.path();
  static const RefFiles refs = RefFiles::read(layout).value();
  const std::string revision(as_text({data, size}));
  const Result<ObjectId> found = resolve_revision(revision, refs, store, "here");
  if (!found) require(found.error().text().starts_with("here: revision '" + revision), "the error names the revision");
  return 0;
}
