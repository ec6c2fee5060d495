// Texts and the streams that encoders make of them.
#pragma once

#include "encoders/encoder.h"

#include <random>
#include <string>

namespace packscope::test {

inline std::string words(std::size_t size, std::uint64_t seed) {
  static constexpr const char* kWords[] = {"int ", "return ", "const ", "value", "index", "(", ")", ";\n  ", " = ", "{\n    ",
                                           "}\n", "std::", "size", "if (", " < ", "0", "// the ", "->", "::", "#include <"};
  std::mt19937_64 random(seed);
  std::string text;
  while (text.size() < size) {
    if (random() % 5 == 0) text += std::to_string(random() % 10000);
    else if (random() % 9 == 0) text += static_cast<char>('a' + random() % 26);
    else text += kWords[random() % std::size(kWords)];
  }
  text.resize(size);
  return text;
}

inline std::string noise(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// Of many kinds and sizes: words, noise, one byte, few bytes, and mixtures that make zlib store some blocks.
inline std::string any_text(std::mt19937_64& random) {
  const std::size_t size = random() % 4 == 0 ? random() % 200 : random() % 6 == 0 ? random() % 90000 : random() % 6000;
  std::string text;
  switch (random() % 6) {
  case 0: text = noise(size, random()); break;
  case 1: text = std::string(size, 'a'); break;
  case 2:
    text = noise(size, random());
    for (char& byte : text) byte = static_cast<char>(byte & 7);
    break;
  case 3:
    while (text.size() < size) text += noise(random() % 20000, random()) + words(random() % 20000, random());
    break;
  case 4:
    while (text.size() < size) text += std::string(random() % 20, ' ') + words(random() % 30, random() % 50);
    break;
  default: text = words(size, random());
  }
  text.resize(size);
  return text;
}

using Buffer = std::vector<std::uint8_t>;
inline Buffer encode(encoders::Encoder& encoder, const encoders::Variant& variant, const std::string& text) {
  Buffer out;
  if (!encoder.compress(variant, as_bytes(text), out)) throw std::runtime_error("compress");
  return out;
}

} // namespace packscope::test
