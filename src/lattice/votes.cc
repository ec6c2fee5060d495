// Entry by entry, up to the last language.
#include "lattice/votes.h"

#include <cstring>

namespace packscope::lattice {
namespace {

// A language by its name's length, first and last letter, which no two share.
constexpr std::uint8_t kNobody = 255;
constexpr std::size_t slot(std::string_view text) {
  return (text.size() + static_cast<std::uint8_t>(text.front()) * 2u + static_cast<std::uint8_t>(text.back()) * 2u) % 64;
}
struct Slots {
  std::array<std::uint8_t, 64> language;
  Slots() {
    language.fill(kNobody);
    for (std::uint8_t i = 0; i < syntax::kLanguages; ++i) language[slot(syntax::name(static_cast<syntax::Language>(i)))] = i;
  }
};
const Slots kSlots;
const std::array<std::string_view, syntax::kLanguages> kLanguageNames = [] {
  std::array<std::string_view, syntax::kLanguages> names;
  for (unsigned i = 0; i < names.size(); ++i) names[i] = syntax::name(static_cast<syntax::Language>(i));
  return names;
}();

// Of at least one byte each. Whole words, which may overlap: less than a loop or a call.
bool same(const char* a, const char* b, std::size_t size) {
  const auto differ = [&]<class Word>(Word) {
    Word words[4];
    std::memcpy(words, a, sizeof(Word)), std::memcpy(words + 1, a + size - sizeof(Word), sizeof(Word));
    std::memcpy(words + 2, b, sizeof(Word)), std::memcpy(words + 3, b + size - sizeof(Word), sizeof(Word));
    return ((words[0] ^ words[2]) | (words[1] ^ words[3])) != 0;
  };
  if (size > 16) return std::memcmp(a, b, size) == 0;
  if (size >= 8) return !differ(std::uint64_t{});
  if (size >= 4) return !differ(std::uint32_t{});
  if (size >= 2) return !differ(std::uint16_t{});
  return *a == *b;
}

std::uint8_t language_of(std::string_view text) {
  if (text.empty()) return kNobody;
  const std::uint8_t found = kSlots.language[slot(text)];
  if (found == kNobody || kLanguageNames[found].size() != text.size()) return kNobody;
  return same(kLanguageNames[found].data(), text.data(), text.size()) ? found : kNobody;
}

[[gnu::always_inline]] inline bool next_entry(EvidenceReader& reader, EvidenceReader::Entry& entry, std::uint8_t& language) {
  while (reader.next(entry)) {
    const char kind = entry.label[0];
    if (kind < static_cast<char>(LabelKind::language)) continue;
    if (kind > static_cast<char>(LabelKind::language)) return false;
    language = language_of(entry.label.substr(1));
    if (language != kNobody) return true; // else one that this program doesn't know
  }
  return false;
}

float as_float(std::uint64_t count) { return static_cast<float>(static_cast<std::int64_t>(count)); } // is below 2^63

} // namespace

bool next_language(EvidenceReader& reader, EvidenceReader::Entry& entry, std::uint8_t& language) { return next_entry(reader, entry, language); }

bool read_votes(Bytes value, Element own, LanguageVotes& votes) {
  EvidenceReader reader(value);
  EvidenceReader::Entry entry;
  bool any = false;
  for (std::uint8_t language; next_entry(reader, entry, language); any = true) {
    const float repositories = as_float(entry.repositories.count), objects = as_float(entry.objects.count);
    votes.repositories[language] = repositories;
    votes.objects[language] = objects;
    votes.all_repositories += repositories;
    votes.all_objects += objects;
    if (own != 0 && entry.repositories.holds(own)) votes.own |= 1u << language;
  }
  return any;
}

} // namespace packscope::lattice
