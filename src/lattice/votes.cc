// Entry by entry, up to the last language.
#include "lattice/votes.h"

#include <algorithm>

namespace packscope::lattice {
namespace {

constexpr std::uint8_t kNobody = 255;

// A name's first eight letters as a number, zeros behind a shorter one. `room`: how many bytes may be read there.
[[gnu::always_inline]] inline std::uint64_t head_of(const char* name, std::size_t size, std::size_t room) {
  if (room >= 8) [[likely]] {
    const std::uint64_t head = load_le<std::uint64_t>(reinterpret_cast<const std::uint8_t*>(name));
    return size >= 8 ? head : head & ((std::uint64_t{1} << 8 * size) - 1);
  }
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(size, 8); ++i) head |= std::uint64_t{static_cast<std::uint8_t>(name[i])} << 8 * i;
  return head;
}

// Languages by a hash of that, in which no two meet.
class Names {
public:
  Names() {
    while (!fill()) factor_ = factor_ * 0xd1342543de82ef95u + 2; // stays odd
  }
  [[gnu::always_inline]] std::uint8_t language_of(std::string_view name, std::size_t room) const {
    const std::uint64_t head = head_of(name.data(), name.size(), room);
    const One& one = by_hash_[place(head)];
    if (one.head != head || one.size != name.size()) return kNobody;
    return one.size <= 8 || name.substr(8) == one.rest ? one.language : kNobody;
  }

private:
  struct One {
    std::uint64_t head = 0, size = 0;
    std::string_view rest = {}; // behind the first eight
    std::uint8_t language = kNobody;
  };
  std::size_t place(std::uint64_t head) const { return head * factor_ >> 58; }
  bool fill() {
    by_hash_ = {};
    for (std::uint8_t i = 0; i < syntax::kLanguages; ++i) {
      const std::string_view name = syntax::name(static_cast<syntax::Language>(i));
      const std::uint64_t head = head_of(name.data(), name.size(), name.size());
      One& one = by_hash_[place(head)];
      if (one.language != kNobody) return false;
      one = {head, name.size(), name.size() > 8 ? name.substr(8) : std::string_view(), i};
    }
    return true;
  }
  std::array<One, 64> by_hash_ = {};
  std::uint64_t factor_ = 0x9e3779b97f4a7c15u;
};
const Names kKnown;

// `damaged` is set where what follows is neither the end nor an entry.
[[gnu::always_inline]] inline bool next_entry(EvidenceReader& reader, EvidenceReader::Entry& entry, std::uint8_t& language, bool& damaged) {
  const char* const end = as_text(reader.value()).end();
  while (reader.next(entry)) {
    const auto kind = static_cast<unsigned char>(entry.label[0]); // labels ascend by their bytes
    if (kind < static_cast<unsigned char>(LabelKind::language)) continue;
    if (kind > static_cast<unsigned char>(LabelKind::language)) return false;
    const std::string_view name = entry.label.substr(1);
    language = kKnown.language_of(name, static_cast<std::size_t>(end - name.data()));
    if (language != kNobody) return true; // else one that this program doesn't know
  }
  damaged |= !reader.whole();
  return false;
}

float as_float(std::uint64_t count) { return static_cast<float>(static_cast<std::int64_t>(count)); } // is below 2^63

// Two copies: where nobody's votes are to be marked, sets are passed over without a look.
template <bool marked> bool read_all(Bytes value, Element own, LanguageVotes& votes, bool& damaged) {
  EvidenceReader reader(value);
  EvidenceReader::Entry entry;
  bool any = false;
  for (std::uint8_t language; next_entry(reader, entry, language, damaged); any = true) {
    const float repositories = as_float(entry.repositories.count), objects = as_float(entry.objects.count);
    votes.repositories[language] = repositories;
    votes.objects[language] = objects;
    votes.all_repositories += repositories;
    votes.all_objects += objects;
    if constexpr (marked) {
      const DistinctView voters = entry.repositories; // a copy to ask: the entry stays in registers
      if (voters.holds(own)) votes.own |= 1u << language;
    }
  }
  return any;
}

} // namespace

bool next_language(EvidenceReader& reader, EvidenceReader::Entry& entry, std::uint8_t& language, bool& damaged) { return next_entry(reader, entry, language, damaged); }

bool read_votes(Bytes value, Element own, LanguageVotes& votes, bool& damaged) {
  return own == 0 ? read_all<false>(value, own, votes, damaged) : read_all<true>(value, own, votes, damaged);
}

} // namespace packscope::lattice
