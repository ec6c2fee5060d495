// Loose objects: one zlib stream a file, objects/ab/cdef…
//
//   loose := zlib( type ' ' size '\0' bytes )          type by name, size in decimal
#pragma once

#include "base/mapped_file.h"
#include "pack/fault.h"
#include "pack/object.h"
#include "pack/stream.h"

namespace packscope::pack {

struct LooseHeader {
  ObjectType type = ObjectType::blob;
  std::uint64_t size = 0;        // of the object's bytes
  std::uint64_t text_offset = 0; // where they begin in the inflated stream
};

// `stream`: the whole file. Faults: loose_header, stream.
Outcome<LooseHeader> read_loose_header(Bytes stream, PartialInflater& inflater);

// The ids of an "objects" directory, and where their files are.
class LooseObjects {
public:
  // Adds what `folder` holds and no earlier one did. Call seal() after the last.
  void add(const std::string& folder);
  void seal();

  std::uint32_t size() const { return static_cast<std::uint32_t>(objects_.size()); }
  const ObjectId& id(std::uint32_t index) const { return objects_[index].first; }
  std::string path(std::uint32_t index) const;
  std::optional<std::uint32_t> find(const ObjectId& id) const;

private:
  std::vector<std::string> folders_;
  std::vector<std::pair<ObjectId, std::uint32_t>> objects_; // id and folder, in id order
};

} // namespace packscope::pack
