// Which memory is free, as the loader's map tells it.
#include "boot/machine.h"

#include <algorithm>

namespace packscope::boot {

std::span<std::uint8_t> free_memory(const HvmStartInfo& info, std::uint64_t image_begin, std::uint64_t image_end) {
  constexpr std::uint64_t kMapped = std::uint64_t{1} << 32;
  constexpr std::size_t kMost = 64; // modules looked at; memory behind further ones is not used
  if (info.version < 1) return {};
  const auto* ranges = reinterpret_cast<const HvmMemory*>(info.memory_map);
  const auto* modules = reinterpret_cast<const HvmModule*>(info.modules);
  const std::size_t module_count = std::min<std::size_t>(info.module_count, kMost);
  std::uint64_t best = 0, best_size = 0;
  for (std::size_t i = 0; i < info.memory_map_entries; ++i) {
    if (ranges[i].type != kHvmRam) continue;
    const std::uint64_t end = std::min(kMapped, ranges[i].address + ranges[i].size);
    // From each thing's end to the next thing's beginning. Below 1 MiB firmware and loader keep their own.
    for (std::uint64_t at = std::max<std::uint64_t>(ranges[i].address, 1 << 20); at < end;) {
      std::uint64_t until = end, behind = end;
      const auto used = [&](std::uint64_t from, std::uint64_t to) {
        if (to <= at || from >= until) return;
        until = std::max(at, from);
        behind = to;
      };
      used(image_begin, image_end);
      for (std::size_t m = 0; m < module_count; ++m) used(modules[m].address, modules[m].address + modules[m].size);
      if (until - at > best_size) best = at, best_size = until - at;
      at = std::max(behind, at + 1);
    }
  }
  return {reinterpret_cast<std::uint8_t*>(best), best_size};
}

} // namespace packscope::boot
