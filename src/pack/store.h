// All objects of one repository (or of one lone pack): its packs, its alternates' packs, loose objects, as one.
#pragma once

#include "pack/pack_file.h"

#include <memory>
#include <span>

namespace packscope::pack {

// One stream as it lies: an entry of a pack, or a loose object's file.
struct Stream {
  Bytes zlib;                // begins with the zlib header; may be followed by other bytes
  std::uint64_t file_offset; // of zlib[0] in the file
  std::uint64_t inflated_size; // of the whole stream, as stated (a loose object: header included)
  std::uint64_t text_offset; // where the object's (or the delta's) own bytes begin in the inflated stream:
                             // 0 in a pack, the length of "blob 123\0" in a loose object
  EntryType type;            // ofs_delta and ref_delta hold delta instructions
  std::shared_ptr<const MappedFile> keep = {}; // a loose object's file, mapped as long as this lives
};

class Store {
public:
  struct Options {
    OpenLimits limits;
    std::uint64_t cache_bytes = std::uint64_t{96} << 20; // resolved bases kept; LRU
    unsigned threads = 1;                                // to compute ids with
  };
  // `packs`: .pack files; `object_folders`: "objects" directories whose loose objects belong in.
  // A pack that cannot be opened is an entry of errors(), and so is the damage of one that can; the rest is read.
  static Store open(const std::vector<std::string>& packs, const std::vector<std::string>& object_folders,
                    Options options);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  std::span<const PackFile> packs() const;
  const std::vector<Error>& errors() const;
  // Of the packs that were looked into as a whole, which all but contains() and peek() does, and of whoever found them.
  const std::vector<Error>& errors_met() const;
  void add_error(Error error); // of whoever found the packs: alternates that lead nowhere

  std::uint32_t loose_count() const;
  const Options& options() const;

  // Packs without an index are resolved and hashed once, when ids are first asked for by find(), by a REF_DELTA or
  // by compute_ids(); id_of() alone does not start that.
  void compute_ids() const;
  // The same for one pack, with its objects shown on the way; false if its ids are known, and nothing was done.
  bool compute_ids(std::uint32_t pack, const ResolveOptions& how, const ResolveVisitor& also);
  std::optional<Location> find(const ObjectId& id) const;
  void refine_indexes(); // before very many find()
  std::optional<ObjectId> id_of(Location at) const;     // null: a lone pack without idx that was not hashed
  std::string_view file_of(Location at) const;          // path of the pack or loose file, for messages
  std::uint64_t offset_of(Location at) const;           // entry offset in the pack; 0 for a loose object

  // The stream as it lies and, for a delta, where its base is.
  Outcome<Stream> stream(Location at) const;
  Outcome<std::optional<Location>> base_of(Location at) const; // nullopt: no delta
  // Type and inflated size of the object without resolving more than headers (delta: its result-size field).
  Outcome<ObjectType> type_of(Location at) const;
  Outcome<std::uint64_t> size_of(Location at) const;
  // Delta depth: 0 = not a delta. Any depth is read; what a walk finds is remembered, so that all of a chain cost as
  // much as its deepest.
  Outcome<std::uint32_t> depth_of(Location at) const;

  // The object's bytes, through any chain of deltas; cached, bounded. Not thread-safe: one Store a thread (cheap:
  // mappings are shared by the kernel), until issue "packs at memory speed" gives the parallel resolver.
  Outcome<ObjectPtr> read(Location at);
  Result<ObjectPtr> read(const ObjectId& id); // as an Error with file and offset
  // For a few objects of large packs: through the index alone, without putting its entries in order (see PackFile).
  bool contains(const ObjectId& id) const;
  // Null where anything is unusual, or the object is larger than `most`: find() and read() say what it is.
  ObjectPtr peek(const ObjectId& id, std::uint64_t most = UINT64_MAX);
  // The same of many at once, by `threads` threads. Null also where `most_together` bytes were reached before.
  std::vector<ObjectPtr> peek(std::span<const ObjectId> ids, std::uint64_t most, std::uint64_t most_together,
                              unsigned threads);
  // A failure of any of the above, met at `asked`, as words: names the file where the fault lies.
  Error error(Location asked, const Failure& failure) const;

private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The hash of "TYPE SIZE\0" + data.
ObjectId hash_object(ObjectType type, Bytes data, HashKind kind = HashKind::sha1);

} // namespace packscope::pack
