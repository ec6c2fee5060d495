// The objects of a repository as one; see store.h.
//
// Two memories keep a hostile pack from costing more than a benign one: `chains` remembers type and depth of every
// entry that was asked about, also that it has none (else each member of a broken chain would walk the whole chain
// again), `unreadable` remembers streams that failed. Chains are walked with a path on the heap, never by recursion.
#include "pack/store.h"

#include "pack/delta.h"
#include "pack/loose.h"
#include "pack/object_cache.h"

namespace packscope::pack {

struct Store::State {
  // What following the bases of an entry has shown.
  struct Chain {
    enum Known : std::uint8_t { unknown, on_path, good, bad } known = unknown;
    ObjectType type = ObjectType::blob;
    std::uint32_t depth = 0;
  };

  explicit State(const Options& chosen) : options(chosen), cache(chosen.cache_bytes) {}

  Options options;
  std::vector<PackFile> packs;
  LooseObjects loose;
  std::vector<Error> errors;
  ObjectCache cache;
  std::vector<std::vector<Chain>> chains; // by pack and entry; empty until asked for
  std::unordered_map<Location, Failure, LocationHash> bad_chains, unreadable;
  std::unordered_map<std::uint32_t, std::string> loose_paths;
  deflate::Inflater inflater;
  PartialInflater partial;
  std::vector<std::uint8_t> scratch;
  bool computing_ids = false;

  void compute_ids();
  std::optional<Location> find(const ObjectId& id);
  Outcome<Stream> stream(Location at);
  Outcome<std::optional<Location>> base_of(Location at);
  Outcome<Chain> chain_of(Location at);
  Outcome<std::uint64_t> size_of(Location at);
  Outcome<ObjectPtr> read(Location at);
  Outcome<ObjectPtr> read_plain(Location at);
  Outcome<ObjectPtr> read_delta(Location at, const Object& base);
  Outcome<std::span<std::uint8_t>> inflate_delta(Location at);
  Fault checked_inflate(const Stream& stream, std::span<std::uint8_t> output, Failure& failure);

