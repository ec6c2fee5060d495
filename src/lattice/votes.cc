// Labels come sorted, and so do the languages' names: they are matched side by side.
#include "lattice/votes.h"

#include <algorithm>

namespace packscope::lattice {
namespace {

struct SortedLanguages {
  std::array<std::string_view, syntax::kLanguages> names;
  std::array<std::uint8_t, syntax::kLanguages> numbers;
  SortedLanguages() {
    for (std::uint8_t i = 0; i < numbers.size(); ++i) numbers[i] = i;
    std::ranges::sort(numbers, {}, [](std::uint8_t i) { return syntax::name(static_cast<syntax::Language>(i)); });
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = syntax::name(static_cast<syntax::Language>(numbers[i]));
  }
};
const SortedLanguages kSorted;

} // namespace

bool read_votes(Bytes value, Element own, LanguageVotes& votes) {
  EvidenceReader reader(value);
  EvidenceReader::Entry entry;
  bool any = false;
  std::size_t at = 0;
  while (reader.next(entry)) {
    const char kind = entry.label[0];
    if (kind < static_cast<char>(LabelKind::language)) continue;
    if (kind > static_cast<char>(LabelKind::language)) break;
    const std::string_view text = entry.label.substr(1);
    while (at < kSorted.names.size() && kSorted.names[at] < text) ++at;
    if (at == kSorted.names.size()) break;
    if (kSorted.names[at] != text) continue; // a language that this program doesn't know
    const std::uint8_t language = kSorted.numbers[at];
    const float repositories = static_cast<float>(entry.repositories.count), objects = static_cast<float>(entry.objects.count);
    votes.repositories[language] = repositories;
    votes.objects[language] = objects;
    votes.all_repositories += repositories;
    votes.all_objects += objects;
    if (own != 0 && entry.repositories.holds(own)) votes.own |= 1u << language;
    any = true;
  }
  return any;
}

} // namespace packscope::lattice
