// Manifests of a scope, found by name in its trees (or by content, where no tree names a blob), read and parsed.
//
// What pack2cargo, pack2nix and pack2gitmodules share. Only blobs that are manifests are resolved; the trees above
// them are read once each. Texts are parsed on all threads, a bounded batch at a time, and taken in order.
#pragma once

#include "base/on_threads.h"
#include "deps/manifest.h"
#include "tools/command.h"

#include <functional>
#include <span>

namespace packscope::tools {

struct Manifest {
  std::optional<pack::Location> at; // where the walk came by; else `id` is known
  std::optional<pack::ObjectId> id;
  std::string path;                                        // empty: no tree names it; it was recognised by its content
  std::optional<pack::ObjectId> tree;                      // a root tree that has it at `path`: the first one met
  std::optional<pack::ObjectId> first_commit, last_commit; // --history

  std::string_view file_name() const { return std::string_view(path).substr(path.rfind('/') + 1); } // npos + 1 == 0
};

struct ManifestKind {
  std::span<const std::string_view> names;   // "Cargo.toml"
  bool (*looks_like)(std::string_view text); // for a blob that no tree names
};

// --rev and --tips: by path; --history: by the first commit that has it, then by path; --all-objects: in pack order, an
// object once. What cannot be read goes to `report`.
std::vector<Manifest> find_manifests(pack::Repository& repository, const ReadOptions& options, const ManifestKind& kind,
                                     Report& report);

// {"repo" or "pack", "object", "path", and for a history "first_commit", "last_commit".
void begin_manifest_record(JsonWriter& json, const pack::Repository& repository, const Manifest& manifest);
// "repo:path" for people, of a history with the first and the last commit.
std::string manifest_title(const pack::Repository& repository, const Manifest& manifest);
// Of one: the fields of its record, and its lines for people.
struct ManifestText {
  std::function<void(JsonWriter&)> fields;
  std::function<void(std::string&)> lines; // printable
};
using ShowManifest = std::function<void(const Manifest&, const ManifestText&)>;
// A command of one kind, whole: `each` shows all manifests of a repository. Returns the exit code.
int print_manifests(const ReadOptions& options, const ManifestKind& kind,
                    const std::function<void(pack::Repository&, Report&, const ShowManifest&)>& each);
// The error of one manifest, which names repository, object and path.
Error manifest_error(const pack::Repository& repository, const Manifest& manifest, const Error& error);
// A text that is too large is refused by its stated size, before it is resolved.
Result<pack::ObjectPtr> read_manifest(pack::Repository& repository, const Manifest& manifest);
// Some from the beginning of `manifests`, on all threads: as many as a batch holds, at least one.
std::vector<Result<pack::ObjectPtr>> read_batch(pack::Repository& repository, const ReadOptions& options,
                                                std::span<const Manifest> manifests);

// Paths looked up in trees: what stands beside a manifest.
class Siblings {
public:
  explicit Siblings(pack::Store& store) : store_(store) {}
  struct Found {
    std::uint32_t mode;
    pack::ObjectId id;
  };
  std::optional<Found> find(const pack::ObjectId& tree, std::string_view path);

private:
  pack::Store& store_;
};

// One of the kinds of records that a command has, as the variant of all of them.
template <class Any, class One>
Result<Any> as_any(Result<One>&& parsed) {
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  return Any(std::move(*parsed));
}

// Calls parse(manifest, text) → Result<Parsed> on any thread, and take(manifest, Parsed) on this one, in order.
// A text that was only recognised by its content and then does not parse is no manifest, and no error.
template <class Parsed, class Parse, class Take>
void parse_manifests(pack::Repository& repository, const ReadOptions& options, std::span<const Manifest> manifests,
                     Report& report, Parse parse, Take take) {
  constexpr std::size_t kWorthAThread = 32 << 10;
  Progress progress("manifests", manifests.size(), "manifests", options.progress());
  for (std::size_t begin = 0; begin < manifests.size();) {
    const std::vector<Result<pack::ObjectPtr>> texts = read_batch(repository, options, manifests.subspan(begin));
    std::size_t bytes = 0;
    for (const Result<pack::ObjectPtr>& text : texts) bytes += text ? (*text)->data.size() : 0;
    std::vector<std::optional<Result<Parsed>>> parsed(texts.size());
    Share share(texts.size());
    on_threads(share.threads(static_cast<unsigned>(std::min<std::size_t>(options.threads, 1 + bytes / kWorthAThread))), [&] {
      for (std::size_t i; share.take(i);) {
        if (!texts[i]) continue;
        try {
          parsed[i].emplace(parse(manifests[begin + i], as_text((*texts[i])->data)));
        } catch (const std::exception& error) { // no memory
          parsed[i].emplace(fail(error.what()));
        }
      }
    });
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const Manifest& manifest = manifests[begin + i];
      if (!texts[i])
        report.error(manifest_error(repository, manifest, texts[i].error()));
      else if (*parsed[i])
        take(manifest, std::move(**parsed[i]));
      else if (!manifest.path.empty())
        report.error(manifest_error(repository, manifest, parsed[i]->error()));
    }
    begin += texts.size();
    progress.advance(texts.size());
  }
}

} // namespace packscope::tools
