// One entry down its chain of deltas; see peeker.h.
#include "pack/peeker.h"

#include "pack/delta.h"
#include "pack/stream.h"

#include <algorithm>

namespace packscope::pack {

ObjectPtr Peeker::read(std::span<const PackFile> packs, const ObjectId& id, std::uint64_t most) {
  for (std::uint32_t pack = 0; pack < packs.size(); ++pack)
    if (const std::optional<std::uint64_t> offset = packs[pack].offset_of(id)) return read(packs[pack], pack, *offset, most);
  return nullptr;
}

ObjectPtr Peeker::read(const PackFile& pack, std::uint32_t number, std::uint64_t offset, std::uint64_t most) {
  constexpr std::size_t kMostDeltas = 4096; // git makes none deeper than 4095
  constexpr std::size_t kSlack = deflate::Inflater::kSlack;
  const std::uint64_t largest = std::min(most, pack.limits().max_object_size);
  const auto inflate = [&](const EntryHeader& header, std::span<std::uint8_t> output, std::size_t slack) {
    std::size_t consumed = 0;
    return inflater_.zlib(pack.body().subspan(header.data_offset), output, consumed, slack) == deflate::Fault::none;
  };
  const auto allowed = [&](const EntryHeader& header) {
    return header.size <= pack.limits().max_object_size &&
           could_inflate_to(pack.body().size() - header.data_offset, header.size);
  };

  std::vector<EntryHeader> path; // deltas, from the one that is asked for down to the base
  ObjectPtr object;
  constexpr std::uint64_t kPackHeader = 12;
  if (offset < kPackHeader) return nullptr;
  for (std::uint64_t at = offset; (object = cache.find({number, at})) == nullptr;) {
    pack.expect(at);
    const Outcome<EntryHeader> header = read_entry_header(pack.body(), at, pack.hash());
    if (!header || !allowed(*header) || path.size() == kMostDeltas) return nullptr;
    if (!is_delta(header->type)) {
      if (path.empty() && header->size > largest) return nullptr;
      auto whole = std::make_shared<Object>();
      whole->type = header->type;
      whole->data.resize(header->size);
      if (!inflate(*header, whole->data, 0)) return nullptr;
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
  for (std::size_t i = path.size(); i-- > 0;) {
    const EntryHeader& header = path[i];
    if (scratch_.size() < header.size + kSlack) scratch_.resize(header.size + kSlack);
    const std::span<std::uint8_t> delta = std::span(scratch_).first(header.size);
    if (!inflate(header, delta, kSlack)) return nullptr;
    const Outcome<std::uint64_t> size = delta_result_size(delta, i == 0 ? largest : pack.limits().max_object_size);
    if (!size) return nullptr;
    auto made = std::make_shared<Object>();
    made->type = object->type;
    made->data.resize(*size);
    if (apply_delta(object->data, delta, made->data) != Fault::none) return nullptr;
    object = std::move(made);
    cache.put({number, header.offset}, object);
  }
  return object;
}

} // namespace packscope::pack
