// The words for each fault: the field first, then what is wrong with it.
#include "pack/fault.h"

namespace packscope::pack {

std::string_view describe(Fault fault) {
  switch (fault) {
  case Fault::none: return "no fault";
  case Fault::truncated: return "entry header: the pack ends inside it";
  case Fault::signature: return "signature: this is no pack";
  case Fault::version: return "version: neither 2 nor 3";
  case Fault::trailer: return "trailer: the checksum does not match the bytes before it";
  case Fault::entry_type: return "entry type is 0 or 5, which do not exist";
  case Fault::entry_size: return "entry size does not fit 64 bits";
  case Fault::size_limit: return "object size is above --max-object-size";
  case Fault::ofs_delta_base: return "OFS_DELTA base offset points before the pack";
  case Fault::ofs_delta_target: return "OFS_DELTA base offset is not the start of an earlier entry";
  case Fault::ref_delta_base: return "REF_DELTA base id is in none of the packs at hand";
  case Fault::delta_cycle: return "REF_DELTA base id leads back to the entry itself";
  case Fault::memory: return "object is too large for the memory that is left";
  case Fault::base: return "delta base cannot be read itself";
  case Fault::delta_header: return "delta header: base or result size is cut off or does not fit 64 bits, or the delta has less than 4 bytes";
  case Fault::delta_base_size: return "delta base size is not the base's size";
  case Fault::delta_copy: return "delta copy reaches outside the base or is cut off";
  case Fault::delta_insert: return "delta insert reaches past the end of the delta";
  case Fault::delta_reserved: return "delta instruction 0 is reserved";
  case Fault::delta_result_size: return "delta result size is not what the instructions make";
  case Fault::stream: return "zlib stream";
  case Fault::entry_gap: return "entry end: bytes follow that belong to no entry";
  case Fault::object_count: return "object count in the pack header is not the number of entries";
  case Fault::index_fanout: return "index fanout table does not rise to the number of objects";
  case Fault::index_order: return "index ids are not in order";
  case Fault::index_offset: return "index offset points to no entry of the pack";
  case Fault::index_mismatch: return "index was made for another pack (checksum or object count)";
  case Fault::index_crc32: return "index CRC-32 does not match the entry's bytes";
  case Fault::id_mismatch: return "object id is not the hash of the object";
  case Fault::tree: return "tree entry is malformed";
  case Fault::paths: return "paths of the trees take more room than any real history's; some objects are left without theirs";
  case Fault::commit: return "commit header names no tree";
  case Fault::tag: return "tag header names no object";
  case Fault::loose_header: return "loose object header is not a type and a size";
  case Fault::missing: return "object is missing";
  }
  return "unknown fault";
}

Error Failure::error(std::string_view file) const {
  std::string what(describe(fault));
  if (fault == Fault::stream) what += ": " + std::string(deflate::describe(stream));
  return Error{what, std::string(file), offset};
}

} // namespace packscope::pack
