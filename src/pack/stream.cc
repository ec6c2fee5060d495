// Streaming inflation by zlib; see stream.h.
#include "pack/stream.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>

namespace packscope::pack {

struct PartialInflater::State {
  z_stream zlib = {};
  std::array<std::uint8_t, 65536> buffer;

  // zlib counts input in 32 bits: it is handed out in pieces.
  int step(Bytes& input, std::span<std::uint8_t>& output, int flush) {
    constexpr std::size_t kPiece = std::size_t{1} << 30;
    const std::size_t in = std::min(input.size(), kPiece), out = std::min(output.size(), kPiece);
    zlib.next_in = const_cast<Bytef*>(input.data());
    zlib.avail_in = static_cast<uInt>(in);
    zlib.next_out = output.data();
    zlib.avail_out = static_cast<uInt>(out);
    const int status = ::inflate(&zlib, flush);
    input = input.subspan(in - zlib.avail_in);
    output = output.subspan(out - zlib.avail_out);
    return status;
  }
};

PartialInflater::PartialInflater() : state_(std::make_unique<State>()) {
  if (inflateInit(&state_->zlib) != Z_OK) throw std::bad_alloc();
}
PartialInflater::~PartialInflater() {
  if (state_) inflateEnd(&state_->zlib);
}
PartialInflater::PartialInflater(PartialInflater&&) noexcept = default;
PartialInflater& PartialInflater::operator=(PartialInflater&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

static deflate::Fault fault_of(int status) {
  switch (status) {
  case Z_OK:
  case Z_STREAM_END:
    return deflate::Fault::none;
  case Z_BUF_ERROR:
    return deflate::Fault::truncated;
  default:
    return deflate::Fault::symbol; // Z_DATA_ERROR; Z_NEED_DICT cannot be told a dictionary either
  }
}

deflate::Fault PartialInflater::begin(Bytes input, std::span<std::uint8_t> output, std::size_t& made) {
  inflateReset(&state_->zlib);
  const std::size_t wanted = output.size();
  int status = Z_OK;
  while (!output.empty() && status == Z_OK) status = state_->step(input, output, Z_SYNC_FLUSH);
  made = wanted - output.size();
  return fault_of(status);
}

deflate::Fault PartialInflater::skip(Bytes input, std::uint64_t& consumed, std::uint64_t& size) {
  inflateReset(&state_->zlib);
  const std::size_t all = input.size();
  size = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    std::span<std::uint8_t> output = state_->buffer;
    status = state_->step(input, output, Z_SYNC_FLUSH);
    size += state_->buffer.size() - output.size();
  }
  consumed = all - input.size();
  return fault_of(status);
}

} // namespace packscope::pack
