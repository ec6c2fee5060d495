// Ports, and the few functions of the C library that a compiler, or a header, may call of its own accord.
#include "boot/machine.h"

namespace packscope::boot {
namespace {

constexpr std::uint16_t kSerial = 0x3f8, kDebugExit = 0xf4;

void out(std::uint16_t port, std::uint8_t value) { asm volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }
std::uint8_t in(std::uint16_t port) {
  std::uint8_t value;
  asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

void put(char byte) {
  while ((in(kSerial + 5) & 0x20) == 0) {} // the transmitter's register is empty
  out(kSerial, static_cast<std::uint8_t>(byte));
}

} // namespace

void start_serial() {
  out(kSerial + 1, 0);    // no interrupts
  out(kSerial + 3, 0x80); // divisor 1: 115,200 baud
  out(kSerial + 0, 1);
  out(kSerial + 1, 0);
  out(kSerial + 3, 0x03); // 8 bits, no parity, 1 stop bit
  out(kSerial + 2, 0xc7); // FIFOs on and empty
}

void print(std::string_view text) {
  for (const char byte : text) put(byte);
}

void leave(unsigned code) {
  out(kDebugExit, static_cast<std::uint8_t>(code));
  for (;;) asm volatile("cli; hlt");
}

} // namespace packscope::boot

// -fno-tree-loop-distribute-patterns (meson.build) keeps these loops from becoming calls of themselves.
extern "C" {

void* memcpy(void* __restrict to, const void* __restrict from, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) static_cast<char*>(to)[i] = static_cast<const char*>(from)[i];
  return to;
}
void* memmove(void* to, const void* from, std::size_t count) {
  char* out = static_cast<char*>(to);
  const char* in = static_cast<const char*>(from);
  if (out <= in)
    for (std::size_t i = 0; i < count; ++i) out[i] = in[i];
  else
    while (count-- > 0) out[count] = in[count];
  return to;
}
void* memset(void* to, int value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) static_cast<char*>(to)[i] = static_cast<char>(value);
  return to;
}
int memcmp(const void* a, const void* b, std::size_t count) {
  const auto *left = static_cast<const unsigned char*>(a), *right = static_cast<const unsigned char*>(b);
  for (std::size_t i = 0; i < count; ++i)
    if (left[i] != right[i]) return left[i] < right[i] ? -1 : 1;
  return 0;
}

void* memchr(const void* in, int value, std::size_t count) {
  for (const char* at = static_cast<const char*>(in); count-- > 0; ++at)
    if (*at == static_cast<char>(value)) return const_cast<char*>(at);
  return nullptr;
}
std::size_t strnlen(const char* text, std::size_t most) {
  std::size_t length = 0;
  while (length < most && text[length] != 0) ++length;
  return length;
}

} // extern "C"
