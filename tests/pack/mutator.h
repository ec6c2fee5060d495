// Broken copies of small packs and their indexes, the same for the same number on every machine.
//
// The idea: a pack is held as a model (entries with type, base, inflated bytes) beside its bytes. A mutant either has a
// field of the model replaced and is written anew, with streams, offsets, CRCs and checksums that fit, so that only the
// one lie is left to find; or its bytes are broken blindly. A share of the blind ones get new checksums too.
#pragma once

#include "builder.h"
#include "deflate/inflate.h"
#include "pack/delta.h"

#include <libdeflate.h>

#include <optional>
#include <random>

namespace packscope::test {

struct ModelEntry {
  EntryType type = EntryType::blob;
  std::string data;      // inflated: the object, or delta instructions
  std::size_t base = 0;  // ofs_delta: number of the entry
  ObjectId base_id = {}; // ref_delta
  ObjectId id = {};      // what the index says
  // Lies; without them what fits is written.
  std::optional<std::uint64_t> size = {}, distance = {}; // as stated in the header; backwards to the base
  std::string junk = {}; // behind the stream
  std::string zlib = {}; // of `data`; empty: to be made
};

struct Model {
  HashKind hash = HashKind::sha1;
  std::vector<ModelEntry> entries;
};

struct Files {
  std::string pack, index; // index: empty where there is none
};

inline std::string checksum(HashKind hash, std::string_view bytes) {
  Hasher hasher(hash);
  hasher.update(as_bytes(bytes));
  return std::string(as_text(hasher.finish().raw()));
}

inline Files write_model(const Model& model, std::uint32_t count) {
  Files files;
  files.pack = "PACK" + big_endian(2, 4) + big_endian(count, 4);
  std::vector<std::uint64_t> offsets;
  std::vector<std::pair<ObjectId, std::array<std::uint64_t, 2>>> rows; // CRC and offset
  for (const ModelEntry& entry : model.entries) {
    const std::uint64_t offset = files.pack.size();
    offsets.push_back(offset);
    std::string bytes = entry_head(static_cast<unsigned>(entry.type), entry.size.value_or(entry.data.size()));
    if (entry.type == EntryType::ofs_delta)
      bytes += ofs_distance(entry.distance.value_or(offset - (entry.base < offsets.size() ? offsets[entry.base] : 0)));
    if (entry.type == EntryType::ref_delta) bytes += as_text(entry.base_id.raw());
    bytes += (entry.zlib.empty() ? deflated(entry.data) : entry.zlib) + entry.junk;
    rows.push_back({entry.id, {libdeflate_crc32(0, bytes.data(), bytes.size()), offset}});
    files.pack += bytes;
  }
  files.pack += checksum(model.hash, files.pack);
  std::sort(rows.begin(), rows.end());
  files.index = "\377tOc" + big_endian(2, 4);
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::uint64_t below = 0;
    for (const auto& row : rows) below += row.first.bytes[0] <= byte;
    files.index += big_endian(below, 4);
  }
  for (const auto& row : rows) files.index += as_text(row.first.raw());
  for (const std::size_t column : {0, 1})
    for (const auto& row : rows) files.index += big_endian(row.second[column], 4);
  files.index += files.pack.substr(files.pack.size() - hash_size(model.hash));
  files.index += checksum(model.hash, files.index);
  return files;
}

// The model of a pack that git made.
inline Model read_model(const std::string& pack_path) {
  Store store = Store::open({pack_path}, {}, {});
  const PackFile& pack = store.packs()[0];
  Model model = {pack.hash(), {}};
  deflate::Inflater inflater;
  for (std::uint32_t i = 0; i < pack.entries().size(); ++i) {
    const EntryHeader header = pack.header(i).value();
    const Bytes stream = pack.stream(header, i);
    ModelEntry entry = {header.type, std::string(header.size, '\0'), 0, header.base_id, pack.id_of(i).value()};
    std::size_t consumed;
    if (inflater.zlib(stream, {reinterpret_cast<std::uint8_t*>(entry.data.data()), entry.data.size()}, consumed) !=
        deflate::Fault::none)
      throw std::runtime_error("git made a pack that cannot be read");
    entry.zlib = as_text(stream.first(consumed));
    if (header.type == EntryType::ofs_delta) entry.base = pack.entry_at(header.base_offset).value();
    model.entries.push_back(entry);
  }
  return model;
}

class Mutator {
public:
  Mutator(const Model& model, std::uint64_t seed)
      : model_(model), random_(seed), count_(static_cast<std::uint32_t>(model.entries.size())) {}

  Files make() {
    const bool blind = below(2) == 0, indexed = below(4) != 0;
    for (std::size_t lies = blind ? 0 : 1 + below(2); lies > 0; --lies) lie();
    Files files = write_model(model_, count_);
    if (blind) {
      const std::size_t aim = indexed ? below(5) : 0; // 0, 1: the pack; 2, 3: the index; 4: both
      if (aim < 2 || aim == 4) break_bytes(files.pack);
      if (aim >= 2) break_bytes(files.index);
      if (below(2) == 0) reseal(files);
      what += aim < 2 ? " of the pack" : aim == 4 ? " of both" : " of the index";
    }
    if (!indexed) files.index.clear();
    return files;
  }

