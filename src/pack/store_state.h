// What a Store holds; private to the room, shared by store.cc (where objects lie) and store_read.cc (their bytes).
//
// Two memories keep a hostile pack from costing more than a benign one: `chains` remembers type and depth of every
// entry that was asked about, also that it has none (else each member of a broken chain would walk the whole chain
// again), `unreadable` remembers streams that failed.
#pragma once

#include "pack/loose.h"
#include "pack/peeker.h"
#include "pack/resolve.h"
#include "pack/store.h"

namespace packscope::pack {

struct Store::State {
  // What following the bases of an entry has shown.
  struct Chain {
    enum Known : std::uint8_t { unknown, on_path, good, bad } known = unknown;
    ObjectType type = ObjectType::blob;
    std::uint32_t depth = 0;
  };

  explicit State(const Options& chosen) : options(chosen), peeker(chosen.cache_bytes) {}

  Options options;
  std::vector<PackFile> packs;
  LooseObjects loose;
  std::vector<Error> errors;
  std::vector<bool> told; // by pack: its damage is among `errors`
  Peeker peeker;
  ObjectCache& cache = peeker.cache;
  static constexpr std::size_t kMostSpots = std::size_t{1} << 16;
  std::unordered_map<ObjectId, Spot, ObjectIdHash> spots; // of some that contains() found: who asks whether, reads it soon
  std::vector<std::unique_ptr<Peeker>> peekers; // of threads that read many together
  std::vector<std::vector<Chain>> chains; // by pack and entry; empty until asked for
  std::unordered_map<Location, Failure, LocationHash> bad_chains, unreadable;
  std::unordered_map<std::uint32_t, std::string> loose_paths;
  deflate::Inflater inflater;
  PartialInflater partial;
  ByteBuffer scratch;
  bool computing_ids = false;

  void gather_damage(); // of the packs that are in order
  void compute_ids();
  void compute_ids(std::uint32_t pack, ResolveOptions how, const ResolveVisitor& also);
  std::optional<Location> find(const ObjectId& id);
  Outcome<Stream> stream(Location at);
  Outcome<std::optional<Location>> base_of(Location at);
  Outcome<Chain> chain_of(Location at);
  Outcome<std::uint64_t> size_of(Location at);
  Outcome<ObjectPtr> read(Location at);
  std::optional<Spot> spot_of(const ObjectId& id) const; // in a pack that has an index
  bool contains(const ObjectId& id);
  ObjectPtr peek(const ObjectId& id, std::uint64_t most);
  std::vector<ObjectPtr> peek(std::span<const ObjectId> ids, std::uint64_t most, std::uint64_t most_together,
                              unsigned threads);
  Outcome<ObjectPtr> read_plain(Location at);
  Outcome<ObjectPtr> read_delta(Location at, const Object& base);
  Outcome<std::span<std::uint8_t>> inflate_delta(Location at);
  Fault checked_inflate(const Stream& stream, std::span<std::uint8_t> output, Failure& failure);

  Chain& chain(Location at) {
    std::vector<Chain>& of_pack = chains[at.pack];
    if (of_pack.empty()) of_pack.resize(packs[at.pack].entries().size());
    return of_pack[at.entry];
  }
  Spot spot(Location at) const { // of the cache
    return {at.pack, at.pack == kLoose ? at.entry : packs[at.pack].entries()[at.entry].offset};
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

} // namespace packscope::pack
