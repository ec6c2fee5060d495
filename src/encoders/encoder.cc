// Which libraries are there.
#include "encoders/encoder.h"

namespace packscope::encoders {

std::unique_ptr<Encoder> make_encoder(Library library) {
  switch (library) {
  case Library::zlib:
    return make_zlib();
  case Library::libdeflate:
    return make_libdeflate();
  case Library::zlib_ng:
#if PACKSCOPE_ZLIB_NG
    return make_zlib_ng();
#else
    return nullptr;
#endif
  case Library::isa_l:
#if PACKSCOPE_ISA_L
    return make_isa_l();
#else
    return nullptr;
#endif
  }
  return nullptr;
}

std::string version(Library library) {
  switch (library) {
  case Library::zlib:
    return version_of_zlib();
  case Library::libdeflate:
    return version_of_libdeflate();
  case Library::zlib_ng:
#if PACKSCOPE_ZLIB_NG
    return version_of_zlib_ng();
#else
    return {};
#endif
  case Library::isa_l:
#if PACKSCOPE_ISA_L
    return version_of_isa_l();
#else
    return {};
#endif
  }
  return {};
}

std::vector<Library> missing_libraries() {
  std::vector<Library> missing;
  for (const Library library : {Library::zlib, Library::zlib_ng, Library::libdeflate, Library::isa_l})
    if (version(library).empty()) missing.push_back(library);
  return missing;
}

std::vector<Variant> usual_variants(Library library) {
  const bool zlib = library == Library::zlib || library == Library::zlib_ng, isa_l = library == Library::isa_l;
  std::vector<Variant> all;
  for (std::uint8_t level = 0; level <= (zlib ? 9 : isa_l ? 3 : 12); ++level)
    all.push_back({.library = library, .level = level,
                   .mem_level = static_cast<std::uint8_t>(zlib ? 8 : isa_l && level > 0 ? 4 : 0),
                   .strategy = zlib ? Strategy::standard : Strategy::none});
  return all;
}

} // namespace packscope::encoders
