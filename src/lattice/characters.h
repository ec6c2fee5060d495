// How often each character has a code of each length, by language: the clues of dimension `character`.
//
// The idea: a code length is a character's frequency; five hundred clues that every blob votes on are too many votes to sort
// and few enough to keep, so they are counted where they lie.
#pragma once

#include "lattice/clue.h"
#include "lattice/cursor.h"
#include "lattice/label.h"

#include <vector>

namespace packscope::lattice {

class Characters {
public:
  Characters() : votes_(kCharacters * (kMostLength + 1) * syntax::kLanguages) {}
  void add(const Clues& clues, syntax::Language language, Element repository, Element object);
  CursorPtr records() const; // the Characters outlive it

private:
  struct Sets {
    Distinct repositories, objects;
  };
  class Reader;
  static std::size_t at(unsigned index, unsigned length, unsigned language) {
    return (std::size_t{index} * (kMostLength + 1) + length) * syntax::kLanguages + language;
  }
  std::vector<Sets> votes_;
};

} // namespace packscope::lattice
