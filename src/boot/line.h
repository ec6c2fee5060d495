// A line of text in room of its own, without a heap: what does not fit is cut.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace packscope::boot {

class Line {
public:
  Line& text(std::string_view text, std::size_t width = 0) { // padded to `width` with spaces
    for (const char c : text) put(c);
    for (std::size_t i = text.size(); i < width; ++i) put(' ');
    return *this;
  }
  Line& number(std::uint64_t value) {
    char digits[20];
    std::size_t at = sizeof digits;
    do digits[--at] = static_cast<char>('0' + value % 10);
    while ((value /= 10) != 0);
    return text({digits + at, sizeof digits - at});
  }
  // In [0, 1], as printf's %.3f has it: the product is exact (24 + 10 bits), and adding 2^52 rounds half to even, as printf.
  Line& share(float value) {
    const double rounded = static_cast<double>(value) * 1000.0 + 0x1p52;
    const std::uint64_t thousandths = static_cast<std::uint64_t>(rounded - 0x1p52);
    number(thousandths / 1000).put('.');
    put(static_cast<char>('0' + thousandths / 100 % 10));
    put(static_cast<char>('0' + thousandths / 10 % 10));
    put(static_cast<char>('0' + thousandths % 10));
    return *this;
  }
  Line& hex(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes) {
      put("0123456789abcdef"[byte >> 4]);
      put("0123456789abcdef"[byte & 15]);
    }
    return *this;
  }
  std::string_view end() { // with its line feed, for which there is always room
    text_[size_] = '\n';
    return {text_, size_ + 1};
  }

private:
  void put(char c) {
    if (size_ + 1 < sizeof text_) text_[size_++] = c;
  }
  char text_[256];
  std::size_t size_ = 0;
};

} // namespace packscope::boot
