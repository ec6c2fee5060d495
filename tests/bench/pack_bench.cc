// What tests/bench/packs.py measures and no command shows:
//   pack_bench inflate PACK…     the bound: every stream of the packs inflated by libdeflate alone, and copied once
//   pack_bench names PATH [--threads N]   the leaf name of every blob of all trees; one line an object, "ID NAME"
#include "pack/leaf_names.h"
#include "pack/repository.h"

#include <libdeflate.h>

#include <cstdio>
#include <cstdlib>
#include <string>

using namespace packscope;
using namespace packscope::pack;

namespace {

int fail_with(const Error& error) {
  std::fprintf(stderr, "pack_bench: %s\n", error.text().c_str());
  return 1;
}

int inflate(std::span<char*> paths) {
  libdeflate_decompressor* const decompressor = libdeflate_alloc_decompressor();
  std::vector<std::uint8_t> text, copy;
  std::uint64_t streams = 0, bytes = 0;
  for (const char* path : paths) {
    const Result<PackFile> pack = PackFile::open(path);
    if (!pack) return fail_with(pack.error());
    for (std::uint32_t entry = 0; entry < pack->entries().size(); ++entry) {
      const Outcome<EntryHeader> header = pack->header(entry);
      if (!header) return fail_with(header.error().error(path));
      const Bytes stream = pack->stream(*header, entry);
      if (text.size() < header->size) text.resize(header->size), copy.resize(header->size);
      if (libdeflate_zlib_decompress(decompressor, stream.data(), stream.size(), text.data(), header->size, nullptr) !=
          LIBDEFLATE_SUCCESS)
        return fail_with(Failure{Fault::stream, header->offset}.error(path));
      if (header->size > 0) std::memcpy(copy.data(), text.data(), header->size);
      ++streams;
      bytes += header->size;
    }
  }
  libdeflate_free_decompressor(decompressor);
  std::printf("%llu streams, %llu bytes\n", static_cast<unsigned long long>(streams), static_cast<unsigned long long>(bytes));
  return 0;
}

int names(const char* path, unsigned threads) {
  const Sources sources = find_sources({path});
  if (!sources.errors.empty()) return fail_with(sources.errors[0]);
  bool failed = false;
  for (const Source& source : sources.found) {
    Result<Repository> repository = Repository::open(source);
    if (!repository) return fail_with(repository.error());
    Store& store = repository->store();
    const LeafNames names = LeafNames::of(store, threads, std::uint64_t{64} << 20, [&](const Error& error) {
      fail_with(error);
      failed = true;
    });
    std::string line;
    const auto print = [&](Location at) {
      const std::string_view name = names.of(at);
      if (name.empty()) return;
      line = store.id_of(at)->hex();
      line.append(" ").append(name).append("\n");
      std::fwrite(line.data(), 1, line.size(), stdout);
    };
    for (std::uint32_t pack = 0; pack < store.packs().size(); ++pack)
      for (std::uint32_t entry = 0; entry < store.packs()[pack].entries().size(); ++entry) {
        store.packs()[pack].prefetch_id(entry + 16);
        print({pack, entry});
      }
    for (std::uint32_t index = 0; index < store.loose_count(); ++index) print({kLoose, index});
  }
  return failed;
}

} // namespace

int main(int count, char** arguments) {
  const std::span<char*> all(arguments, static_cast<std::size_t>(count));
  const std::string_view what = count > 2 ? all[1] : "";
  if (what == "inflate") return inflate(all.subspan(2));
  if (what == "names") return names(all[2], count > 4 ? static_cast<unsigned>(std::strtoul(all[4], nullptr, 10)) : 1);
  std::fprintf(stderr, "usage: pack_bench inflate PACK... | names PATH [--threads N]\n");
  return 2;
}
