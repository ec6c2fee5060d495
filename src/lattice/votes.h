// A clue's evidence as numbers by language, read without decoding its sets.
#pragma once

#include "lattice/label.h"
#include "lattice/store.h"

#include <array>

namespace packscope::lattice {

inline constexpr unsigned kLanes = 16; // languages, rounded up to whole vectors
static_assert(syntax::kLanguages <= kLanes);

struct LanguageVotes {
  std::array<float, kLanes> repositories = {}, objects = {};
  float all_repositories = 0, all_objects = 0; // sums over languages: a repository votes for each that it has
  std::uint32_t own = 0;                       // a bit a language that the voter `own` votes for
};

// The reader's next entry that is for a language; false: no more. `damaged` is set where what follows is no entry.
bool next_language(EvidenceReader& reader, EvidenceReader::Entry& entry, std::uint8_t& language, bool& damaged);

// False: `value` holds no evidence for a language. `own`: whose votes to mark; 0: nobody's. `damaged` is set where the value
// ends within an entry; what stands before counts.
bool read_votes(Bytes value, Element own, LanguageVotes& votes, bool& damaged);

} // namespace packscope::lattice