  Chain& chain(Location at) {
    std::vector<Chain>& of_pack = chains[at.pack];
    if (of_pack.empty()) of_pack.resize(packs[at.pack].entries().size());
    return of_pack[at.entry];
  }
  Failure failure(Location at, Fault fault) const {
    return {fault, at.pack == kLoose ? 0 : packs[at.pack].entries()[at.entry].offset, deflate::Fault::none, at};
  }
  std::unexpected<Failure> fault(Location at, Fault what) const { return std::unexpected(failure(at, what)); }
  std::unexpected<Failure> placed(Location at, Failure failure) const {
    failure.offset = this->failure(at, failure.fault).offset;
    failure.at = at;
    return std::unexpected(failure);
  }
};

void Store::State::compute_ids() {
  if (computing_ids) return;
  bool any = false;
  computing_ids = true;
  for (PackFile& pack : packs) {
    if (pack.knows_ids()) continue;
    any = true;
    pack.compute_ids([this](const ObjectId& id) -> ObjectPtr {
      const std::optional<Location> at = find(id);
      if (!at) return nullptr;
      Outcome<ObjectPtr> object = read(*at);
      return object ? *object : nullptr;
    });
  }
  computing_ids = false;
  if (!any) return;
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
  if (const std::optional<std::uint32_t> base = pack.entry_of(header->base_id)) return Location{at.pack, *base};
  const std::optional<Location> elsewhere = find(header->base_id);
  if (!elsewhere) return fault(at, Fault::ref_delta_base);
  return elsewhere;
}

Outcome<Store::State::Chain> Store::State::chain_of(Location at) {
  std::vector<Location> path;
  Chain below; // of the entry that the path's last one stands on
  Failure bad;
  for (Location current = at;;) {
    if (current.pack == kLoose) {
      const Outcome<Stream> loose_stream = stream(current);
      if (!loose_stream) bad = loose_stream.error();
      else below = {Chain::good, loose_stream->type, 0};
      break;
    }
    const Chain known = chain(current);
    if (known.known == Chain::good) {
      below = known;
      break;
    }
    if (known.known == Chain::bad) {
      bad = bad_chains.at(current);
      break;
    }
    if (known.known == Chain::on_path) {
      bad = failure(current, Fault::delta_cycle);
      break;
    }
    const Outcome<std::optional<Location>> base = base_of(current);
    if (!base) bad = base.error();
    path.push_back(current);
    chain(current).known = Chain::on_path; // base_of() may have made the tables anew
    if (!base) break;
    if (!*base) {
      below = {Chain::good, packs[current.pack].header(current.entry)->type, 0};
      path.pop_back();
      chain(current) = below;
      break;
    }
    current = **base;
  }
  for (std::size_t i = path.size(); i-- > 0;) {
    ++below.depth;
    if (bad.fault == Fault::none && below.depth > options.max_depth) bad = failure(path[i], Fault::delta_depth);
    if (bad.fault != Fault::none) {
      below.known = Chain::bad;
      bad_chains[path[i]] = bad;
    }
    chain(path[i]) = below;
  }
  if (bad.fault != Fault::none) return std::unexpected(bad);
  return below;
}

Fault Store::State::checked_inflate(const Stream& stream, std::span<std::uint8_t> output, Failure& failure) {
  std::size_t consumed = 0;
  failure.stream = inflater.zlib(stream.zlib, output, consumed);
  return failure.fault = failure.stream == deflate::Fault::none ? Fault::none : Fault::stream;
}

// Whether a stream's stated size may be allocated at all.
static Fault check_size(const Stream& stream, std::uint64_t limit, Failure& failure) {
  if (stream.inflated_size - stream.text_offset > limit) return failure.fault = Fault::size_limit;
  if (could_inflate_to(stream.zlib.size(), stream.inflated_size)) return Fault::none;
  failure.stream = deflate::Fault::size;
  return failure.fault = Fault::stream;
}

Outcome<ObjectPtr> Store::State::read_plain(Location at) {
  const Outcome<Stream> found = stream(at);
  if (!found) return std::unexpected(found.error());
  Failure bad;
  if (check_size(*found, options.limits.max_object_size, bad) != Fault::none) return placed(at, bad);
  auto object = std::make_shared<Object>();
  object->type = found->type;
  object->data.resize(found->inflated_size);
  if (checked_inflate(*found, object->data, bad) != Fault::none) return placed(at, bad);
  object->data.erase(object->data.begin(), object->data.begin() + static_cast<std::ptrdiff_t>(found->text_offset));
  return object;
}

Outcome<std::span<std::uint8_t>> Store::State::inflate_delta(Location at) {
  const Outcome<Stream> found = stream(at);
  if (!found) return std::unexpected(found.error());
  Failure bad;
  if (check_size(*found, options.limits.max_object_size, bad) != Fault::none) return placed(at, bad);
  if (scratch.size() < found->inflated_size) scratch.resize(found->inflated_size);
  const std::span<std::uint8_t> delta = std::span(scratch).first(found->inflated_size);
  if (checked_inflate(*found, delta, bad) != Fault::none) return placed(at, bad);
  return delta;
}

Outcome<ObjectPtr> Store::State::read_delta(Location at, const Object& base) {
  const Outcome<std::span<std::uint8_t>> delta = inflate_delta(at);
  if (!delta) return std::unexpected(delta.error());
  const Outcome<std::uint64_t> size = delta_result_size(*delta, options.limits.max_object_size);
  if (!size) return placed(at, size.error());
  auto object = std::make_shared<Object>();
  object->type = base.type;
  object->data.resize(*size);
  const Fault bad = apply_delta(base.data, *delta, object->data);
  if (bad != Fault::none) return fault(at, bad);
  return object;
}

Outcome<ObjectPtr> Store::State::read(Location at) {
  if (ObjectPtr cached = cache.find(at)) return cached;
  const Outcome<Chain> known = chain_of(at); // from here on the chain is known to end
  if (!known) return std::unexpected(known.error());
  std::vector<Location> path;
  ObjectPtr object;
  Failure bad;
  Location current = at;
  for (;;) {
    if ((object = cache.find(current)) != nullptr) break;
    if (const auto found = unreadable.find(current); found != unreadable.end()) {
      bad = found->second;
      break;
    }
    path.push_back(current);
    const Outcome<std::optional<Location>> base = base_of(current);
    if (!base) return std::unexpected(base.error());
    if (!*base) break;
    current = **base;
  }
  while (!path.empty() && bad.fault == Fault::none) {
    Outcome<ObjectPtr> made = object == nullptr ? read_plain(path.back()) : read_delta(path.back(), *object);
    if (!made) {
      bad = made.error();
      break;
    }
    object = *made;
    cache.put(path.back(), object);
    path.pop_back();
  }
  if (bad.fault == Fault::none) return object;
  for (const Location& failed : path) unreadable.emplace(failed, bad);
  return std::unexpected(bad);
}

Outcome<std::uint64_t> Store::State::size_of(Location at) {
  const Outcome<Stream> found = stream(at);
  if (!found) return std::unexpected(found.error());
  if (!is_delta(found->type)) return found->inflated_size - found->text_offset;
  std::array<std::uint8_t, 20> sizes; // two numbers of at most ten bytes
  std::size_t made = 0;
  const std::size_t wanted = std::min<std::uint64_t>(found->inflated_size, sizes.size());
  const deflate::Fault stream_fault = partial.begin(found->zlib, std::span(sizes).first(wanted), made);
  if (stream_fault != deflate::Fault::none) return placed(at, {Fault::stream, 0, stream_fault});
  const Outcome<DeltaReader> reader = DeltaReader::open({sizes.data(), made});
  if (!reader) return placed(at, reader.error());
  return reader->result_size();
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
    for (const Error& damage : pack->damage()) state->errors.push_back(damage);
    state->packs.push_back(std::move(*pack));
  }
  state->chains.resize(state->packs.size());
  for (const std::string& folder : object_folders) state->loose.add(folder);
  state->loose.seal();
  return Store(std::move(state));
}

std::span<const PackFile> Store::packs() const { return state_->packs; }
const std::vector<Error>& Store::errors() const { return state_->errors; }
void Store::add_error(Error error) { state_->errors.push_back(std::move(error)); }
std::uint32_t Store::loose_count() const { return state_->loose.size(); }
void Store::compute_ids() const { state_->compute_ids(); }
std::optional<Location> Store::find(const ObjectId& id) const { return state_->find(id); }

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

Outcome<Stream> Store::stream(Location at) const { return state_->stream(at); }
Outcome<std::optional<Location>> Store::base_of(Location at) const { return state_->base_of(at); }
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
Outcome<std::uint64_t> Store::size_of(Location at) const { return state_->size_of(at); }
Outcome<ObjectPtr> Store::read(Location at) { return state_->read(at); }

Result<ObjectPtr> Store::read(const ObjectId& id) {
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
