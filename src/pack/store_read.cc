// The bytes of a Store's objects. Chains are walked with a path on the heap, never by recursion; what a
// header states is checked against the stream and the limits before anything is allocated.
#include "pack/delta.h"
#include "pack/store_state.h"

#include <algorithm>

namespace packscope::pack {

Outcome<Store::State::Chain> Store::State::chain_of(Location at) {
  std::vector<Location> path;
  Chain below; // of the entry that the path's last one stands on
  Failure bad;
  for (Location current = at;;) {
    if (current.pack == kLoose) {
      const Outcome<Stream> loose_stream = stream(current);
      if (!loose_stream)
        bad = loose_stream.error();
      else
        below = {Chain::good, loose_stream->type, 0};
      break;
    }
    const Chain known = chain(current);
    if (known.known == Chain::good) {
      below = known;
      break;
    }
    if (known.known == Chain::bad) {
      bad = bad_chains.at(current);
      break;
    }
    if (known.known == Chain::on_path) {
      bad = failure(current, Fault::delta_cycle);
      break;
    }
    const Outcome<std::optional<Location>> base = base_of(current);
    if (!base) bad = base.error();
    path.push_back(current);
    chain(current).known = Chain::on_path; // base_of() may have made the tables anew
    if (!base) break;
    if (!*base) {
      below = {Chain::good, packs[current.pack].header(current.entry)->type, 0};
      path.pop_back();
      chain(current) = below;
      break;
    }
    current = **base;
  }
  for (std::size_t i = path.size(); i-- > 0;) {
    ++below.depth;
    if (bad.fault != Fault::none) {
      below.known = Chain::bad;
      bad_chains[path[i]] = bad;
    }
    chain(path[i]) = below;
  }
  if (bad.fault != Fault::none) return std::unexpected(bad);
  return below;
}

Fault Store::State::checked_inflate(const Stream& stream, std::span<std::uint8_t> output, Failure& failure) {
  std::size_t consumed = 0;
  failure.stream = inflater.zlib(stream.zlib, output, consumed);
  return failure.fault = failure.stream == deflate::Fault::none ? Fault::none : Fault::stream;
}

// Whether a stream's stated size may be allocated at all.
static Fault check_size(const Stream& stream, std::uint64_t limit, Failure& failure) {
  if (stream.inflated_size - stream.text_offset > limit) return failure.fault = Fault::size_limit;
  if (could_inflate_to(stream.zlib.size(), stream.inflated_size)) return Fault::none;
  failure.stream = deflate::Fault::size;
  return failure.fault = Fault::stream;
}

Outcome<ObjectPtr> Store::State::read_plain(Location at) {
  const Outcome<Stream> found = stream(at);
  if (!found) return std::unexpected(found.error());
  Failure bad;
  if (check_size(*found, options.limits.max_object_size, bad) != Fault::none) return placed(at, bad);
  auto object = std::make_shared<Object>();
  object->type = found->type;
  object->data.resize(found->inflated_size);
  if (checked_inflate(*found, object->data, bad) != Fault::none) return placed(at, bad);
  object->data.erase(object->data.begin(),
                     object->data.begin() + static_cast<std::ptrdiff_t>(found->text_offset));
  return object;
}

Outcome<std::span<std::uint8_t>> Store::State::inflate_delta(Location at) {
  const Outcome<Stream> found = stream(at);
  if (!found) return std::unexpected(found.error());
  Failure bad;
  if (check_size(*found, options.limits.max_object_size, bad) != Fault::none) return placed(at, bad);
  if (scratch.size() < found->inflated_size) scratch.resize(found->inflated_size);
  const std::span<std::uint8_t> delta = std::span(scratch).first(found->inflated_size);
  if (checked_inflate(*found, delta, bad) != Fault::none) return placed(at, bad);
  return delta;
}

Outcome<ObjectPtr> Store::State::read_delta(Location at, const Object& base) {
  const Outcome<std::span<std::uint8_t>> delta = inflate_delta(at);
  if (!delta) return std::unexpected(delta.error());
  const Outcome<std::uint64_t> size = delta_result_size(*delta, options.limits.max_object_size);
  if (!size) return placed(at, size.error());
  auto object = std::make_shared<Object>();
  object->type = base.type;
  object->data.resize(*size);
  const Fault bad = apply_delta(base.data, *delta, object->data);
  if (bad != Fault::none) return fault(at, bad);
  return object;
}

Outcome<ObjectPtr> Store::State::read(Location at) {
  if (ObjectPtr cached = cache.find(spot(at))) return cached;
  const Outcome<Chain> known = chain_of(at); // from here on the chain is known to end
  if (!known) return std::unexpected(known.error());
  std::vector<Location> path;
  ObjectPtr object;
  Failure bad;
  Location current = at;
  for (;;) {
    if ((object = cache.find(spot(current))) != nullptr) break;
    if (const auto found = unreadable.find(current); found != unreadable.end()) {
      bad = found->second;
      break;
    }
    path.push_back(current);
    const Outcome<std::optional<Location>> base = base_of(current);
    if (!base) return std::unexpected(base.error());
    if (!*base) break;
    current = **base;
  }
  while (!path.empty() && bad.fault == Fault::none) {
    Outcome<ObjectPtr> made = object == nullptr ? read_plain(path.back()) : read_delta(path.back(), *object);
    if (!made) {
      bad = made.error();
      break;
    }
    object = *made;
    cache.put(spot(path.back()), object);
    path.pop_back();
  }
  if (bad.fault == Fault::none) return object;
  for (const Location& failed : path) unreadable.emplace(failed, bad);
  return std::unexpected(bad);
}

Outcome<std::uint64_t> Store::State::size_of(Location at) {
  const Outcome<Stream> found = stream(at);
  if (!found) return std::unexpected(found.error());
  if (!is_delta(found->type)) return found->inflated_size - found->text_offset;
  std::array<std::uint8_t, 20> sizes; // two numbers of at most ten bytes
  std::size_t made = 0;
  const std::size_t wanted = std::min<std::uint64_t>(found->inflated_size, sizes.size());
  const deflate::Fault stream_fault = partial.begin(found->zlib, std::span(sizes).first(wanted), made);
  if (stream_fault != deflate::Fault::none) return placed(at, {Fault::stream, 0, stream_fault});
  const Outcome<DeltaReader> reader = DeltaReader::open({sizes.data(), made});
  if (!reader) return placed(at, reader.error());
  return reader->result_size();
}

} // namespace packscope::pack
