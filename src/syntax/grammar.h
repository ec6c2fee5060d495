// Grammars are shared objects, NAME.so exporting tree_sitter_NAME, found by language name in a grammar directory.
#pragma once

#include "base/result.h"
#include "syntax/language.h"

#include <mutex>
#include <string>

struct TSLanguage;

namespace packscope::syntax {

// The directory in force: PACKSCOPE_GRAMMARS, else the one compiled in.
std::string grammar_directory();

// Safe from any thread; one is meant to serve them all.
class Grammars {
public:
  explicit Grammars(std::string directory = grammar_directory());
  // Loaded once and kept for the program's life (tokens point into the grammar's names). Errors, each naming the
  // file: not there, no whole shared object, symbol missing, ABI out of range. The same answer every time.
  // nullptr in a Result: the language has no grammar: `other`, and nix, perl, yaml and markdown where no file is
  // there; the nine that packscope needs (see grammar.cc) are an Error then.
  Result<const TSLanguage*> get(Language language);
  const std::string& directory() const { return directory_; }

private:
  const std::string directory_;
  std::mutex mutex_;
  struct Slot {
    bool tried = false;
    Result<const TSLanguage*> language = nullptr;
  };
  Slot slots_[kLanguages];
};

} // namespace packscope::syntax
