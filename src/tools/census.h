// What `stat` counts in one pack (or in a repository's loose objects, taken as a pack named "loose").
//
// Two depths: from headers alone (types through chains of headers, sizes where an object's row is asked for), or
// with every object resolved, once, depth first.
#pragma once

#include "tools/command.h"

#include <array>
#include <map>

namespace packscope::tools {

struct Census {
  static constexpr std::uint64_t kNoSize = UINT64_MAX; // not asked for, or it cannot be read
  struct Row { // by entry; what cannot be read has no type
    std::optional<pack::ObjectType> type = {};
    std::uint32_t depth = 0; // deltas down to a whole object
    std::uint64_t size = kNoSize; // of the resolved object
  };
  std::string pack; // file name, or "loose"
  std::uint32_t number = 0; // in the store, or pack::kLoose
  std::uint64_t objects = 0, deltas = 0, max_depth = 0, errors = 0;
  std::array<std::uint64_t, 5> by_type = {};    // by ObjectType
  std::uint64_t packed_bytes = 0;               // entries with their headers; a loose object's file
  std::uint64_t inflated_bytes = 0;             // of the streams, as stated: deltas as instructions
  std::uint64_t resolved_bytes = 0, verified = 0; // with `decode`
  std::vector<std::uint64_t> depths;            // how many objects by delta depth
  std::vector<std::uint32_t> largest;           // entries, the largest object first; where sizes are known
  std::map<std::uint16_t, std::uint64_t> zlib_headers;
  std::array<std::uint64_t, 3> block_types = {}; // of each stream's first block
  std::vector<Row> rows;
};

struct CensusOptions {
  bool decode = false; // resolve every object
  bool verify = false; // and check ids, trailers, CRCs, gaps between entries; implies `decode`
  bool sizes = false;  // the rows' sizes are wanted
};

// `number`: of the pack in the store, or pack::kLoose. Errors are reported in entry order.
Census take_census(pack::Store& store, std::uint32_t number, const CensusOptions& census, const ReadOptions& options,
                   Report& report);

// Bytes of an object as it lies: its entry, header included, or its file.
std::uint64_t packed_size(const pack::Store& store, pack::Location at);

} // namespace packscope::tools
