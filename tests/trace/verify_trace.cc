// verify_trace TRACE.sqlite: checks a trace against git's ids and an independent decoder, piece by piece.
//
// For every traced blob: the pieces tile its text; each piece's bits begin and end at symbols of its source's stream
// and are the fewest that make its bytes; the bytes they make, put together, have the blob's id.
// Prints a count a line and exits 1 at the first dozen differences. The packs are where the trace says.
#include "trace/slow_inflate.h"

#include <openssl/evp.h>
#include <sqlite3.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>

using packscope::test::SlowInflate;
using packscope::test::SlowStream;

namespace {

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "verify_trace: %s\n", why.c_str());
  std::exit(2);
}

std::vector<std::uint8_t> zlib_inflate(std::span<const std::uint8_t> stream, std::size_t size) {
  std::vector<std::uint8_t> out(size + 1);
  z_stream state{};
  inflateInit(&state);
  state.next_in = const_cast<std::uint8_t*>(stream.data());
  state.avail_in = static_cast<unsigned>(stream.size());
  state.next_out = out.data();
  state.avail_out = static_cast<unsigned>(out.size());
  if (inflate(&state, Z_FINISH) != Z_STREAM_END || state.total_out != size) out.clear();
  else out.resize(size);
  inflateEnd(&state);
  return out;
}

std::string blob_id(const std::vector<std::uint8_t>& text) {
  const std::string header = "blob " + std::to_string(text.size()) + '\0';
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestInit_ex(context, EVP_sha1(), nullptr);
  EVP_DigestUpdate(context, header.data(), header.size());
  EVP_DigestUpdate(context, text.data(), text.size());
  EVP_DigestFinal_ex(context, digest, &size);
  EVP_MD_CTX_free(context);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", digest[i]);
    hex += two;
  }
  return hex;
}

class Verifier {
public:
  explicit Verifier(const char* trace) : folder_(std::filesystem::path(trace).parent_path()) {
    if (sqlite3_open_v2(trace, &database_, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) give_up("cannot open the trace");
  }

  ~Verifier() {
    sqlite3_finalize(pieces_);
    sqlite3_finalize(source_);
    sqlite3_close(database_);
  }
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;

  int run() {
    sqlite3_stmt* objects = prepare("select object, id, size from object where traced = 1 order by object");
    pieces_ = prepare("select begin, end, source, source_begin, bit_begin, bit_end from piece where object = ? order by begin");
    source_ = prepare("select p.file, o.data_offset, o.inflated_size, o.packed_size from object o join pack p using (pack) where object = ?");
    std::uint64_t blobs = 0;
    while (sqlite3_step(objects) == SQLITE_ROW) {
      const std::string id = reinterpret_cast<const char*>(sqlite3_column_text(objects, 1));
      const std::vector<std::uint8_t> text = reproduce(sqlite3_column_int64(objects, 0), id);
      if (text.size() != static_cast<std::size_t>(sqlite3_column_int64(objects, 2))) differ(id + ": size");
      if (blob_id(text) != id) differ(id + ": the pieces' text has another id");
      ++blobs;
    }
    sqlite3_finalize(objects);
    std::printf("blobs %llu\npieces %llu\ntext_bytes %llu\ndifferences %llu\n", number(blobs), number(checked_),
                number(bytes_), number(differences_));
    return differences_ == 0 && blobs > 0 ? 0 : 1;
  }

private:
  static unsigned long long number(std::uint64_t value) { return value; }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr) != SQLITE_OK) give_up(sqlite3_errmsg(database_));
    return statement;
  }
  void differ(const std::string& what) {
    std::fprintf(stderr, "verify_trace: %s\n", what.c_str());
    if (++differences_ >= 12) std::exit(1);
  }

  std::vector<std::uint8_t> reproduce(std::int64_t object, const std::string& id) {
    std::vector<std::uint8_t> text;
    sqlite3_reset(pieces_);
    sqlite3_bind_int64(pieces_, 1, object);
    while (sqlite3_step(pieces_) == SQLITE_ROW) {
      const auto column = [&](int i) { return static_cast<std::uint64_t>(sqlite3_column_int64(pieces_, i)); };
      const std::uint64_t begin = column(0), end = column(1), from = column(3), bit = column(4), bit_end = column(5);
      if (begin != text.size() || end <= begin) differ(id + ": pieces do not tile");
      const SlowStream& stream = decoded(sqlite3_column_int64(pieces_, 2));
      const std::uint64_t to = from + (end - begin);
      if (to > stream.text.size()) give_up(id + ": piece outside of its source");
      // The symbol that makes byte `from` begins at `bit`; the one that makes byte to - 1 ends at `bit_end`.
      const auto last_at = [&](std::uint64_t out) {
        return std::upper_bound(stream.marks.begin(), stream.marks.end(), out,
                                [](std::uint64_t value, const SlowStream::Mark& mark) { return value < mark.out; }) - 1;
      };
      if (last_at(from)->bit != bit) differ(id + ": piece at " + std::to_string(begin) + ": bit_begin");
      if (last_at(to - 1)->bit_end != bit_end)
        differ(id + ": piece at " + std::to_string(begin) + ": bit_end");
      text.insert(text.end(), stream.text.begin() + static_cast<std::ptrdiff_t>(from),
                  stream.text.begin() + static_cast<std::ptrdiff_t>(to));
      ++checked_;
    }
    bytes_ += text.size();
    return text;
  }

  const SlowStream& decoded(std::int64_t object) {
    if (const auto known = streams_.find(object); known != streams_.end()) return *known->second;
    if (held_ > (std::uint64_t{2} << 30)) {
      streams_.clear();
      held_ = 0;
    }
    sqlite3_reset(source_);
    sqlite3_bind_int64(source_, 1, object);
    if (sqlite3_step(source_) != SQLITE_ROW) give_up("a piece names an object that has no row");
    const std::span<const std::uint8_t> bytes = file(reinterpret_cast<const char*>(sqlite3_column_text(source_, 0)));
    const std::uint64_t at = static_cast<std::uint64_t>(sqlite3_column_int64(source_, 1));
    const std::size_t size = static_cast<std::size_t>(sqlite3_column_int64(source_, 2));
    const std::size_t packed = static_cast<std::size_t>(sqlite3_column_int64(source_, 3));
    auto stream = std::make_unique<SlowStream>(SlowInflate::run(bytes.subspan(at, packed)));
    if (stream->text != zlib_inflate(bytes.subspan(at, packed), size)) differ("object row " + std::to_string(object) + ": zlib inflates otherwise");
    held_ += stream->text.size() + stream->marks.size() * 24;
    return *(streams_[object] = std::move(stream));
  }

  std::span<const std::uint8_t> file(const std::string& name) {
    if (const auto known = files_.find(name); known != files_.end()) return known->second;
    std::ifstream in(folder_ / name, std::ios::binary);
    if (!in) give_up("no file " + (folder_ / name).string());
    return files_[name] = {std::istreambuf_iterator<char>(in), {}};
  }

  std::filesystem::path folder_;
  sqlite3* database_ = nullptr;
  sqlite3_stmt *pieces_ = nullptr, *source_ = nullptr;
  std::map<std::int64_t, std::unique_ptr<SlowStream>> streams_;
  std::map<std::string, std::vector<std::uint8_t>> files_;
  std::uint64_t held_ = 0, checked_ = 0, bytes_ = 0, differences_ = 0;
};

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) give_up("usage: verify_trace TRACE.sqlite");
  return Verifier(argv[1]).run();
}
