// Any bytes as an index: refused at open, or every row can be read and found again.
#include "pack/index.h"
#include "fuzz.h"

using namespace packscope;
using namespace packscope::pack;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::MemoryFile file({data, size});
  for (const std::optional<HashKind> hash :
       {std::optional<HashKind>(), std::optional(HashKind::sha1), std::optional(HashKind::sha256)}) {
    const Result<Index> index = Index::open(file.path(), hash);
    if (!index) {
      require(index.error().text().starts_with(file.path() + ": "), "the error names the file");
      continue;
    }
    require(index->size() <= size / 24, "the rows are in the file");
    const bool sound = index->verify().has_value();
    for (std::uint32_t position = 0; position < index->size(); ++position) {
      const ObjectId id = index->id(position);
      const Outcome<std::uint64_t> offset = index->offset(position);
      require(offset || offset.error().fault == Fault::index_offset, "an offset, or the fault that it has");
      require(index->crc32(position).has_value() == (index->version() == 2), "v2 has checksums");
      const std::optional<std::uint32_t> found = index->find(id);
      if (sound) require(found && index->id(*found) == id, "an id is found where it lies");
      if (found) require(*found < index->size(), "what is found is a row");
    }
    index->pack_checksum();
  }
  return 0;
}
