// A tree's bytes: entries that tile it, or a fault.
#include "pack/tree.h"
#include "fuzz.h"

using namespace packscope;
using namespace packscope::pack;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const HashKind hash : {HashKind::sha1, HashKind::sha256}) {
    const std::string_view tree = as_text({data, size});
    TreeReader reader({data, size}, hash);
    TreeEntry entry;
    std::size_t end = 0;
    while (reader.next(entry)) {
      require(entry.name.data() > tree.data() + end, "a mode stands before the name");
      require(entry.name.find('\0') == std::string_view::npos, "a name ends at the first zero");
      end =
          static_cast<std::size_t>(entry.name.data() - tree.data()) + entry.name.size() + 1 + hash_size(hash);
      require(end <= size, "an entry is inside the tree");
      require(as_text(entry.id.raw()) == tree.substr(end - hash_size(hash), hash_size(hash)),
              "the id is the entry's");
    }
    require(reader.fault() == Fault::tree || (reader.fault() == Fault::none && end == size),
            "the entries tile the tree, or there is a fault");
    require(!reader.next(entry), "the end stays the end");
  }
  return 0;
}
