// The walk of the scope, then one pass that finds what is the same.
#include "compile/outline_plan.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace packscope::compile {
namespace {

using syntax::Language;

// What .h is follows from the whole repository, so languages are known only after the walk.
std::vector<OutlineItem> walk(pack::Repository& repository, pack::Scope scope, OutlineCounts& counts, const OnError& error) {
  const bool by_object = scope.kind == pack::ScopeKind::all_objects ||
                         (scope.kind == pack::ScopeKind::automatic && scope.revisions.empty() && !repository.source().repository);
  scope.locations = by_object; // else ids are enough: a revision's blobs are found through the index alone
  std::vector<OutlineItem> items;
  syntax::HeaderVote vote;
  repository.for_each_blob(
      scope,
      [&](const pack::BlobPath& blob) {
        if (blob.path.empty()) return void(++counts.nameless);
        vote.count(blob.path);
        const Language language = pack::is_link(blob.mode) ? Language::other : syntax::language_of(blob.path);
        if (syntax::has_declarations(language)) items.push_back({blob, language, by_object});
        else ++counts.without[static_cast<std::size_t>(language)];
      },
      error);
  for (OutlineItem& item : items) item.language = vote.language_of(item.blob.path);
  // Of several revisions, and of a history, the versions of a file together: neighbours in the pack, most of them.
  if (!by_object) std::ranges::stable_sort(items, {}, [](const OutlineItem& item) -> const std::string& { return item.blob.path; });
  return items;
}

} // namespace

OutlinePlan plan_outlines(pack::Repository& repository, const pack::Scope& scope, syntax::Grammars& grammars,
                          OutlineCounts& counts, const OnError& error) {
  OutlinePlan plan;
  plan.items = walk(repository, scope, counts, error);
  std::array<bool, syntax::kLanguages> asked = {}, there = {};
  std::erase_if(plan.items, [&](const OutlineItem& item) {
    const auto at = static_cast<std::size_t>(item.language);
    if (!std::exchange(asked[at], true)) {
      const Result<const TSLanguage*> grammar = grammars.get(item.language);
      if (!grammar) error(grammar.error());
      there[at] = grammar && *grammar != nullptr;
    }
    return !there[at];
  });
  const std::size_t count = plan.items.size();
  plan.first.resize(count);
  plan.uses.resize(count);
  std::array<std::unordered_map<pack::ObjectId, std::uint32_t, pack::ObjectIdHash>, syntax::kLanguages> known;
  for (std::uint32_t i = 0; i < count; ++i) {
    const OutlineItem& item = plan.items[i];
    const auto [at, fresh] = known[static_cast<std::size_t>(item.language)].try_emplace(item.blob.id, i);
    plan.first[i] = at->second;
    if (fresh) plan.parsed.push_back(i);
    else ++plan.uses[at->second];
  }
  return plan;
}

} // namespace packscope::compile
