// libdeflate compresses whole buffers: it is stopped early only by a buffer that is too small for what it wants to write.
#include "encoders/encoder.h"

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

namespace packscope::encoders {
namespace {

struct Free {
  void operator()(libdeflate_compressor* state) const { libdeflate_free_compressor(state); }
  void operator()(libdeflate_decompressor* state) const { libdeflate_free_decompressor(state); }
};

class Libdeflate : public Encoder {
public:
  bool reproduces(const Variant& variant, Bytes text, Bytes stream) override {
    constexpr std::size_t kRoom = 64; // versions differ in how much room they want at the end
    if (out_.size() < stream.size() + kRoom) out_.resize(stream.size() + kRoom);
    const std::size_t made = libdeflate_zlib_compress(opened(variant), text.data(), text.size(), out_.data(), stream.size() + kRoom);
    return made == stream.size() && std::memcmp(out_.data(), stream.data(), made) == 0;
  }

  bool compress(const Variant& variant, Bytes text, std::vector<std::uint8_t>& out) override {
    out.resize(libdeflate_zlib_compress_bound(opened(variant), text.size()));
    out.resize(libdeflate_zlib_compress(opened(variant), text.data(), text.size(), out.data(), out.size()));
    return !out.empty();
  }

  bool decompress(Bytes stream, std::span<std::uint8_t> out) override {
    if (!decompressor_) decompressor_.reset(libdeflate_alloc_decompressor());
    if (!decompressor_) throw std::bad_alloc();
    return libdeflate_zlib_decompress(decompressor_.get(), stream.data(), stream.size(), out.data(), out.size(), nullptr) == LIBDEFLATE_SUCCESS;
  }

private:
  libdeflate_compressor* opened(const Variant& variant) {
    std::unique_ptr<libdeflate_compressor, Free>& state = compressors_.at(variant.level);
    if (!state) state.reset(libdeflate_alloc_compressor(variant.level));
    if (!state) throw std::bad_alloc();
    return state.get();
  }

  std::array<std::unique_ptr<libdeflate_compressor, Free>, 13> compressors_;
  std::unique_ptr<libdeflate_decompressor, Free> decompressor_;
  std::vector<std::uint8_t> out_;
};

} // namespace

std::unique_ptr<Encoder> make_libdeflate() { return std::make_unique<Libdeflate>(); }
std::string version_of_libdeflate() { return LIBDEFLATE_VERSION_STRING; }

} // namespace packscope::encoders
