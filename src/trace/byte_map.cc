// Segments through delta chains; see byte_map.h.
#include "trace/byte_map.h"

#include "pack/delta.h"

#include <algorithm>

namespace packscope::trace {
namespace {

void append(SegmentList& list, Segment segment) {
  if (!list.empty()) {
    Segment& last = list.back();
    if (last.source == segment.source && last.source_begin + last.length == segment.source_begin) {
      last.length += segment.length;
      return;
    }
  }
  list.push_back(segment);
}

// Appends the slice [from, from + length) of `base`, to stand at `text_begin`.
void append_slice(SegmentList& list, const SegmentList& base, std::uint64_t from, std::uint64_t length,
                  std::uint64_t text_begin) {
  auto at = std::upper_bound(base.begin(), base.end(), from, [](std::uint64_t offset, const Segment& segment) {
              return offset < segment.text_begin;
            }) - 1;
  for (; length > 0; ++at) {
    const std::uint64_t skipped = from - at->text_begin;
    const std::uint64_t taken = std::min(length, at->length - skipped);
    append(list, {text_begin, taken, at->source, at->source_begin + skipped});
    from += taken;
    text_begin += taken;
    length -= taken;
  }
}

} // namespace

ByteMap::ByteMap(pack::Store& store, MemoryRules memory)
    : store_(store), memory_(memory), lists_(memory.share / 2), tables_(memory.share / 2) {}

Error ByteMap::error(pack::Location at, const pack::Failure& failure) const {
  return store_.error(at, failure);
}

Result<std::shared_ptr<const SegmentList>> ByteMap::segments(pack::Location at) {
  // Down the chain to the first object whose list is known, or to the root; then up again.
  std::vector<pack::Location> chain;
  std::shared_ptr<const SegmentList> list = lists_.get(at);
  for (pack::Location next = at; !list;) {
    chain.push_back(next);
    pack::Outcome<std::optional<pack::Location>> base = store_.base_of(next);
    if (!base) return std::unexpected(error(next, base.error()));
    if (!*base) break;
    next = **base;
    // A chain longer than the store allows is a cycle or hostile; depth_of words it.
    if (chain.size() % 1024 == 0) {
      const pack::Outcome<std::uint32_t> depth = store_.depth_of(at);
      if (!depth) return std::unexpected(error(at, depth.error()));
    }
    list = lists_.get(next);
  }
  for (; !chain.empty(); chain.pop_back()) {
    Result<SegmentList> own = own_segments(chain.back(), list.get());
    if (!own) return std::unexpected(own.error());
    const std::uint64_t weight = own->size() * sizeof(Segment) + 128;
    list = lists_.put(chain.back(), std::move(*own), weight);
  }
  return list;
}

Result<SegmentList> ByteMap::own_segments(pack::Location at, const SegmentList* base) {
  const pack::Outcome<pack::Stream> stream = store_.stream(at);
  if (!stream) return std::unexpected(error(at, stream.error()));
  SegmentList list;
  if (!pack::is_delta(stream->type)) {
    if (stream->inflated_size > stream->text_offset)
      list.push_back({0, stream->inflated_size - stream->text_offset, at, stream->text_offset});
    return list;
  }
  const auto failed = [&](pack::Fault fault, deflate::Fault why = deflate::Fault::none) {
    return std::unexpected(error(at, {fault, store_.offset_of(at), why}));
  };
  delta_.resize(stream->inflated_size); // within --max-object-size: the store refuses larger ones
  std::size_t consumed = 0;
  if (const deflate::Fault fault = inflater_.zlib(stream->zlib, delta_, consumed); fault != deflate::Fault::none)
    return failed(pack::Fault::stream, fault);
  pack::Outcome<pack::DeltaReader> reader = pack::DeltaReader::open(delta_);
  if (!reader) return failed(reader.error().fault);
  const std::uint64_t base_size = base->empty() ? 0 : base->back().text_begin + base->back().length;
  if (reader->base_size() != base_size) return failed(pack::Fault::delta_base_size);
  std::uint64_t text = 0;
  for (pack::DeltaStep step; reader->next(step); text += step.length) {
    if (step.copy) append_slice(list, *base, step.from, step.length, text);
    else append(list, {text, step.length, at, step.from});
    // One inserted byte a segment costs 40 times its text: bounded, a hostile delta must not take all memory.
    if (list.size() * sizeof(Segment) > memory_.limit / 4)
      return fail("trace: its delta segments take more than the --memory budget", store_.file_of(at), store_.offset_of(at));
  }
  if (reader->fault() != pack::Fault::none) return failed(reader->fault());
  return list;
}

Result<ByteMap::Symbols> ByteMap::symbols(pack::Location at) {
  if (std::shared_ptr<const SymbolTable> known = tables_.get(at)) return Symbols{std::move(known), {}};
  const pack::Outcome<pack::Stream> stream = store_.stream(at);
  if (!stream) return std::unexpected(error(at, stream.error()));
  Symbols symbols;
  // Two bytes a symbol, and a symbol makes a byte at least: what it may come to at the most, but for the blocks.
  const bool large = stream->inflated_size > memory_.share / 8;
  if (large && memory_.alone != nullptr) symbols.alone = std::unique_lock(*memory_.alone);
  std::expected<SymbolTable, SymbolTable::Failure> table =
      SymbolTable::build(stream->zlib, large ? memory_.limit : std::min(memory_.limit, memory_.share));
  if (!table && table.error().fault == deflate::Fault::size && !large && memory_.alone != nullptr) { // all blocks
    symbols.alone = std::unique_lock(*memory_.alone);
    table = SymbolTable::build(stream->zlib, memory_.limit);
  }
  if (!table) {
    const auto [fault, bit] = table.error();
    if (fault == deflate::Fault::size)
      return fail("trace: its symbols take more than the --memory budget", store_.file_of(at), stream->file_offset);
    return std::unexpected(error(at, {pack::Fault::stream, stream->file_offset + bit / 8, fault}));
  }
  if (table->output_size() != stream->inflated_size)
    return std::unexpected(error(at, {pack::Fault::stream, stream->file_offset, deflate::Fault::size}));
  if (symbols.alone) {
    symbols.table = std::make_shared<const SymbolTable>(std::move(*table)); // not kept
  } else {
    const std::uint64_t weight = table->memory() + 128;
    symbols.table = tables_.put(at, std::move(*table), weight);
  }
  return symbols;
}

} // namespace packscope::trace
