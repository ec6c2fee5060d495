// Who wrote a stream: all variants that reproduce it bit for bit.
//
// The idea: most of zlib's 450 variants are told apart without running any (zlib_model.h). The other libraries are run. That
// costs more than all the rest, and in a pack that zlib wrote is in vain; so on probation, some streams of a pack are shown to
// everyone, and who reproduces few of them is asked later only where zlib did not write the stream.
#pragma once

#include "encoders/encoder.h"
#include "encoders/zlib_model.h"

namespace packscope::encoders {

// Variants that are not asked about streams that zlib explains.
using SetAside = VariantSet;

class Fingerprinter { // one per thread
public:
  Fingerprinter();

  struct Found {
    VariantSet writers;
    VariantSet asked; // of other libraries
    std::uint16_t header = 0;
    std::uint8_t window_bits = 15;
    bool by_zlib = false;
  };
  // `zlib` begins with the stream, which inflates to `size` bytes.
  deflate::Fault judge(Bytes zlib, std::uint64_t size, const SetAside& aside, Found& found);

  // Runs every writer on the stream of the last judge(), whose bytes must still be there, and says which do not reproduce it: none, or the model is wrong.
  VariantSet refuted(const VariantSet& writers, unsigned window_bits);

private:
  struct Other {
    std::unique_ptr<Encoder> encoder;
    const std::vector<std::pair<unsigned, std::uint16_t>>& variants; // numbers, and the headers they write
  };
  Encoder* encoder(Library library);
  void add_run(VariantSet& writers, bool level_0_alone);
  void add_others(Other& other, const SetAside& aside, Found& found);
  void add_like(Other& other, unsigned number, Found& found);

  StreamParser parser_;
  ParsedStream parsed_;
  ZlibModel model_;
  std::unique_ptr<Encoder> zlib_;
  std::vector<Other> others_;
};

// Who is set aside after probation.
class Probation {
public:
  // Sizes of texts that tell encoders apart, and are soon compressed.
  static constexpr std::uint64_t kLeast = 1024, kMost = 16384;
  static constexpr unsigned kStreams = 24; // of one header, that are shown to everyone
  static constexpr unsigned kEnough = 16;  // that may set aside who reproduces
  static constexpr unsigned kFew = 4;      // fewer than one in so many of them: a short stream comes about in several ways

  void add(const Fingerprinter::Found& found);
  SetAside set_aside() const;

private:
  std::vector<unsigned> asked_ = std::vector<unsigned>(kVariants), wrote_ = asked_;
};

} // namespace packscope::encoders
