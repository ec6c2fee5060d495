// The trace of one object: where its text lies in which bits, token by token. What a thread makes and the writer stores.
#pragma once

#include "pack/repository.h"
#include "syntax/parse.h"
#include "trace/byte_map.h"

#include <unordered_map>

namespace packscope::trace {

struct LocationHash {
  std::size_t operator()(pack::Location at) const {
    return (std::uint64_t{at.pack} << 32 | at.entry) * 0x9E3779B97F4A7C15u;
  }
};
// Rows of `object`, numbered before the tracing begins, so that threads agree.
using ObjectNumbers = std::unordered_map<pack::Location, std::int64_t, LocationHash>;

struct Piece {
  std::uint64_t begin, end; // of the object's text
  std::int64_t token;       // index into Parsed::tokens, -1: none
  std::int64_t source;      // number of the object whose stream holds it
  std::uint64_t source_begin;
  BitRange bits;
};

// What stands in a row of `object`, whether it is traced or only holds bytes of others.
struct ObjectRow {
  std::int64_t number = 0;
  pack::ObjectType type = pack::ObjectType::blob;
  pack::Location at;
  std::string file;
  std::uint64_t offset = 0, data_offset = 0;
  pack::EntryType entry = pack::EntryType::blob;
  std::optional<std::int64_t> base;
  std::uint32_t depth = 0;
  std::uint64_t size = 0, inflated_size = 0, packed_size = 0;
  std::uint16_t zlib_header = 0;
};

struct BlobTrace {
  ObjectRow row;
  std::vector<Block> blocks;
  bool traced = false;            // pieces and tokens were asked for
  bool parsed = false;            // a grammar made the tokens
  syntax::Parsed syntax;
  std::vector<Piece> pieces;
  std::vector<Error> errors;      // what kept it from being whole
  bool usable = false;            // row and blocks are filled
};

// One a thread: its own repository handle, caches and parser.
class BlobTracer {
public:
  BlobTracer(pack::Repository repository, const ObjectNumbers& numbers, MemoryRules memory);

  // `language`: null: no path told it, no tokens. `traced` false: row and blocks only.
  BlobTrace trace(pack::Location at, bool traced, std::optional<syntax::Language> language);

private:
  Result<void> fill_row(pack::Location at, BlobTrace& out);
  Result<void> fill_pieces(pack::Location at, BlobTrace& out);

  pack::Repository repository_;
  const ObjectNumbers& numbers_;
  ByteMap map_;
  syntax::Grammars grammars_;
  syntax::Parser parser_;
};

} // namespace packscope::trace
