// The programs themselves, behind one interface: write a text, write it only as far as a given stream agrees, read it back.
#pragma once

#include "base/bytes.h"
#include "encoders/variant.h"

#include <memory>
#include <string>
#include <vector>

namespace packscope::encoders {

class Encoder { // one per thread; keeps its states from call to call
public:
  virtual ~Encoder() = default;
  // Does `variant` write exactly `stream`, a zlib stream, for `text`? However the library may be called for it: what depends on
  // the caller's buffers (zlib's level 0, ISA-L) is tried as callers are known to call.
  virtual bool reproduces(const Variant& variant, Bytes text, Bytes stream) = 0;
  // A whole zlib stream, with buffers that are large enough. False: the library fails.
  virtual bool compress(const Variant& variant, Bytes text, std::vector<std::uint8_t>& out) = 0;
  // `out`: as large as the text is.
  virtual bool decompress(Bytes stream, std::span<std::uint8_t> out) = 0;
};

// Null: not built in, or not on this machine.
std::unique_ptr<Encoder> make_encoder(Library library);
std::string version(Library library); // empty: as above
std::vector<Library> missing_libraries();

// zlib's levels and defaults, or the library's own.
std::vector<Variant> usual_variants(Library library);

// Where each is built in.
std::unique_ptr<Encoder> make_zlib();
std::unique_ptr<Encoder> make_zlib_ng();
std::unique_ptr<Encoder> make_libdeflate();
std::unique_ptr<Encoder> make_isa_l();
std::string version_of_zlib();
std::string version_of_zlib_ng();
std::string version_of_libdeflate();
std::string version_of_isa_l();

} // namespace packscope::encoders
