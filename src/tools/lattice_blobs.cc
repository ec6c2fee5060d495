// Which blobs, which stream, whose vote.
#include "tools/lattice_blobs.h"

#include "lattice/identity.h"

#include <algorithm>

namespace packscope::tools {

using pack::Location;

std::vector<pack::BlobPath> blobs_of(pack::Repository& repository, const pack::DeltaRoots& roots, const pack::Scope& scope, bool paths, Report& report) {
  std::vector<pack::BlobPath> blobs;
  const bool all = scope.kind == pack::ScopeKind::all_objects || (scope.kind == pack::ScopeKind::automatic && !repository.source().repository);
  if (paths || !all) {
    repository.for_each_blob(
        scope,
        [&](const pack::BlobPath& blob) {
          if (!pack::is_link(blob.mode)) blobs.push_back(blob);
        },
        [&](const Error& error) { report.error(error); });
    return blobs;
  }
  const pack::Store& store = repository.store();
  const bool several = store.packs().size() > 1 || store.loose_count() > 0;
  if (several) store.compute_ids(); // nothing to do where all have an index
  const auto add = [&](Location at) {
    const pack::Outcome<pack::ObjectType> type = roots.type_of(at);
    if (!type) return report.error(store.error(at, type.error()));
    if (*type != pack::ObjectType::blob) return;
    const std::optional<pack::ObjectId> id = store.id_of(at);
    if (several && id && store.find(*id) != at) return; // a second copy
    blobs.push_back({.id = id.value_or(pack::ObjectId()), .at = at, .path = {}});
  };
  for (std::uint32_t pack = 0; pack < store.packs().size(); ++pack)
    for (std::uint32_t entry = 0; entry < store.packs()[pack].entries().size(); ++entry) add({pack, entry});
  for (std::uint32_t entry = 0; entry < store.loose_count(); ++entry) add({pack::kLoose, entry});
  return blobs;
}

Result<bool> clues_of(const pack::Store& store, Location at, lattice::Clues& clues) {
  clues.present = clues.inner_count = 0;
  if (at.pack == pack::kLoose) return false;
  const pack::PackFile& pack = store.packs()[at.pack];
  const pack::Outcome<pack::EntryHeader> header = pack.header(at.entry);
  if (!header) return std::unexpected(store.error(at, header.error()));
  if (pack::is_delta(header->type) || header->size == 0) return false;
  const deflate::Fault fault = lattice::read_clues(pack.stream(*header, at.entry), clues);
  if (fault != deflate::Fault::none) return std::unexpected(store.error(at, {pack::Fault::stream, header->offset, fault}));
  return true;
}

lattice::Element own_vote(pack::Repository& repository, const lattice::Explainer& explainer, const ReadOptions& options) {
  pack::Store& store = repository.store();
  if (!std::ranges::all_of(store.packs(), &pack::PackFile::knows_ids)) return 0;
  const std::optional<pack::ObjectId> identity = lattice::identity_of(store, options.threads, options.memory / 4);
  return identity && explainer.knows(identity->raw()) ? lattice::element_of(identity->raw()) : 0;
}

} // namespace packscope::tools