  std::string what; // was done, for messages

private:
  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }
  ModelEntry& any() { return model_.entries[below(model_.entries.size())]; }
  ModelEntry& any_delta(EntryType type) {
    std::vector<ModelEntry*> found;
    for (ModelEntry& entry : model_.entries)
      if (entry.type == type) found.push_back(&entry);
    return found.empty() ? any() : *found[below(found.size())];
  }
  // 2^0 … 2^60, one more or less; or small steps from what is right.
  std::uint64_t size_near(std::uint64_t right) {
    if (below(3) == 0) return right + below(9) - 4;
    return (std::uint64_t{1} << below(61)) + below(3) - 1;
  }

  void lie() {
    switch (below(12)) {
    case 0: {
      ModelEntry& entry = any();
      entry.size = size_near(entry.data.size());
      what += " size";
      break;
    }
    case 1: lie_about_delta(any_delta(below(2) == 0 ? EntryType::ofs_delta : EntryType::ref_delta)); break;
    case 2: { // instructions, or an object's own text
      ModelEntry& entry = any();
      std::string data = entry.data;
      break_bytes(data);
      replace(entry, data);
      what += " inside";
      break;
    }
    case 3:
    case 4: { // to itself, before the pack, into another entry, all the way around 64 bits
      const std::uint64_t distances[] = {0, below(40), below(4000), std::uint64_t{1} << below(62),
                                         0 - std::uint64_t{below(4000)}};
      any_delta(EntryType::ofs_delta).distance = distances[below(5)];
      what += " ofs base";
      break;
    }
    case 5: { // another entry, later ones too: forward, itself, or in circles
      ModelEntry& entry = below(2) == 0 ? any() : any_delta(EntryType::ref_delta);
      ModelEntry& other = below(4) == 0 ? entry : any();
      if (below(2) == 0) entry.type = EntryType::ref_delta;
      entry.base_id = other.id;
      what += " ref base";
      if (below(2) != 0) break;
      other.type = EntryType::ref_delta;
      other.base_id = entry.id;
      what += " circle";
      break;
    }
    case 6:
      any_delta(EntryType::ref_delta).base_id.bytes[below(hash_size(model_.hash))] ^=
          static_cast<std::uint8_t>(1 << below(8));
      what += " absent base";
      break;
    case 7:
      any().type = static_cast<EntryType>(below(8));
      what += " type";
      break;
    case 8:
      any().junk = std::string(1 + below(30), static_cast<char>(random_()));
      what += " gap";
      break;
    case 9:
      count_ = below(2) == 0 ? count_ + static_cast<std::uint32_t>(below(5)) - 2 : static_cast<std::uint32_t>(random_());
      what += " count";
      break;
    case 10:
      if (below(2) == 0) any().id.bytes[below(hash_size(model_.hash))] ^= 1;
      else std::swap(any().id, any().id);
      what += " id";
      break;
    default: { // spliced: the header of one, the stream of another
      ModelEntry& entry = any();
      const ModelEntry& other = any();
      entry.size = entry.size.value_or(entry.data.size());
      entry.zlib = other.zlib.empty() ? deflated(other.data) : other.zlib;
      what += " splice";
    }
    }
  }

  // Of its base's or its result's size.
  void lie_about_delta(ModelEntry& entry) {
    const auto after = [&entry](std::size_t at) { // the number that begins there
      while (at < entry.data.size() && (entry.data[at] & 0x80) != 0) ++at;
      return std::min(at + 1, entry.data.size());
    };
    const std::size_t first = after(0), second = after(first);
    const Outcome<DeltaReader> right = DeltaReader::open(as_bytes(entry.data));
    const std::uint64_t base = right ? right->base_size() : 0, result = right ? right->result_size() : 0;
    if (below(2) == 0) replace(entry, delta_size(size_near(base)) + entry.data.substr(first));
    else replace(entry, entry.data.substr(0, first) + delta_size(size_near(result)) + entry.data.substr(second));
    what += " delta sizes";
  }

  static void replace(ModelEntry& entry, const std::string& data) {
    entry.data = data;
    entry.zlib.clear();
  }

  void break_bytes(std::string& bytes) {
    if (bytes.empty()) return;
    const std::size_t at = below(bytes.size());
    switch (below(7)) {
    case 0:
      bytes.resize(at);
      what += " truncated";
      break;
    case 1:
      bytes[at] = static_cast<char>(random_());
      what += " byte";
      break;
    case 2:
      bytes.erase(at, 1 + below(40));
      what += " erased";
      break;
    case 3:
      bytes.insert(at, bytes.substr(below(bytes.size()), 1 + below(40)));
      what += " inserted";
      break;
    case 4:
      bytes.replace(at, 4, big_endian(std::uint64_t{1} << below(32), 4));
      what += " power of two";
      break;
    default:
      for (std::size_t flips = 1 + below(3); flips > 0; --flips)
        bytes[below(bytes.size())] ^= static_cast<char>(1 << below(8));
      what += " flips";
    }
  }

  // New checksums, so that not everything is stopped by them.
  void reseal(Files& files) const {
    const std::size_t length = hash_size(model_.hash);
    if (files.pack.size() < 2 * length || files.index.size() < 2 * length) return;
    files.pack.resize(files.pack.size() - length);
    const std::string sum = checksum(model_.hash, files.pack);
    files.pack += sum;
    files.index.resize(files.index.size() - 2 * length);
    files.index += sum;
    files.index += checksum(model_.hash, files.index);
  }

  Model model_;
  std::mt19937_64 random_;
  std::uint32_t count_;
};

} // namespace packscope::test
