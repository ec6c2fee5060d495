// A pack entry's header at any offset, with either hash.
#include "fuzz.h"
#include "pack/entry.h"

using namespace packscope;
using namespace packscope::pack;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (std::uint64_t offset = 0; offset <= size + 1 && offset < 40; ++offset) {
    for (const HashKind hash : {HashKind::sha1, HashKind::sha256}) {
      const Outcome<EntryHeader> header = read_entry_header({data, size}, offset, hash);
      if (!header) {
        require(header.error().fault != Fault::none && !describe(header.error().fault).empty(),
                "a fault has a name");
        continue;
      }
      require(header->offset == offset, "the header begins where it was asked for");
      require(header->data_offset > offset && header->data_offset <= size, "its data begins inside the pack");
      const std::uint64_t head = header->data_offset - offset;
      if (header->type == EntryType::ofs_delta)
        require(header->base_offset < offset, "a base lies before its delta");
      if (header->type == EntryType::ref_delta) require(head > hash_size(hash), "a base id has its bytes");
    }
  }
  return 0;
}
