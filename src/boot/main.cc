// The image's program: what the loader brought, the rung that its command line names, the answers, the end.
//
// Command line: [rung=NAME], by default the highest that is in the image. Exit code (see leave()): 0 all read, 1 something was
// not, 2 nothing could be begun.
#include "boot/answer.h"
#include "boot/line.h"
#include "boot/modules.h"
#include "learn/rung_stream.h"

#include <algorithm>

namespace packscope::boot {
namespace {

constexpr unsigned kOk = 0, kPartial = 1, kUnusable = 2;

[[noreturn]] void give_up(std::string_view what) {
  print(Line().text("packscope: ").text(what).end());
  leave(kUnusable);
}

std::string_view wanted_rung(const HvmStartInfo& info) {
  const char* text = reinterpret_cast<const char*>(info.command_line);
  if (text == nullptr) return {};
  const std::string_view line(text, __builtin_strnlen(text, 4096));
  constexpr std::string_view kOption = "rung=";
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    const std::string_view word = line.substr(at, end - at);
    if (word.starts_with(kOption)) return word.substr(kOption.size());
    at = end + 1;
  }
  return {};
}

extern "C" const std::uint8_t image_begin[], image_end[]; // image.ld
extern "C" const std::uint8_t boot_models[], boot_models_end[]; // models.cc

// The frozen network (learn/frozen.h) of the wanted rung, or the last one.
std::optional<learn::Frozen> find_network(std::string_view rung) {
  std::optional<learn::Frozen> found;
  for (Bytes rest(boot_models, boot_models_end); !rest.empty();) {
    std::optional<learn::Frozen> frozen = learn::Frozen::read(rest, learn::kStreamRungs);
    if (!frozen) break;
    rest = rest.subspan(frozen->size());
    if (rung.empty() || frozen->rung_name() == rung) found = frozen;
  }
  return found;
}

void run(const HvmStartInfo& info) {
  if (info.magic != kHvmMagic) give_up("the loader is no PVH loader");
  Modules modules;
  const auto* brought = reinterpret_cast<const HvmModule*>(info.modules);
  for (std::uint32_t i = 0; i < info.module_count; ++i)
    if (!add_module({reinterpret_cast<const std::uint8_t*>(brought[i].address), brought[i].size}, modules))
      print("packscope: a module's archive breaks off\n");
  if (modules.pack.empty()) give_up("no module is a pack");
  if (modules.index.empty()) give_up("no module is a pack index of version 2");
  const std::optional<learn::Frozen> frozen = find_network(wanted_rung(info));
  if (!frozen) give_up("this image has no weights for the rung that its command line names");
  const pack::Outcome<pack::IndexTables> index = pack::IndexTables::read(modules.index);
  if (!index) give_up(pack::describe(index.error().fault));
  Arena arena(free_memory(info, reinterpret_cast<std::uint64_t>(image_begin), reinterpret_cast<std::uint64_t>(image_end)));
  const std::span<WalkEntry> room = arena.take<WalkEntry>(index->size());
  if (room.size() != index->size()) give_up("no memory left for the pack's entries");
  const pack::Outcome<PackWalk> walk = PackWalk::open(modules.pack, *index, room);
  if (!walk) give_up(pack::describe(walk.error().fault));
  const std::uint64_t begin = __builtin_ia32_rdtsc();
  const Tally tally = answer_pack(*walk, frozen->network(learn::cpu::kernels(learn::cpu::Level::baseline)), frozen->labels(), arena,
                                  print, print);
  const std::uint64_t ticks = __builtin_ia32_rdtsc() - begin;
  print(Line().text("packscope: ").number(tally.blobs).text(" blobs, ").number(tally.streams).text(" streams read, ")
            .number(tally.errors).text(" errors, ").number(ticks).text(" ticks").end());
  leave(tally.errors == 0 ? kOk : kPartial);
}

} // namespace
} // namespace packscope::boot

extern "C" [[noreturn]] void boot_main(const packscope::boot::HvmStartInfo* info) {
  packscope::boot::start_serial();
  packscope::boot::run(*info);
  packscope::boot::leave(2);
}
