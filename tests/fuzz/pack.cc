// A whole pack without an index: opened, walked, every object resolved, or a fault with its offset.
#include "fuzz.h"
#include "pack/store.h"

using namespace packscope;
using namespace packscope::pack;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::MemoryFile file({data, size});
  Store::Options options;
  options.limits.max_object_size = std::uint64_t{1} << 20;
  Store store = Store::open({file.path()}, {}, options);
  for (const Error& error : store.errors()) require(!error.what.empty(), "an error has words");
  for (std::uint32_t pack = 0; pack < store.packs().size(); ++pack) {
    const PackFile& pack_file = store.packs()[pack];
    for (std::uint32_t entry = 0; entry < pack_file.entries().size(); ++entry) {
      const Location at{pack, entry};
      const Outcome<std::uint64_t> stated = store.size_of(at);
      const Outcome<ObjectPtr> object = store.read(at);
      if (!object) {
        require(object.error().fault != Fault::none, "a failure has a fault");
        continue;
      }
      require(!is_delta((*object)->type), "what is resolved is no delta");
      require((*object)->data.size() <= options.limits.max_object_size, "no object is above the limit");
      require(stated && *stated == (*object)->data.size(), "the stated size is the size");
      const Outcome<ObjectType> type = store.type_of(at);
      require(type && *type == (*object)->type, "the stated type is the type");
      require(store.depth_of(at).has_value(), "what is resolved has a depth");
    }
  }
  return 0;
}
