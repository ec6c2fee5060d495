// Reading what find_manifests found, and naming it; see manifests.h. The walks are in manifest_walk.cc.
#include "tools/manifests.h"

#include "base/text.h"

namespace packscope::tools {

void begin_manifest_record(JsonWriter& json, const pack::Repository& repository, const Manifest& manifest) {
  begin_record(json, repository.source());
  object_field(json, manifest.id);
  if (manifest.path.empty())
    json.null_field("path");
  else
    json.path_field("path", manifest.path);
  if (manifest.first_commit) json.field("first_commit", manifest.first_commit->hex());
  if (manifest.last_commit) json.field("last_commit", manifest.last_commit->hex());
}

std::string manifest_title(const pack::Repository& repository, const Manifest& manifest) {
  const std::string what = !manifest.path.empty() ? manifest.path : manifest.id ? manifest.id->hex() : "?";
  const std::string title = printable(repository.source().name + ":" + what);
  if (!manifest.first_commit || !manifest.last_commit) return title;
  constexpr std::size_t kShort = 12;
  return title + "  " + manifest.first_commit->hex().substr(0, kShort) + ".." + manifest.last_commit->hex().substr(0, kShort);
}

int print_manifests(const ReadOptions& options, const ManifestKind& kind,
                    const std::function<void(pack::Repository&, Report&, const ShowManifest&)>& each) {
  Report report;
  report.quiet = options.quiet;
  Output output;
  bool any = false;
  for_each_repository(options, report, [&](pack::Repository& repository) {
    each(repository, report, [&](const Manifest& manifest, const ManifestText& write) {
      any = true;
      if (options.json) {
        JsonWriter json;
        begin_manifest_record(json, repository, manifest);
        write.fields(json);
        return output.line(json.end_object());
      }
      std::string text = manifest_title(repository, manifest);
      write.lines(text);
      output.write(text);
    });
  }, Packs::as_needed);
  if (!any && report.errors() == 0) { // said, so that silence means nothing else
    std::string names;
    for (const std::string_view name : kind.names) names += (names.empty() ? "" : " or ") + std::string(name);
    report.note("no " + names + " found");
  }
  output.finish(report);
  return report.exit_code();
}

Error manifest_error(const pack::Repository& repository, const Manifest& manifest, const Error& error) {
  std::string what = manifest.id ? "object " + manifest.id->hex() : "object";
  if (!manifest.path.empty()) what += ", path '" + manifest.path + "'";
  return {.what = what + ": " + error.text(), .file = repository.source().path};
}

Result<pack::ObjectPtr> read_manifest(pack::Repository& repository, const Manifest& manifest) {
  pack::Store& store = repository.store();
  if (manifest.id && !manifest.at)
    if (pack::ObjectPtr object = store.peek(*manifest.id, deps::kMaxManifest); object && object->type == pack::ObjectType::blob)
      return object;
  const std::optional<pack::Location> at = manifest.at ? manifest.at : store.find(*manifest.id);
  if (!at) return fail("object " + manifest.id->hex() + " is missing");
  const pack::Outcome<std::uint64_t> size = store.size_of(*at);
  if (size && *size > deps::kMaxManifest)
    return fail("a manifest of " + std::to_string(*size) + " bytes is above the limit of " +
                std::to_string(deps::kMaxManifest));
  const pack::Outcome<pack::ObjectPtr> object = store.read(*at);
  if (!object) return std::unexpected(store.error(*at, object.error()));
  if ((*object)->type != pack::ObjectType::blob) return fail("no blob, though a tree says so");
  return *object;
}

std::vector<Result<pack::ObjectPtr>> read_batch(pack::Repository& repository, const ReadOptions& options,
                                                std::span<const Manifest> manifests) {
  constexpr std::size_t kBatchCount = 256;
  const std::uint64_t most_bytes = std::max<std::uint64_t>(deps::kMaxManifest, options.memory / 8);
  // Versions of one manifest make long chains; those of one revision are short work, less than starting a thread takes.
  constexpr std::size_t kManyOfRevision = 4096;
  const unsigned threads = options.history || manifests.size() > kManyOfRevision ? options.threads : 1;
  manifests = manifests.first(std::min(manifests.size(), kBatchCount));
  std::vector<pack::ObjectId> ids;
  for (const Manifest& one : manifests)
    if (one.id && !one.at) ids.push_back(*one.id);
  const std::vector<pack::ObjectPtr> read =
      ids.size() == manifests.size() ? repository.store().peek(ids, deps::kMaxManifest, most_bytes, threads)
                                     : std::vector<pack::ObjectPtr>(manifests.size());
  std::vector<Result<pack::ObjectPtr>> texts;
  std::uint64_t bytes = 0; // an object is counted each time: the same one under many paths ends a batch early, no more
  for (std::size_t i = 0; i < manifests.size() && bytes < most_bytes; ++i) {
    const bool good = read[i] && read[i]->type == pack::ObjectType::blob;
    texts.push_back(good ? Result<pack::ObjectPtr>(read[i]) : read_manifest(repository, manifests[i]));
    if (texts.back()) bytes += (*texts.back())->data.size();
  }
  return texts;
}

std::optional<Siblings::Found> Siblings::find(const pack::ObjectId& tree, std::string_view path) {
  Found found = {0040000, tree};
  while (!path.empty()) {
    if (!pack::is_tree(found.mode)) return std::nullopt;
    const Result<pack::ObjectPtr> object = store_.read(found.id); // errors were the walk's to report
    if (!object || (*object)->type != pack::ObjectType::tree) return std::nullopt;
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view wanted = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    pack::TreeReader reader((*object)->data, found.id.kind);
    bool met = false;
    for (pack::TreeEntry entry; !met && reader.next(entry);) {
      met = entry.name == wanted;
      if (met) found = {entry.mode, entry.id};
    }
    if (!met) return std::nullopt;
  }
  return found;
}

} // namespace packscope::tools
