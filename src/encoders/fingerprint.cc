// The model for zlib, the libraries for the rest.
#include "encoders/fingerprint.h"

#include <algorithm>

namespace packscope::encoders {

// What headers a library's variants write, it is asked for, once: libraries differ from version to version.
using Headers = std::vector<std::pair<unsigned, std::uint16_t>>;
static Headers headers_of(Library library) {
  Headers headers;
  std::vector<std::uint8_t> empty;
  for (const Variant& variant : usual_variants(library))
    if (const std::unique_ptr<Encoder> encoder = make_encoder(library); encoder != nullptr && encoder->compress(variant, {}, empty) && empty.size() >= 2)
      headers.emplace_back(variant_number(variant), load_be<std::uint16_t>(empty.data()));
  return headers;
}
static const Headers& headers(Library library) {
  static const Headers kLibdeflate = headers_of(Library::libdeflate), kIsaL = headers_of(Library::isa_l), kZlibNg = headers_of(Library::zlib_ng);
  return library == Library::libdeflate ? kLibdeflate : library == Library::isa_l ? kIsaL : kZlibNg;
}

Fingerprinter::Fingerprinter() : zlib_(make_zlib()) {
  for (const Library library : {Library::libdeflate, Library::isa_l, Library::zlib_ng})
    if (!headers(library).empty()) others_.push_back({.encoder = make_encoder(library), .variants = headers(library)});
}

// What the model does not judge, zlib itself does: the usual memory level first.
void Fingerprinter::add_run(VariantSet& writers, bool level_0_alone) {
  for (const Variant& variant : ZlibModel::possible(parsed_).list(parsed_.header.window_bits))
    if ((!level_0_alone || variant.level == 0) && zlib_->reproduces(variant, parsed_.text(), parsed_.stream)) writers.add(variant);
}

void Fingerprinter::add_others(Other& other, const SetAside& aside, Found& found) {
  for (const auto& [number, header] : other.variants) {
    const Library library = variant_of(number).library;
    // zlib-ng writes smaller windows too; its FLEVEL is what tells.
    const bool fits = library == Library::zlib_ng ? (header >> 6 & 3) == parsed_.header.level_hint && found.window_bits >= 9 : header == found.header;
    if (!fits || (found.by_zlib && aside.has(number))) continue;
    found.asked.add(number);
    if (!other.encoder->reproduces(variant_of(number, found.window_bits), parsed_.text(), parsed_.stream)) {
      // Smaller level buffers end blocks sooner: no matter in a text that is smaller than the least of them.
      if (library != Library::isa_l || parsed_.size <= 1024) continue;
    } else {
      found.writers.add(number);
    }
    add_like(other, number, found);
  }
}

// What a library has beside its usual variants: level buffers, and for zlib-ng, where the usual one fits, memory levels and
// strategies.
void Fingerprinter::add_like(Other& other, unsigned number, Found& found) {
  const Variant usual = variant_of(number, found.window_bits);
  const auto ask = [&](Variant variant) {
    if (variant == usual || !other.encoder->reproduces(variant, parsed_.text(), parsed_.stream)) return;
    found.writers.add(variant);
  };
  if (usual.library == Library::isa_l && usual.level > 0)
    for (std::uint8_t buffer = 1; buffer <= 5; ++buffer) ask({usual.library, usual.level, buffer, usual.strategy, usual.window_bits});
  if (usual.library == Library::zlib_ng)
    for (std::uint8_t mem_level = 1; mem_level <= 9; ++mem_level)
      for (const Strategy strategy : {Strategy::standard, Strategy::filtered})
        ask({usual.library, usual.level, mem_level, strategy, usual.window_bits});
}

deflate::Fault Fingerprinter::judge(Bytes zlib, std::uint64_t size, const SetAside& aside, Found& found) {
  found = {};
  if (const deflate::Fault fault = parser_.parse(zlib, size, parsed_); fault != deflate::Fault::none) return fault;
  found.header = parsed_.header.cmf_flg;
  found.window_bits = parsed_.header.window_bits;
  if (parsed_.clean) found.writers = model_.writers(parsed_);
  if (!parsed_.clean || (parsed_.stored && parsed_.header.level_hint == 0)) add_run(found.writers, parsed_.clean);
  found.by_zlib = !found.writers.empty();
  for (Other& other : others_) add_others(other, aside, found);
  return deflate::Fault::none;
}

Encoder* Fingerprinter::encoder(Library library) {
  if (library == Library::zlib) return zlib_.get();
  for (Other& other : others_)
    if (variant_of(other.variants.front().first).library == library) return other.encoder.get();
  return nullptr;
}

VariantSet Fingerprinter::refuted(const VariantSet& writers, unsigned window_bits) {
  VariantSet wrong;
  for (const Variant& variant : writers.list(window_bits))
    if (!encoder(variant.library)->reproduces(variant, parsed_.text(), parsed_.stream)) wrong.add(variant);
  return wrong;
}

void Probation::add(const Fingerprinter::Found& found) {
  for (unsigned number = 0; number < kVariants; ++number) {
    asked_[number] += found.asked.has(number);
    wrote_[number] += found.writers.has(number);
  }
}

SetAside Probation::set_aside() const {
  SetAside aside;
  for (unsigned number = 0; number < kVariants; ++number)
    if (asked_[number] >= kEnough && wrote_[number] * kFew < asked_[number]) aside.add(number);
  return aside;
}

} // namespace packscope::encoders
