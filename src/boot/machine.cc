// The two ports that the image speaks to.
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
