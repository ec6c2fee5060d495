// Which stream, whose vote.
#include "tools/lattice_blobs.h"

#include "lattice/identity.h"

#include <algorithm>

namespace packscope::tools {

using pack::Location;

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

Error lattice_damaged(const std::string& path) { return {.what = "lattice: damaged: some clues could not be looked up", .file = path}; }

} // namespace packscope::tools
