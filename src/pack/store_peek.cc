// Objects by id through the indexes alone; see store.h.
//
// What an entry's number would tell is not asked: where the next one begins (a stream says itself where it ends) and
// whether a base's offset is an entry's (git doesn't ask either; what is no entry hardly inflates). Whatever is unusual
// is left to read(), which names it.
#include "pack/delta.h"
#include "pack/store_state.h"

#include <algorithm>

namespace packscope::pack {

bool Store::State::contains(const ObjectId& id) {
  for (const PackFile& pack : packs)
    if (pack.offset_of(id)) return true;
  return std::ranges::all_of(packs, &PackFile::indexed) ? loose.find(id).has_value() : find(id).has_value();
}

ObjectPtr Store::State::peek(const ObjectId& id, std::uint64_t most) {
  for (std::uint32_t pack = 0; pack < packs.size(); ++pack)
    if (const std::optional<std::uint64_t> offset = packs[pack].offset_of(id)) return peek_packed(pack, *offset, most);
  const std::optional<std::uint32_t> index =
      std::ranges::all_of(packs, &PackFile::indexed) ? loose.find(id) : std::nullopt;
  if (!index) return nullptr;
  const Outcome<ObjectPtr> object = read({kLoose, *index});
  return object && (*object)->data.size() <= most ? *object : nullptr;
}

ObjectPtr Store::State::peek_packed(std::uint32_t number, std::uint64_t offset, std::uint64_t most) {
  constexpr std::size_t kMostDeltas = 4096; // git makes none deeper than 4095
  constexpr std::size_t kSlack = deflate::Inflater::kSlack;
  const PackFile& pack = packs[number];
  const std::uint64_t largest = std::min(most, options.limits.max_object_size);
  const auto inflate = [&](const EntryHeader& header, std::span<std::uint8_t> output, std::size_t slack) {
    std::size_t consumed = 0;
    return inflater.zlib(pack.body().subspan(header.data_offset), output, consumed, slack) == deflate::Fault::none;
  };
  const auto allowed = [&](const EntryHeader& header) {
    return header.size <= options.limits.max_object_size &&
           could_inflate_to(pack.body().size() - header.data_offset, header.size);
  };

  std::vector<EntryHeader> path; // deltas, from the one that is asked for down to the base
  ObjectPtr object;
  constexpr std::uint64_t kPackHeader = 12;
  if (offset < kPackHeader) return nullptr;
  for (std::uint64_t at = offset; (object = cache.find({number, at})) == nullptr;) {
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
    if (scratch.size() < header.size + kSlack) scratch.resize(header.size + kSlack);
    const std::span<std::uint8_t> delta = std::span(scratch).first(header.size);
    if (!inflate(header, delta, kSlack)) return nullptr;
    const Outcome<std::uint64_t> size = delta_result_size(delta, i == 0 ? largest : options.limits.max_object_size);
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
