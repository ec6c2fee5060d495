// read_manifests SCOPE PATH NAME…: all that pack2cargo, pack2nix and pack2gitmodules do but for the parsing: finds the
// manifests of that name and reads their text. Prints how many, and their bytes, which manifests.py compares with git's.
#include "base/memory.h"
#include "tools/manifests.h"

#include <cstdio>
#include <set>

using namespace packscope;
using namespace packscope::tools;

int main(int argc, char** argv) {
  if (argc < 4) return std::fputs("usage: read_manifests REV|--history PATH NAME...\n", stderr), kExitUsage;
  keep_freed_memory(); // as main() does
  const std::string scope = argv[1];
  ReadOptions options;
  options.paths = {argv[2]};
  options.threads = std::max(1u, std::thread::hardware_concurrency());
  if (scope == "--history")
    options.history = true;
  else
    options.revisions = {scope};
  const std::vector<std::string_view> names(argv + 3, argv + argc);
  const ManifestKind kind = {names, [](std::string_view) { return false; }};
  Report report;
  std::uint64_t count = 0, bytes = 0;
  for_each_repository(options, report, [&](pack::Repository& repository) {
    std::vector<Manifest> found = find_manifests(repository, options, kind, report);
    std::set<pack::ObjectId> seen; // git cat-file is given each object of a history once
    if (options.history) std::erase_if(found, [&seen](const Manifest& one) { return !seen.insert(*one.id).second; });
    for (std::size_t begin = 0; begin < found.size();) {
      const std::vector<Result<pack::ObjectPtr>> texts = read_batch(repository, options, std::span(found).subspan(begin));
      begin += texts.size();
      for (const Result<pack::ObjectPtr>& text : texts) {
        if (!text) {
          report.error(text.error());
          continue;
        }
        ++count;
        bytes += (*text)->data.size();
      }
    }
  }, Packs::as_needed);
  std::printf("%llu manifests, %llu bytes\n", static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(bytes));
  return report.exit_code();
}
