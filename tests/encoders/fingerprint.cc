// The true encoder of a stream is among its candidates, whichever library wrote it; and each candidate reproduces it.
#include "encoders/fingerprint.h"

#include "encoders/samples.h"

#include <catch2/catch_test_macros.hpp>

#include <zlib.h>

#include <algorithm>

using namespace packscope;
using namespace packscope::encoders;
using namespace packscope::test;

namespace {

Fingerprinter::Found judge(Fingerprinter& fingerprinter, const Buffer& stream, const std::string& text, const SetAside& aside = {}) {
  Fingerprinter::Found found;
  REQUIRE(fingerprinter.judge(stream, text.size(), aside, found) == deflate::Fault::none);
  return found;
}

// Level 0 as a caller with buffers of `room` bytes gets it; `first`: bytes that are handed in before the rest.
Buffer stored(const std::string& text, std::size_t room, std::size_t first = 0) {
  z_stream zlib = {};
  REQUIRE(deflateInit(&zlib, 0) == Z_OK);
  Buffer out(text.size() * 2 + 100), piece(room);
  std::size_t done = 0;
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  zlib.avail_in = static_cast<uInt>(first);
  int status = Z_OK;
  for (bool begun = first == 0; status != Z_STREAM_END; begun = true) {
    if (begun && zlib.total_in == first) zlib.avail_in = static_cast<uInt>(text.size() - first);
    zlib.next_out = piece.data();
    zlib.avail_out = static_cast<uInt>(room);
    status = ::deflate(&zlib, begun ? Z_FINISH : Z_NO_FLUSH);
    std::copy_n(piece.begin(), room - zlib.avail_out, out.begin() + static_cast<std::ptrdiff_t>(done));
    done += room - zlib.avail_out;
  }
  out.resize(done);
  deflateEnd(&zlib);
  return out;
}

} // namespace

TEST_CASE("each level of each library is a candidate of its own streams", "[fingerprint]") {
  Fingerprinter fingerprinter;
  std::mt19937_64 random(5);
  for (const Library library : {Library::zlib, Library::zlib_ng, Library::libdeflate, Library::isa_l}) {
    const std::unique_ptr<Encoder> encoder = make_encoder(library);
    if (encoder == nullptr) continue;
    for (const Variant& variant : usual_variants(library))
      for (const std::string& text : {std::string(), std::string("a"), words(700, random()), words(9000, random()), noise(3000, random())}) {
        INFO(name(library) << " level " << +variant.level << ", " << text.size() << " bytes");
        const Buffer stream = encode(*encoder, variant, text); // refuted() looks at it again
        const Fingerprinter::Found found = judge(fingerprinter, stream, text);
        CHECK(found.writers.has(variant));
        CHECK(fingerprinter.refuted(found.writers, found.window_bits).empty());
        CHECK(found.window_bits == 15);
      }
  }
}

TEST_CASE("level 0 is known whatever buffers its caller had", "[fingerprint]") {
  Fingerprinter fingerprinter;
  std::string text = "blob 100000";
  text += '\0';
  text += words(100000, 1);
  const Variant level_0 = {.level = 0};
  for (const std::size_t room : {200000ul, 4096ul, 8192ul, 16384ul}) {
    INFO(room);
    CHECK(judge(fingerprinter, stored(text, room), text).writers.has(level_0));
  }
  CHECK(judge(fingerprinter, stored(text, 4096, 12), text).writers.has(level_0));
  CHECK_FALSE(judge(fingerprinter, stored(text, 40000), text).writers.has(level_0)); // nobody's
}

TEST_CASE("who is set aside is not asked where zlib explains, and asked where it does not", "[fingerprint]") {
  Fingerprinter fingerprinter;
  const std::unique_ptr<Encoder> zlib = make_zlib(), libdeflate = make_libdeflate();
  const Variant level_6 = {.library = Library::libdeflate, .level = 6, .mem_level = 0, .strategy = Strategy::none};
  Probation probation;
  for (unsigned i = 0; i < Probation::kEnough; ++i) {
    CHECK_FALSE(probation.set_aside().has(level_6));
    const std::string text = words(4000, i);
    probation.add(judge(fingerprinter, encode(*zlib, Variant{}, text), text));
  }
  const SetAside aside = probation.set_aside();
  CHECK(aside.has(level_6));
  CHECK_FALSE(aside.has(Variant{.level = 9}));
  const std::string text = words(5000, 99);
  CHECK_FALSE(judge(fingerprinter, encode(*zlib, Variant{}, text), text, aside).asked.has(level_6));
  CHECK(judge(fingerprinter, encode(*libdeflate, level_6, text), text, aside).writers.has(level_6));
  const auto one_more = judge(fingerprinter, encode(*libdeflate, level_6, text), text);
  probation.add(one_more);
  CHECK(probation.set_aside().has(level_6)); // one in seventeen
  for (unsigned i = 0; i < Probation::kEnough / 2; ++i) probation.add(one_more);
  CHECK_FALSE(probation.set_aside().has(level_6));
}

TEST_CASE("a broken stream is a fault, not an answer", "[fingerprint]") {
  Fingerprinter fingerprinter;
  const std::unique_ptr<Encoder> zlib = make_zlib();
  const std::string text = words(3000, 2);
  Buffer stream = encode(*zlib, Variant{}, text);
  Fingerprinter::Found found;
  CHECK(fingerprinter.judge(Bytes(stream).first(stream.size() / 2), text.size(), {}, found) == deflate::Fault::truncated);
  CHECK(fingerprinter.judge(stream, text.size() + 1, {}, found) == deflate::Fault::size);
  stream.back() ^= 1;
  CHECK(fingerprinter.judge(stream, text.size(), {}, found) == deflate::Fault::adler32);
  CHECK(found.writers.empty());
}
