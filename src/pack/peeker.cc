// One entry down its chain of deltas; see peeker.h.
#include "pack/peeker.h"

#include "pack/delta.h"
#include "pack/stream.h"

#include <algorithm>

namespace packscope::pack {

ObjectPtr Peeker::read(std::span<const PackFile> packs, Spot entry, std::uint64_t most) {
  const auto [number, offset] = entry;
  const PackFile& pack = packs[number];
  constexpr std::size_t kMostDeltas = 4096; // git makes none deeper than 4095
  constexpr std::size_t kSlack = deflate::Inflater::kSlack;
  static_assert(kSlack >= kDeltaSlack);
  const std::uint64_t largest = std::min(most, pack.limits().max_object_size);
  // No encoder makes a stream longer than `most_stream` of what it says it inflates to; one that is, is read where it lies.
  // `near`: bytes from the entry's beginning on, or none.
  const auto inflate = [&](const EntryHeader& header, Bytes near, std::span<std::uint8_t> output, std::size_t slack) {
    const auto inflates = [&](Bytes stream) {
      std::size_t consumed = 0;
      return !stream.empty() && inflater_.zlib(stream, output, consumed, slack) == deflate::Fault::none;
    };
    const std::uint64_t head = header.data_offset - header.offset, most_stream = header.size + header.size / 1024 + 64;
    if (head + most_stream > kMostLook) {
      pack.expect(header.offset);
    } else {
      if (head + most_stream > near.size()) near = pack.look(header.offset, std::span(look_).first(head + most_stream));
      if (near.size() > head && inflates(near.subspan(head))) return true;
    }
    return inflates(pack.body().subspan(header.data_offset));
  };
  const auto allowed = [&](const EntryHeader& header) {
    return header.size <= pack.limits().max_object_size &&
           could_inflate_to(pack.body().size() - header.data_offset, header.size);
  };

  ++asked_;
  asked_after_ += passed(entry);
  std::vector<EntryHeader> path; // deltas, from the one that is asked for down to the base
  ObjectPtr object;
  constexpr std::uint64_t kPackHeader = 12;
  if (offset < kPackHeader) return nullptr;
  for (std::uint64_t at = offset; (object = cache.find({number, at})) == nullptr;) {
    const Bytes near = pack.look(at, std::span(look_).first(kFirstLook));
    const Outcome<EntryHeader> header = read_entry_header(near, at, pack.hash(), at);
    if (!header || !allowed(*header) || path.size() == kMostDeltas) return nullptr;
    if (!is_delta(header->type)) {
      if (path.empty() && header->size > largest) return nullptr;
      auto whole = std::make_shared<Object>();
      whole->type = header->type;
      whole->data.resize(header->size);
      if (!inflate(*header, near, whole->data, 0)) return nullptr;
      object = std::move(whole);
      cache.put({number, at}, object);
      break;
    }
    path.push_back(*header);
    const std::optional<std::uint64_t> base =
        header->type == EntryType::ofs_delta ? header->base_offset : pack.offset_of(header->base_id);
    if (!base) return nullptr;
    at = *base;
  }
  if (path.empty()) return object->data.size() <= largest ? object : nullptr;
  Bytes base = object->data;
  bool room = false; // behind the base
  for (std::size_t i = path.size(); i-- > 0;) {
    const EntryHeader& header = path[i];
    if (scratch_.size() < header.size + kSlack) scratch_.resize(header.size + kSlack);
    const std::span<std::uint8_t> delta = std::span(scratch_).first(header.size);
    if (!inflate(header, {}, delta, kSlack)) return nullptr;
    const Outcome<std::uint64_t> size = delta_result_size(delta, i == 0 ? largest : pack.limits().max_object_size);
    if (!size) return nullptr;
    const bool one_in_many = i % 64 == 63; // is kept whatever was asked: or many long chains, in turn, would each begin at the base again
    if (i > 0 && !one_in_many && *size <= kMostStep && !keeps({number, header.offset})) {
      ByteBuffer& step = steps_[i % steps_.size()];
      if (step.size() < *size + kDeltaSlack) step.resize(*size + *size / 4 + kDeltaSlack);
      const std::span<std::uint8_t> made = std::span(step).first(*size);
      if (apply_delta(base, delta, made, room ? kDeltaSlack : 0) != Fault::none) return nullptr;
      base = made;
      room = true;
      continue;
    }
    auto made = std::make_shared<Object>();
    made->type = object->type;
    made->data.resize(*size);
    if (apply_delta(base, delta, made->data) != Fault::none) return nullptr;
    object = std::move(made);
    base = object->data;
    room = false;
    cache.put({number, header.offset}, object);
  }
  return object;
}

} // namespace packscope::pack
