// Tokens and delta segments cut each other into pieces; each piece is looked up in its stream's symbols.
#include "trace/blob_trace.h"

#include "deflate/zlib_stream.h"

#include <map>

namespace packscope::trace {

BlobTracer::BlobTracer(pack::Repository repository, const ObjectNumbers& numbers, MemoryRules memory)
    : repository_(std::move(repository)), numbers_(numbers), map_(repository_.store(), memory), parser_(grammars_) {}

BlobTrace BlobTracer::trace(pack::Location at, bool traced, std::optional<syntax::Language> language) {
  BlobTrace out;
  out.traced = traced;
  if (const Result<void> filled = fill_row(at, out); !filled) {
    out.errors.push_back(filled.error());
    return out;
  }
  out.usable = true;
  if (!traced) return out;
  pack::Store& store = repository_.store();
  const pack::Outcome<pack::ObjectPtr> object = store.read(at);
  if (!object) {
    out.errors.push_back(store.error(at, object.error()));
    return out;
  }
  if (language && !(*object)->data.empty()) {
    const Result<void> parsed = parser_.parse(*language, (*object)->data, out.syntax);
    if (!parsed) {
      out.errors.push_back(parsed.error());
      if (out.errors.back().file.empty()) out.errors.back().file = store.file_of(at);
      if (!out.errors.back().offset) out.errors.back().offset = out.row.offset;
      out.syntax = {};
    }
    out.parsed = !out.syntax.tokens.empty();
  }
  if (const Result<void> filled = fill_pieces(at, out); !filled) out.errors.push_back(filled.error());
  return out;
}

Result<void> BlobTracer::fill_row(pack::Location at, BlobTrace& out) {
  pack::Store& store = repository_.store();
  ObjectRow& row = out.row;
  const auto failed = [&](const pack::Failure& failure) { return std::unexpected(store.error(at, failure)); };
  row.number = numbers_.at(at);
  row.at = at;
  row.file = store.file_of(at);
  row.offset = store.offset_of(at);
  const pack::Outcome<pack::Stream> stream = store.stream(at);
  if (!stream) return failed(stream.error());
  row.data_offset = stream->file_offset;
  row.inflated_size = stream->inflated_size;
  row.entry = stream->type;
  const pack::Outcome<std::optional<pack::Location>> base = store.base_of(at);
  if (!base) return failed(base.error());
  if (*base)
    if (const auto known = numbers_.find(**base); known != numbers_.end()) row.base = known->second;
  const pack::Outcome<std::uint32_t> depth = store.depth_of(at);
  if (!depth) return failed(depth.error());
  row.depth = *depth;
  const pack::Outcome<pack::ObjectType> type = store.type_of(at);
  if (!type) return failed(type.error());
  row.type = *type;
  const pack::Outcome<std::uint64_t> size = store.size_of(at);
  if (!size) return failed(size.error());
  row.size = *size;
  const Result<ByteMap::Symbols> symbols = map_.symbols(at);
  if (!symbols) return std::unexpected(symbols.error());
  row.packed_size = (symbols->table->bit_end() + 7) / 8 + deflate::kZlibTrailerBytes;
  row.zlib_header = load_be<std::uint16_t>(stream->zlib.data());
  out.blocks = symbols->table->blocks();
  return {};
}

Result<void> BlobTracer::fill_pieces(pack::Location at, BlobTrace& out) {
  const Result<std::shared_ptr<const SegmentList>> segments = map_.segments(at);
  if (!segments) return std::unexpected(segments.error());
  const std::vector<syntax::Token>& tokens = out.syntax.tokens;
  std::map<pack::Location, std::vector<std::size_t>> by_source; // pieces of each stream
  std::size_t token = 0;                                        // the first that ends after `begin`
  for (const Segment& segment : **segments) {
    const std::int64_t source = numbers_.at(segment.source);
    std::vector<std::size_t>& of_source = by_source[segment.source];
    const std::uint64_t segment_end = segment.text_begin + segment.length;
    for (std::uint64_t begin = segment.text_begin, end; begin < segment_end; begin = end) {
      while (token < tokens.size() && tokens[token].end <= begin) ++token;
      const bool inside = token < tokens.size() && tokens[token].begin <= begin;
      end = segment_end;
      if (token < tokens.size())
        end = std::min<std::uint64_t>(end, inside ? tokens[token].end : tokens[token].begin);
      of_source.push_back(out.pieces.size());
      out.pieces.push_back({begin, end, inside ? static_cast<std::int64_t>(token) : -1, source,
                            segment.source_begin + (begin - segment.text_begin), {}});
    }
  }
  // Stream by stream, so that each one's table is needed once, however its segments alternate with others'.
  for (const auto& [source, pieces] : by_source) {
    const Result<ByteMap::Symbols> symbols = map_.symbols(source);
    if (!symbols) {
      out.pieces.clear();
      return std::unexpected(symbols.error());
    }
    for (const std::size_t i : pieces) {
      Piece& piece = out.pieces[i];
      piece.bits = symbols->table->bits_of(piece.source_begin, piece.source_begin + (piece.end - piece.begin));
    }
  }
  return {};
}

} // namespace packscope::trace
