// ISA-L's igzip. What it writes depends on the size of its level buffer, where blocks end, and on which of its two ways it is
// called in: all at once (stateless), which may refer to the text's first byte, or as a stream.
// It also has kernels of its own a processor; those of levels 1 to 3 that this machine runs are the ones compared with.
#include "base/lazy_folders.h"
#include "base/lazy_library.h"
#include "encoders/encoder.h"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <cstring>

namespace packscope::encoders {
namespace {

const LazyLibrary kIsaL(PACKSCOPE_LIBISAL_FOLDER, "libisal.so.2");
#define PACKSCOPE_FUNCTION(name) const LazyFunction<decltype(::name)> name(kIsaL, #name);
PACKSCOPE_FUNCTION(isal_deflate)
PACKSCOPE_FUNCTION(isal_deflate_init)
PACKSCOPE_FUNCTION(isal_deflate_stateless)
PACKSCOPE_FUNCTION(isal_deflate_stateless_init)
PACKSCOPE_FUNCTION(isal_inflate)
PACKSCOPE_FUNCTION(isal_inflate_init)
#undef PACKSCOPE_FUNCTION

constexpr std::uint32_t kBuffers[4][5] = {
    {ISAL_DEF_LVL0_MIN, ISAL_DEF_LVL0_SMALL, ISAL_DEF_LVL0_MEDIUM, ISAL_DEF_LVL0_LARGE, ISAL_DEF_LVL0_EXTRA_LARGE},
    {ISAL_DEF_LVL1_MIN, ISAL_DEF_LVL1_SMALL, ISAL_DEF_LVL1_MEDIUM, ISAL_DEF_LVL1_LARGE, ISAL_DEF_LVL1_EXTRA_LARGE},
    {ISAL_DEF_LVL2_MIN, ISAL_DEF_LVL2_SMALL, ISAL_DEF_LVL2_MEDIUM, ISAL_DEF_LVL2_LARGE, ISAL_DEF_LVL2_EXTRA_LARGE},
    {ISAL_DEF_LVL3_MIN, ISAL_DEF_LVL3_SMALL, ISAL_DEF_LVL3_MEDIUM, ISAL_DEF_LVL3_LARGE, ISAL_DEF_LVL3_EXTRA_LARGE}};

class IsaL : public Encoder {
public:
  IsaL() : deflate_(std::make_unique<isal_zstream>()), inflate_(std::make_unique<inflate_state>()) {}

  bool reproduces(const Variant& variant, Bytes text, Bytes stream) override {
    if (text.size() >= UINT32_MAX || stream.size() >= UINT32_MAX - kRoom) return false;
    if (out_.size() < stream.size() + kRoom) out_.resize(stream.size() + kRoom);
    for (const bool at_once : {true, false}) {
      const std::size_t made = write(variant, at_once, text, {out_.data(), stream.size() + kRoom});
      if (made == stream.size() && std::memcmp(out_.data(), stream.data(), made) == 0) return true;
    }
    return false;
  }

  bool compress(const Variant& variant, Bytes text, std::vector<std::uint8_t>& out) override {
    if (text.size() >= UINT32_MAX / 2) return false;
    out.resize(text.size() + text.size() / 2 + 1024); // a literal of level 0's own code has 15 bits at most, most of them 9
    out.resize(write(variant, false, text, out));
    return !out.empty();
  }

  bool decompress(Bytes stream, std::span<std::uint8_t> out) override {
    if (stream.size() >= UINT32_MAX || out.size() >= UINT32_MAX) return false;
    isal_inflate_init(inflate_.get());
    inflate_->crc_flag = ISAL_ZLIB;
    inflate_->next_in = const_cast<std::uint8_t*>(stream.data()); // it doesn't write there
    inflate_->avail_in = static_cast<std::uint32_t>(stream.size());
    inflate_->next_out = out.data();
    inflate_->avail_out = static_cast<std::uint32_t>(out.size());
    return isal_inflate(inflate_.get()) == ISAL_DECOMP_OK && inflate_->avail_out == 0;
  }

private:
  static constexpr std::size_t kBeyond = 512;
  static constexpr std::size_t kRoom = 512; // a block's header, which it wants to write whole

  // Bytes written; 0: it does not fit.
  std::size_t write(const Variant& variant, bool at_once, Bytes text, std::span<std::uint8_t> out) {
    isal_zstream& stream = *deflate_;
    stream = {}; // ISA-L leaves much of it as it was, and its matches may depend on that
    at_once ? isal_deflate_stateless_init(&stream) : isal_deflate_init(&stream);
    const std::uint32_t buffer = kBuffers[variant.level][variant.mem_level == 0 ? 3 : variant.mem_level - 1];
    buffer_.assign(buffer, 0);
    stream.level = variant.level;
    stream.level_buf = buffer_.data();
    stream.level_buf_size = buffer;
    stream.gzip_flag = IGZIP_ZLIB;
    stream.flush = NO_FLUSH;
    stream.end_of_stream = 1;
    // It looks beyond the text's end, and what lies there can change the last tokens: zeros, in a copy.
    text_.assign(text.size() + kBeyond, 0);
    std::copy(text.begin(), text.end(), text_.begin());
    stream.next_in = text_.data();
    stream.avail_in = static_cast<std::uint32_t>(text.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<std::uint32_t>(out.size());
    const int status = at_once ? isal_deflate_stateless(&stream) : isal_deflate(&stream);
    const bool whole = status == COMP_OK && stream.avail_in == 0 && (at_once || stream.internal_state.state == ZSTATE_END);
    return whole ? stream.total_out : 0;
  }

  std::unique_ptr<isal_zstream> deflate_;
  std::unique_ptr<inflate_state> inflate_;
  std::vector<std::uint8_t> buffer_, out_, text_;
};

} // namespace

std::unique_ptr<Encoder> make_isa_l() { return kIsaL.load() ? std::make_unique<IsaL>() : nullptr; }
std::string version_of_isa_l() { return kIsaL.load() ? PACKSCOPE_ISA_L_VERSION : ""; }

} // namespace packscope::encoders
