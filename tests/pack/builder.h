// Makes packs by hand, also such as no git would write; and asks git what it sees.
#pragma once

#include "pack/hash.h"
#include "pack/store.h"
#include "support.h"

#include <zlib.h>

#include <algorithm>
#include <sstream>
#include <vector>

namespace packscope::test {

using namespace packscope::pack;

inline std::string deflated(std::string_view text) {
  uLongf size = compressBound(text.size());
  std::string out(size, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
           text.size());
  out.resize(size);
  return out;
}

inline std::string big_endian(std::uint64_t value, unsigned bytes) {
  std::string out;
  for (unsigned i = bytes; i-- > 0;) out += static_cast<char>(value >> (8 * i));
  return out;
}

inline std::string entry_head(unsigned type, std::uint64_t size) {
  std::string out;
  std::uint8_t byte = static_cast<std::uint8_t>(type << 4 | (size & 15));
  for (size >>= 4; size != 0; size >>= 7) {
    out += static_cast<char>(byte | 0x80);
    byte = size & 0x7f;
  }
  return out + static_cast<char>(byte);
}

inline std::string ofs_distance(std::uint64_t distance) {
  std::string out(1, static_cast<char>(distance & 0x7f));
  while ((distance >>= 7) != 0) out.insert(out.begin(), static_cast<char>(0x80 | (--distance & 0x7f)));
  return out;
}

inline std::string delta_size(std::uint64_t size) {
  std::string out;
  for (; size >= 0x80; size >>= 7) out += static_cast<char>(0x80 | (size & 0x7f));
  return out + static_cast<char>(size);
}

// Appends `text` to a base of `base_size` bytes, which is copied whole (below 16 MiB).
inline std::string appending_delta(std::uint64_t base_size, const std::string& text) {
  std::string delta = delta_size(base_size) + delta_size(base_size + text.size());
  delta += static_cast<char>(0x80 | 0x10 | 0x20 | 0x40);
  for (unsigned byte = 0; byte < 3; ++byte) delta += static_cast<char>(base_size >> 8 * byte);
  return delta + static_cast<char>(text.size()) + text;
}

// Offsets are where the next entry goes; bytes are appended as they come.
struct PackBuilder {
  std::string bytes;
  std::uint32_t count = 0;
  HashKind hash = HashKind::sha1;

  explicit PackBuilder(HashKind kind = HashKind::sha1) : hash(kind) {
    bytes.append("PACK").append(big_endian(2, 4)).append("....");
  }

  std::uint64_t raw(const std::string& entry) {
    const std::uint64_t offset = bytes.size();
    bytes += entry;
    ++count;
    return offset;
  }
  std::uint64_t object(ObjectType type, const std::string& text) {
    return raw(entry_head(static_cast<unsigned>(type), text.size()) + deflated(text));
  }
  std::uint64_t ofs_delta(std::uint64_t base, const std::string& delta) {
    return raw(entry_head(6, delta.size()) + ofs_distance(bytes.size() - base) + deflated(delta));
  }
  std::uint64_t ref_delta(const ObjectId& base, const std::string& delta) {
    return raw(entry_head(7, delta.size()) + std::string(as_text(base.raw())) + deflated(delta));
  }
  std::string finish() const {
    std::string pack = bytes;
    pack.replace(8, 4, big_endian(count, 4));
    Hasher hasher(hash);
    hasher.update(as_bytes(pack));
    return pack + std::string(as_text(hasher.finish().raw()));
  }
};

// A v2 index that says of a pack whatever the test wants.
inline std::string make_index(std::vector<std::pair<ObjectId, std::uint64_t>> entries,
                              const std::string& pack) {
  std::sort(entries.begin(), entries.end());
  std::string index = "\377tOc" + big_endian(2, 4);
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::uint64_t below = 0;
    for (const auto& entry : entries) below += entry.first.bytes[0] <= byte;
    index += big_endian(below, 4);
  }
  for (const auto& entry : entries) index += as_text(entry.first.raw());
  for (std::size_t i = 0; i < entries.size(); ++i) index += big_endian(0, 4);
  for (const auto& entry : entries) index += big_endian(entry.second, 4);
  index += pack.substr(pack.size() - 20);
  Hasher hasher(HashKind::sha1);
  hasher.update(as_bytes(index));
  return index + std::string(as_text(hasher.finish().raw()));
}

inline ObjectId blob_id(const std::string& text) {
  return hash_object(ObjectType::blob, as_bytes(text));
}

// A repository with `commits` commits over a few folders, whose versions make good deltas.
inline std::string make_repository(const std::string& path, int commits = 12, const std::string& init = "") {
  must_run("git init -q -b main " + init + " " + path);
  std::string body;
  for (int line = 0; line < 200; ++line)
    body += "line " + std::to_string(line * 7919 % 1000) + " of a file\n";
  for (int commit = 0; commit < commits; ++commit) {
    body.insert(static_cast<std::size_t>(commit) * 40, "changed in commit " + std::to_string(commit) + "\n");
    write_file(path + "/src/a/long.txt", body);
    write_file(path + "/src/b.c", "int b = " + std::to_string(commit) + ";\n" + body.substr(0, 900));
    write_file(path + "/file" + std::to_string(commit % 5), "number " + std::to_string(commit) + "\n");
    must_run("cd " + path + " && git add -A && git commit -q -m 'commit " + std::to_string(commit) + "'");
  }
  must_run("cd " + path +
           " && ln -s file0 link && git add link && git commit -q -m link && git tag -a -m tag v1");
  return path;
}

inline std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

// The only .pack of a repository.
inline std::string pack_of(const std::string& repository) {
  const std::vector<std::string> found = lines(must_run("ls " + repository + "/.git/objects/pack/*.pack"));
  if (found.size() != 1) throw std::runtime_error("not one pack");
  return found.front();
}

} // namespace packscope::test
