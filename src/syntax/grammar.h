// Grammars are shared objects, NAME.so exporting tree_sitter_NAME, found by language name in a grammar directory.
#pragma once

#include "base/result.h"
#include "syntax/language.h"

#include <memory>
#include <string>

struct TSLanguage;

namespace packscope::syntax {

// The directory in force: PACKSCOPE_GRAMMARS, else the one compiled in.
std::string grammar_directory();

class Grammars {
public:
  explicit Grammars(std::string directory = grammar_directory());
  // Loaded once and kept for the program's life. Errors: no such file (names it), symbol missing, ABI out of range.
  // nullptr in a Result: the language has no grammar by design (markdown, other, …).
  Result<const TSLanguage*> get(Language language);
  const std::string& directory() const { return directory_; }

private:
  std::string directory_;
  struct Slot {
    bool tried = false;
    Result<const TSLanguage*> language = nullptr;
  };
  Slot slots_[kLanguages];
};

} // namespace packscope::syntax
