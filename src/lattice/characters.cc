// A table of sets.
#include "lattice/characters.h"

#include <algorithm>

namespace packscope::lattice {

void Characters::add(const Clues& clues, syntax::Language language, Element repository, Element object) {
  for (unsigned index = 0; index < kCharacters; ++index) {
    Sets& sets = votes_[at(index, std::min<unsigned>(clues.lengths[index], kMostLength), static_cast<unsigned>(language))];
    sets.repositories.add(repository);
    sets.objects.add(object);
  }
}

class Characters::Reader : public Cursor {
public:
  explicit Reader(const Characters& of) : of_(of) {}
  Result<bool> next(Record& record) override {
    constexpr unsigned kLengths = kMostLength + 1;
    for (; at_ < kCharacters * kLengths; ++at_) {
      Evidence evidence;
      for (unsigned language = 0; language < syntax::kLanguages; ++language) {
        const Sets& sets = of_.votes_[at(at_ / kLengths, at_ % kLengths, language)];
        if (sets.objects.count() != 0)
          evidence.join({label(LabelKind::language, syntax::name(static_cast<syntax::Language>(language))), sets.repositories, sets.objects});
      }
      if (evidence.votes().empty()) continue;
      value_.clear();
      evidence.encode(value_);
      record = {character_key(at_ / kLengths, at_ % kLengths), as_bytes(value_)};
      ++at_;
      return true;
    }
    return false;
  }

private:
  const Characters& of_;
  unsigned at_ = 0;
  std::string value_;
};

CursorPtr Characters::records() const { return std::make_unique<Reader>(*this); }

} // namespace packscope::lattice
