// Any bytes as the modules of the image without an OS: an archive, and what it holds as a pack and its index.
#include "boot/modules.h"
#include "boot/pack_walk.h"
#include "fuzz.h"

#include <vector>

using namespace packscope;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(data, size);
  const auto inside = [&](Bytes part) {
    return part.empty() || (part.data() >= data && part.data() + part.size() <= data + size);
  };
  boot::Modules modules;
  boot::add_module(input, modules);
  require(inside(modules.pack) && inside(modules.index), "a module lies in the archive");
  const pack::Outcome<pack::IndexTables> index = pack::IndexTables::read(modules.index);
  if (!index) return 0;
  std::vector<boot::WalkEntry> room(index->size());
  const pack::Outcome<boot::PackWalk> walk = boot::PackWalk::open(modules.pack, *index, room);
  if (!walk) return 0;
  for (std::uint32_t entry = 0; entry < walk->entries().size(); ++entry) {
    const std::uint32_t root = walk->entries()[entry].root;
    require(root == boot::kNoRoot || root < walk->entries().size(), "a root is an entry");
    walk->id(entry);
    if (const pack::Outcome<pack::EntryHeader> header = walk->header(entry)) {
      require(inside(walk->stream(*header, entry)), "a stream lies in the pack");
      if (root != boot::kNoRoot) require(!pack::is_delta(walk->header(root)->type), "a root is no delta");
    }
  }
  return 0;
}
