// A declaration through the versions of its file: where it came, how often its text changed, and its last commit.
//
// The idea: versions of one path come one after the other (compile/outline.h); a declaration is the same one as in an
// earlier version if kind, name and what stands around it are the same. Of several such in one version (overloads, a
// name that #ifdef declares twice) the first is the first, and so on. A renamed file, or declaration, is another one.
#pragma once

#include "compile/outline.h"

#include <map>

namespace packscope::compile {

struct Pedigree {
  std::string path;
  syntax::Language language;
  syntax::DeclarationKind kind;
  std::string name;
  std::vector<std::string> within;              // names of the declarations around it, the outermost first
  std::optional<pack::ObjectId> first_commit, last_commit; // whose trees have it
  std::uint64_t versions = 0;                   // of the file, that have it
  struct Change {
    pack::ObjectId object;
    std::optional<pack::ObjectId> commit;       // the first with this text
    std::uint32_t begin, end;
  };
  std::vector<Change> changes;                  // the first is its beginning
};

class Pedigrees {
public:
  explicit Pedigrees(std::function<void(const Pedigree&)> take) : take_(std::move(take)) {}

  // Outlines of a history with OutlineOptions::texts, in order. Those of a path are given out when the next one begins, in
  // order of their first version, then of their place in it.
  void add(const OutlineItem& item, const Outline& outline);
  void finish();

private:
  struct Grown {
    Pedigree pedigree;
    std::uint64_t text;       // hash of the last one
    std::uint32_t last_place; // of last_commit
  };
  std::function<void(const Pedigree&)> take_;
  std::string path_;
  std::vector<Grown> grown_;
  std::map<std::string, std::size_t> known_; // by kind, names around, name and number
};

} // namespace packscope::compile
