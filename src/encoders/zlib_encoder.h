// zlib and zlib-ng, which have one interface under two names.
//
// The idea: compress into a small buffer and compare as it fills, so that a wrong variant ends at its first wrong block.
#pragma once

#include "encoders/encoder.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <new>

namespace packscope::encoders {

// `Api`: Stream, and the functions that the library has for it.
template <class Api>
class ZlibEncoder : public Encoder {
public:
  ~ZlibEncoder() override {
    for (auto& [key, stream] : deflates_) Api::deflate_end(&*stream);
    if (inflate_) Api::inflate_end(&*inflate_);
  }

  bool reproduces(const Variant& variant, Bytes text, Bytes stream) override {
    if (variant.level != 0) return same(variant, text, stream, {.out = 4096});
    // Where stored blocks end is where the caller's buffers did.
    for (const Manner& manner : kManners)
      if (same(variant, text, stream, manner)) return true;
    return false;
  }

  bool compress(const Variant& variant, Bytes text, std::vector<std::uint8_t>& out) override {
    Stream& stream = opened(variant);
    out.resize(text.size() + text.size() / 8 + 1024); // more than any variant writes of what cannot be compressed
    std::size_t done = 0;
    int status = kOk;
    while (status == kOk) {
      feed(stream, text, text.size());
      const std::size_t room = std::min<std::size_t>(out.size() - done, kPiece);
      stream.next_out = out.data() + done;
      stream.avail_out = static_cast<unsigned>(room);
      status = Api::deflate(&stream, text.empty() ? kFinish : kNoFlush);
      done += room - stream.avail_out;
    }
    out.resize(done);
    return status == kEnd;
  }

  bool decompress(Bytes stream, std::span<std::uint8_t> out) override {
    if (!inflate_) {
      inflate_ = std::make_unique<Stream>();
      if (Api::inflate_init(&*inflate_) != kOk) throw std::bad_alloc();
    } else {
      Api::inflate_reset(&*inflate_);
    }
    inflate_->avail_in = 0;
    std::size_t done = 0;
    int status = kOk;
    while (status == kOk) {
      feed(*inflate_, stream, stream.size());
      const std::size_t room = std::min<std::size_t>(out.size() - done, kPiece);
      inflate_->next_out = out.data() + done;
      inflate_->avail_out = static_cast<unsigned>(room);
      status = Api::inflate(&*inflate_, kNoFlush);
      done += room - inflate_->avail_out;
    }
    return status == kEnd && done == out.size();
  }

private:
  using Stream = typename Api::Stream;
  static constexpr int kOk = 0, kEnd = 1, kNoFlush = 0, kFinish = 4;
  static constexpr std::size_t kPiece = std::size_t{1} << 30; // the library counts in 32 bits

  // How a caller hands out buffers. `out`: their size; 0: as much as may be needed. `in`: bytes handed in at once, without
  // Z_FINISH before the end; 0: all.
  struct Manner {
    std::size_t out = 0, in = 0;
    bool header_first = false; // a loose object's, up to its NUL
    bool python = false;       // buffers that grow
  };
  static constexpr Manner kManners[] = {
      {},                                    // git pack-objects, fast-import, compress()
      {.out = 4096},                         // git index-pack, for what completes a thin pack
      {.out = 4096, .header_first = true},   // a loose object
      {.out = 16384, .in = 16384},           // git, of blobs above core.bigFileThreshold
      {.python = true},
      {.out = 16384},
      {.out = 8192},
      {.out = 8192, .in = 8192},
  };
  static std::size_t python_room(std::size_t buffer) { // its _BlocksOutputBuffer
    static constexpr std::size_t kKiB[] = {32, 64, 256, 1024, 4096, 8192, 16384, 16384, 32768};
    return kKiB[std::min(buffer, std::size(kKiB) - 1)] << 10;
  }

  static void feed(Stream& stream, Bytes& input, std::size_t most) {
    if (stream.avail_in != 0 || input.empty()) return;
    const std::size_t some = std::min({input.size(), most, kPiece});
    stream.next_in = const_cast<std::uint8_t*>(input.data()); // the library doesn't write there
    stream.avail_in = static_cast<unsigned>(some);
    input = input.subspan(some);
  }

  // One state a memory level and window; level and strategy may change before anything is written.
  Stream& opened(const Variant& variant) {
    std::unique_ptr<Stream>& stream = deflates_[{variant.mem_level, variant.window_bits}];
    const int strategy = static_cast<int>(variant.strategy) - 1;
    if (stream == nullptr) {
      auto made = std::make_unique<Stream>();
      if (Api::deflate_init(&*made, variant.level, variant.window_bits, variant.mem_level, strategy) != kOk) throw std::bad_alloc();
      stream = std::move(made);
    } else {
      Api::deflate_reset(&*stream);
      stream->avail_in = 0;
      std::uint8_t none;
      stream->next_out = &none; // deflateParams() wants to know where it could write
      stream->avail_out = 0;
      Api::deflate_params(&*stream, variant.level, strategy);
    }
    stream->avail_in = 0;
    return *stream;
  }

  bool same(const Variant& variant, Bytes text, Bytes wanted, const Manner& manner) {
    Stream& stream = opened(variant);
    const std::size_t bound = std::min(wanted.size() + 64, kPiece); // whoever writes more writes something else
    std::size_t header = 0, done = 0;
    if (manner.header_first) header = std::min<std::size_t>(text.size(), static_cast<std::size_t>(std::ranges::find(text, std::uint8_t{0}) - text.begin()) + 1);
    for (std::size_t buffer = 0;; ++buffer) {
      feed(stream, text, header != 0 ? header : manner.in != 0 ? manner.in : text.size());
      header = 0;
      // A buffer that is larger than what may come is as good as one of that size.
      const std::size_t given = manner.python ? python_room(buffer) : manner.out == 0 ? bound : manner.out;
      const std::size_t room = variant.level == 0 ? std::min(given, bound) : given;
      if (out_.size() < room) out_.resize(room);
      stream.next_out = out_.data();
      stream.avail_out = static_cast<unsigned>(room);
      const int status = Api::deflate(&stream, text.empty() ? kFinish : kNoFlush);
      if (status < 0 && status != kNoProgress) return false;
      const std::size_t made = room - stream.avail_out;
      if (made > wanted.size() - done || std::memcmp(out_.data(), wanted.data() + done, made) != 0) return false;
      done += made;
      if (status == kEnd) return done == wanted.size();
      if (made == 0 && stream.avail_in == 0 && text.empty()) return false;
    }
  }

  static constexpr int kNoProgress = -5; // Z_BUF_ERROR
  std::map<std::pair<unsigned, unsigned>, std::unique_ptr<Stream>> deflates_; // 268 KB each, at memory level 8
  std::unique_ptr<Stream> inflate_;
  std::vector<std::uint8_t> out_;
};

} // namespace packscope::encoders
