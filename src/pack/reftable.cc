// The ref blocks of each table of the stack, oldest table first; see reftable.h for the grammar.
#include "pack/reftable.h"

#include "base/mapped_file.h"

namespace packscope::pack {

namespace {

class Table {
public:
  Table(Bytes table, const std::string& file, RefValues& values) : bytes_(table), file_(file), values_(values) {}

  Result<void> read() {
    if (bytes_.size() < 24 || as_text(bytes_.first(4)) != "REFT") return broken("signature: this is no reftable", 0);
    const unsigned version = bytes_[4];
    if (version != 1 && version != 2) return broken("version: neither 1 nor 2", 4);
    const std::size_t header = version == 1 ? 24 : 28;
    const std::size_t footer = header + 5 * 8 + 4;
    if (bytes_.size() < header + footer) return broken("footer: the table ends inside it", bytes_.size());
    if (version == 2) {
      const std::string_view hash = as_text(bytes_.subspan(24, 4));
      if (hash != "sha1" && hash != "s256") return broken("hash id: neither sha1 nor s256", 24);
      if (hash == "s256") hash_ = HashKind::sha256;
    }
    const std::uint64_t block_size = load_be<std::uint32_t>(bytes_.data() + 4) & 0xffffff;
    const std::size_t end = bytes_.size() - footer;
    // Ref blocks come first, and stop at the first block of another kind.
    for (std::size_t start = 0; start < end;) {
      const std::size_t head = start == 0 ? header : start;
      if (head + 4 > end || bytes_[head] != 'r') return {};
      const std::size_t length = load_be<std::uint32_t>(bytes_.data() + head) & 0xffffff;
      if (length < head - start + 6 || length > end - start) return broken("block length: outside the table", head + 1);
      if (const Result<void> done = block(head + 4, start + length); !done) return done;
      start += block_size == 0 ? length : (length + block_size - 1) / block_size * block_size;
    }
    return {};
  }

private:
  std::unexpected<Error> broken(const std::string& what, std::size_t offset) const {
    return std::unexpected(Error{"reftable " + what, file_, offset});
  }

  // Records from `at` on; the block ends with its restart table.
  Result<void> block(std::size_t at, std::size_t end) {
    const std::size_t restarts = load_be<std::uint16_t>(bytes_.data() + end - 2);
    if (restarts * 3 + 2 > end - at) return broken("restart count: larger than its block", end - 2);
    end -= restarts * 3 + 2;
    std::string name;
    while (at < end) {
      const std::size_t record = at;
      std::uint64_t prefix, suffix, update;
      if (!number(at, end, prefix) || !number(at, end, suffix) || prefix > name.size() || suffix >> 3 > end - at)
        return broken("ref name: reaches outside its block", record);
      // A prefix costs no bytes: without a limit a table of megabytes would unfold into gigabytes of names.
      if (prefix + (suffix >> 3) > kMostName) return broken("ref name: longer than 4,096 bytes", record);
      name.resize(prefix);
      name += as_text(bytes_.subspan(at, suffix >> 3));
      at += suffix >> 3;
      if (!number(at, end, update) || !value(at, end, suffix & 7, name))
        return broken("ref value: reaches outside its block, or of no known kind", record);
    }
    return {};
  }

  bool value(std::size_t& at, std::size_t end, std::uint64_t kind, const std::string& name) {
    const std::size_t id = hash_size(hash_);
    if (kind == 0) return values_.erase(name), true;
    if (kind == 3) {
      std::uint64_t length;
      if (!number(at, end, length) || length > end - at || length > kMostName) return false;
      values_[name] = "ref: " + std::string(as_text(bytes_.subspan(at, length)));
      at += length;
      return true;
    }
    if (kind > 2 || id * kind > end - at) return false;
    values_[name] = hex(bytes_.subspan(at, id));
    at += id * kind;
    return true;
  }

  // Big end first, seven bits a byte, plus one for each byte that follows.
  bool number(std::size_t& at, std::size_t end, std::uint64_t& value) const {
    value = 0;
    for (unsigned bytes = 0; at < end && bytes < 9; ++bytes) {
      const std::uint8_t byte = bytes_[at++];
      value = value << 7 | (byte & 0x7f);
      if ((byte & 0x80) == 0) return true;
      ++value;
    }
    return false;
  }

  static constexpr std::uint64_t kMostName = 4096; // a loose ref's cannot be longer on any file system

  Bytes bytes_;
  const std::string& file_;
  RefValues& values_;
  HashKind hash_ = HashKind::sha1;
};

} // namespace

Result<void> read_reftable(Bytes table, const std::string& file, RefValues& values) {
  return Table(table, file, values).read();
}

Result<void> read_reftables(const std::string& folder, RefValues& values) {
  for (const std::string& name : lines_of_file(folder + "/tables.list")) {
    if (name.empty()) continue;
    const std::string path = folder + "/" + name;
    if (name.find('/') != name.npos) return fail("reftable tables.list: names a file elsewhere", path);
    const Result<MappedFile> file = MappedFile::open(path);
    if (!file) return std::unexpected(file.error());
    const Result<void> done = read_reftable(file->bytes(), path, values);
    if (!done) return done;
  }
  return {};
}

} // namespace packscope::pack
