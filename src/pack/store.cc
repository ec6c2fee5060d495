// Where the objects of a repository lie: packs, loose objects, bases; see store.h.
#include "pack/store_state.h"

#include <algorithm>

namespace packscope::pack {

void Store::State::gather_damage() {
  for (std::uint32_t pack = 0; pack < packs.size(); ++pack) {
    if (told[pack] || !packs[pack].ordered()) continue;
    told[pack] = true;
    errors.insert(errors.end(), packs[pack].damage().begin(), packs[pack].damage().end());
  }
}

void Store::State::compute_ids() {
  // Nothing is written where all is known: find() may then be called from several threads.
  if (computing_ids || std::ranges::all_of(packs, &PackFile::knows_ids)) return;
  for (std::uint32_t pack = 0; pack < packs.size(); ++pack)
    if (!packs[pack].knows_ids()) compute_ids(pack, {.threads = options.threads, .memory = options.cache_bytes / 2}, {});
}

void Store::State::compute_ids(std::uint32_t pack, ResolveOptions how, const ResolveVisitor& also) {
  how.external = [this](const ObjectId& id) -> ObjectPtr {
    const std::optional<Location> at = find(id);
    if (!at) return nullptr;
    Outcome<ObjectPtr> object = read(*at);
    return object ? *object : nullptr;
  };
  computing_ids = true;
  packs[pack].compute_ids(how, also);
  computing_ids = false;
  chains.assign(packs.size(), {}); // bases that were missing may be known now
  bad_chains.clear();
  unreadable.clear();
}

std::optional<Location> Store::State::find(const ObjectId& id) {
  compute_ids();
  for (std::uint32_t pack = 0; pack < packs.size(); ++pack)
    if (const std::optional<std::uint32_t> entry = packs[pack].entry_of(id)) return Location{pack, *entry};
  if (const std::optional<std::uint32_t> index = loose.find(id)) return Location{kLoose, *index};
  return {};
}

Outcome<Stream> Store::State::stream(Location at) {
  if (at.pack == kLoose) {
    Result<MappedFile> file = MappedFile::open(loose.path(at.entry));
    if (!file) return fault(at, Fault::missing);
    const auto keep = std::make_shared<const MappedFile>(std::move(*file));
    const Outcome<LooseHeader> header = read_loose_header(keep->bytes(), partial);
    if (!header) return placed(at, header.error());
    const std::uint64_t inflated = header->text_offset + header->size;
    if (inflated < header->size) return fault(at, Fault::size_limit); // wrapped
    return Stream{keep->bytes(), 0, inflated, header->text_offset, header->type, keep};
  }
  const PackFile& pack = packs[at.pack];
  const Outcome<EntryHeader> header = pack.header(at.entry);
  if (!header) return placed(at, header.error());
  return Stream{pack.stream(*header, at.entry), header->data_offset, header->size, 0, header->type};
}

Outcome<std::optional<Location>> Store::State::base_of(Location at) {
  if (at.pack == kLoose) return std::optional<Location>();
  const PackFile& pack = packs[at.pack];
  const Outcome<EntryHeader> header = pack.header(at.entry);
  if (!header) return placed(at, header.error());
  if (!is_delta(header->type)) return std::optional<Location>();
  if (header->type == EntryType::ofs_delta) {
    const std::optional<std::uint32_t> base = pack.entry_at(header->base_offset);
    if (!base) return fault(at, Fault::ofs_delta_target);
    return Location{at.pack, *base};
  }
  compute_ids();
  // The same pack first, as git does: the base of a pack that is whole lies in it.
  if (const std::optional<std::uint32_t> base = pack.entry_of(header->base_id))
    return Location{at.pack, *base};
  const std::optional<Location> elsewhere = find(header->base_id);
  if (!elsewhere) return fault(at, Fault::ref_delta_base);
  return elsewhere;
}

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Store Store::open(const std::vector<std::string>& packs, const std::vector<std::string>& object_folders,
                  Options options) {
  auto state = std::make_unique<State>(options);
  for (const std::string& path : packs) {
    Result<PackFile> pack = PackFile::open(path, options.limits);
    if (!pack) {
      state->errors.push_back(pack.error());
      continue;
    }
    state->packs.push_back(std::move(*pack));
    state->told.push_back(false);
    state->gather_damage();
  }
  state->chains.resize(state->packs.size());
  for (const std::string& folder : object_folders) state->loose.add(folder);
  state->loose.seal();
  return Store(std::move(state));
}

std::span<const PackFile> Store::packs() const {
  return state_->packs;
}
const std::vector<Error>& Store::errors() const {
  for (const PackFile& pack : state_->packs) pack.entries();
  return errors_met();
}
const std::vector<Error>& Store::errors_met() const {
  state_->gather_damage();
  return state_->errors;
}
void Store::add_error(Error error) {
  state_->errors.push_back(std::move(error));
}
const Store::Options& Store::options() const {
  return state_->options;
}
std::uint32_t Store::loose_count() const {
  return state_->loose.size();
}
void Store::compute_ids() const {
  state_->compute_ids();
}
bool Store::compute_ids(std::uint32_t pack, const ResolveOptions& how, const ResolveVisitor& also) {
  if (state_->packs[pack].knows_ids()) return false;
  state_->compute_ids(pack, how, also);
  return true;
}
std::optional<Location> Store::find(const ObjectId& id) const {
  return state_->find(id);
}

void Store::refine_indexes() {
  for (PackFile& pack : state_->packs) pack.refine_index();
}

std::optional<ObjectId> Store::id_of(Location at) const {
  return at.pack == kLoose ? state_->loose.id(at.entry) : state_->packs[at.pack].id_of(at.entry);
}

std::string_view Store::file_of(Location at) const {
  if (at.pack != kLoose) return state_->packs[at.pack].path();
  const auto [found, fresh] = state_->loose_paths.try_emplace(at.entry);
  if (fresh) found->second = state_->loose.path(at.entry);
  return found->second;
}

std::uint64_t Store::offset_of(Location at) const {
  return at.pack == kLoose ? 0 : state_->packs[at.pack].entries()[at.entry].offset;
}

Outcome<Stream> Store::stream(Location at) const {
  return state_->stream(at);
}
Outcome<std::optional<Location>> Store::base_of(Location at) const {
  return state_->base_of(at);
}
Outcome<ObjectType> Store::type_of(Location at) const {
  const Outcome<State::Chain> chain = state_->chain_of(at);
  if (!chain) return std::unexpected(chain.error());
  return chain->type;
}
Outcome<std::uint32_t> Store::depth_of(Location at) const {
  const Outcome<State::Chain> chain = state_->chain_of(at);
  if (!chain) return std::unexpected(chain.error());
  return chain->depth;
}
Outcome<std::uint64_t> Store::size_of(Location at) const {
  return state_->size_of(at);
}
Outcome<ObjectPtr> Store::read(Location at) {
  return state_->read(at);
}
bool Store::contains(const ObjectId& id) const {
  return state_->contains(id);
}
ObjectPtr Store::peek(const ObjectId& id, std::uint64_t most) {
  return state_->peek(id, most);
}
std::vector<ObjectPtr> Store::peek(std::span<const ObjectId> ids, std::uint64_t most, std::uint64_t most_together,
                                   unsigned threads) {
  return state_->peek(ids, most, most_together, threads);
}

Result<ObjectPtr> Store::read(const ObjectId& id) {
  if (ObjectPtr object = peek(id)) return object;
  const std::optional<Location> at = find(id);
  if (!at) return fail("object " + id.hex() + " is missing");
  const Outcome<ObjectPtr> object = read(*at);
  if (!object) return std::unexpected(error(*at, object.error()));
  return *object;
}

Error Store::error(Location asked, const Failure& failure) const {
  const Location at = failure.at.value_or(asked);
  Error error = failure.error(file_of(at));
  if (failure.fault == Fault::ref_delta_base && at.pack != kLoose) {
    const Outcome<EntryHeader> header = state_->packs[at.pack].header(at.entry);
    if (header) error.what += ": " + header->base_id.hex();
  }
  return error;
}

} // namespace packscope::pack
