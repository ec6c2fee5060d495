// One path at a time in memory.
#include "compile/pedigree.h"

#include <algorithm>
#include <utility>

namespace packscope::compile {

void Pedigrees::add(const OutlineItem& item, const Outline& outline) {
  const pack::BlobPath& blob = item.blob;
  if (blob.path != path_) finish();
  path_ = blob.path;
  std::map<std::string, unsigned> met; // how many of the same key, in this version
  std::vector<std::string> keys;       // by declaration
  for (std::size_t i = 0; i < outline.declarations.size(); ++i) {
    const syntax::Declaration& one = outline.declarations[i];
    std::string key = one.parent < 0 ? "" : keys[static_cast<std::size_t>(one.parent)];
    key += static_cast<char>('0' + static_cast<int>(one.kind));
    key += one.name + '\n'; // a name is one line
    key += std::to_string(met[key]++) + '\n';
    keys.push_back(key);
    const auto [known, fresh] = known_.try_emplace(key, grown_.size());
    if (fresh) {
      Pedigree pedigree{.path = blob.path, .language = item.language, .kind = one.kind, .name = one.name, .within = {},
                        .first_commit = blob.first_commit, .last_commit = blob.last_commit, .changes = {}};
      for (std::int32_t around = one.parent; around >= 0; around = outline.declarations[static_cast<std::size_t>(around)].parent)
        pedigree.within.push_back(outline.declarations[static_cast<std::size_t>(around)].name);
      std::ranges::reverse(pedigree.within);
      grown_.push_back({std::move(pedigree), ~outline.texts[i], blob.last_place});
    }
    Grown& grown = grown_[known->second];
    ++grown.pedigree.versions;
    if (blob.last_place >= grown.last_place) {
      grown.last_place = blob.last_place;
      grown.pedigree.last_commit = blob.last_commit;
    }
    if (std::exchange(grown.text, outline.texts[i]) != outline.texts[i])
      grown.pedigree.changes.push_back({blob.id, blob.first_commit, one.begin, one.end});
  }
}

void Pedigrees::finish() {
  for (const Grown& grown : grown_) take_(grown.pedigree);
  grown_.clear();
  known_.clear();
}

} // namespace packscope::compile
