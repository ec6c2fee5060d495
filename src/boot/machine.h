// boot: the ladder's answers without an operating system: an image that a PVH loader starts, with a pack and its index as
// modules, and that prints what `packscope ast_classifier predict` prints. This file: the machine under it.
#pragma once

#include "base/bytes.h"

#include <string_view>

namespace packscope::boot {

// What the loader leaves in memory (Xen's public/arch-x86/hvm/start_info.h). Addresses are physical, and ours.
struct HvmStartInfo {
  std::uint32_t magic, version, flags, module_count;
  std::uint64_t modules, command_line, rsdp;
  // From version 1 on.
  std::uint64_t memory_map;
  std::uint32_t memory_map_entries, reserved;
};
struct HvmModule {
  std::uint64_t address, size, command_line, reserved;
};
struct HvmMemory {
  std::uint64_t address, size;
  std::uint32_t type, reserved; // type 1: RAM
};
inline constexpr std::uint32_t kHvmMagic = 0x336ec578, kHvmRam = 1;

// The largest piece of RAM below 4 GiB (that is what is mapped) which neither [image_begin, image_end) nor a module uses.
std::span<std::uint8_t> free_memory(const HvmStartInfo& info, std::uint64_t image_begin, std::uint64_t image_end);

// Hands out pieces of `memory`, zeroed; empty where none is left. Nothing is given back.
class Arena {
public:
  explicit Arena(std::span<std::uint8_t> memory) : rest_(memory) {}
  template <class T>
  std::span<T> take(std::size_t count, std::size_t alignment = alignof(T)) {
    const std::size_t skip = -reinterpret_cast<std::uintptr_t>(rest_.data()) & (alignment - 1);
    if (skip > rest_.size() || count > (rest_.size() - skip) / sizeof(T)) return {};
    T* at = reinterpret_cast<T*>(rest_.data() + skip);
    rest_ = rest_.subspan(skip + count * sizeof(T));
    for (std::size_t i = 0; i < count; ++i) new (at + i) T{};
    return {at, count};
  }

private:
  std::span<std::uint8_t> rest_;
};

// The first serial port (16550, COM1), 115,200 baud.
void start_serial();
void print(std::string_view text);
// Ends the machine by QEMU's isa-debug-exit (port 0xf4), whose exit status is then 2 * code + 1; else stands still.
[[noreturn]] void leave(unsigned code);

} // namespace packscope::boot
