// One walk over the trees finds all kinds of manifests; each is parsed unless its facts are known; see graph_manifests.h.
//
// Facts are known by the object, and for two kinds by what stands around it: a member of a workspace inherits from a
// root in the same tree, submodules have their commits there and may be relative to the repository's origin.
#include "tools/graph_manifests.h"

#include "deps/flake.h"
#include "deps/url.h"
#include "deps/url_scan.h"
#include "tools/manifest_context.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace packscope::tools {

namespace {

using Kind = deps::ManifestKind;
using deps::CargoManifest;

bool looks_like_any(std::string_view text) {
  return deps::looks_like_cargo(text) || deps::looks_like_flake_lock(text) || deps::looks_like_flake(text) ||
         deps::looks_like_gitmodules(text);
}
constexpr std::string_view kAnyName[] = {"Cargo.toml", "Cargo.lock", "flake.nix", "flake.lock", ".gitmodules"};
constexpr Kind kKinds[] = {Kind::cargo, Kind::cargo_lock, Kind::flake, Kind::flake_lock, Kind::gitmodules};
constexpr ManifestKind kAny = {kAnyName, looks_like_any};

Kind kind_of(const Manifest& manifest, std::string_view text) {
  for (std::size_t i = 0; i < std::size(kAnyName); ++i)
    if (manifest.file_name() == kAnyName[i]) return kKinds[i];
  if (deps::looks_like_gitmodules(text)) return Kind::gitmodules;
  if (deps::looks_like_cargo(text)) return text.find("[[package]]") != text.npos ? Kind::cargo_lock : Kind::cargo;
  return deps::looks_like_flake_lock(text) ? Kind::flake_lock : Kind::flake;
}

std::uint64_t bytes_of(const deps::ManifestUse& use) {
  std::uint64_t bytes = sizeof use + use.key.object.size() + use.key.context.size() + use.path.size() + use.error.size();
  if (!use.facts) return bytes;
  for (const deps::GraphEdge& edge : use.facts->edges) bytes += sizeof edge + edge.to.size() + edge.req.size();
  for (const std::string& mention : use.facts->mentions) bytes += sizeof mention + mention.size();
  return bytes;
}

using Uses = std::vector<deps::ManifestUse>;

class Repository {
public:
  Repository(pack::Repository& repository, const GraphOptions& options, deps::KnownManifests& known, std::string origin,
             Report& report, std::function<void(Uses)> early)
      : repository_(repository), options_(options), known_(known), origin_(std::move(origin)), report_(report),
        early_(std::move(early)), siblings_(repository.store()), roots_(repository, kMostRoots) {}

  Uses run() {
    for (const Manifest& manifest : find_manifests(repository_, options_.read, kAny, report_)) {
      hand_over();
      one(manifest);
    }
    if (options_.urls) urls();
    return std::move(uses_);
  }

private:
  // Where enough is there. Never with a claim: whoever takes the parts may be waiting for another's facts.
  void hand_over() {
    for (; counted_ < uses_.size(); ++counted_) bytes_ += bytes_of(uses_[counted_]);
    if (bytes_ < options_.read.memory / 8) return;
    early_(std::exchange(uses_, {}));
    counted_ = bytes_ = 0;
  }

  void one(const Manifest& manifest) {
    deps::ManifestUse use = {
        .key = {.object = manifest.id ? manifest.id->hex() : "", .kind = Kind::cargo, .context = {}},
        .path = manifest.path,
        .facts = {},
        .error = {}};
    std::optional<deps::KnownManifests::Claim> claim;
    // Where the name tells the kind and nothing around counts, a known one is not even inflated.
    if (!manifest.path.empty()) {
      use.key.kind = kind_of(manifest, {});
      if (use.key.kind == Kind::gitmodules) use.key.context = place(manifest) + origin_;
      if (use.key.kind != Kind::cargo && !claimed(claim, use)) return;
    }
    const Result<pack::ObjectPtr> object = read_manifest(repository_, manifest);
    if (!object) return unread(std::move(use), object.error());
    const std::string_view text = as_text((*object)->data);
    if (manifest.path.empty()) use.key.kind = kind_of(manifest, text);
    if (use.key.kind == Kind::cargo && text.find("workspace") != text.npos) use.key.context = place(manifest);
    if ((manifest.path.empty() || use.key.kind == Kind::cargo) && !claimed(claim, use)) return;
    const Result<std::string> record = parse(manifest, use.key.kind, text);
    claim->fulfil(); // what does not parse here does nowhere
    if (!record) return fail(std::move(use), record.error());
    use.facts = deps::facts_of(use.key.kind, nlohmann::json::parse(*record, nullptr, false));
    uses_.push_back(std::move(use));
  }

  // False: its facts are known, and the use is noted.
  bool claimed(std::optional<deps::KnownManifests::Claim>& claim, deps::ManifestUse& use) {
    if (std::optional<deps::KnownManifests::Claim> got = known_.claim(use.key))
      claim.emplace(std::move(*got));
    else
      uses_.push_back(std::move(use));
    return claim.has_value();
  }
  void unread(deps::ManifestUse use, const Error& error) {
    use.unread = error.text();
    uses_.push_back(std::move(use));
  }
  void fail(deps::ManifestUse use, const Error& error) {
    use.error = error.text();
    uses_.push_back(std::move(use)); // a nameless text that does not parse is none, and nobody's error
    if (uses_.back().path.empty()) uses_.back().error.clear();
  }

  std::string place(const Manifest& manifest) const {
    return manifest.tree ? manifest.tree->hex() + ":" + manifest.path : std::string();
  }

  // The fields of CONTRACT's record.
  Result<std::string> parse(const Manifest& manifest, Kind kind, std::string_view text) {
    switch (kind) {
    case Kind::cargo: {
      Result<CargoManifest> parsed = deps::parse_cargo_manifest(text);
      if (parsed && parsed->inherits()) roots_.inherit(manifest, *parsed);
      return written(parsed);
    }
    case Kind::cargo_lock: return written(deps::parse_cargo_lock(text));
    case Kind::flake: {
      const Result<deps::Flake> parsed = deps::parse_flake(text);
      if (manifest.path.empty() && parsed && !parsed->has_outputs) return packscope::fail("no flake"); // any other set
      return written(parsed);
    }
    case Kind::flake_lock: return written(deps::parse_flake_lock(text));
    default: return submodules(manifest, text);
    }
  }
  template <class Parsed>
  static Result<std::string> written(const Result<Parsed>& parsed) {
    if (!parsed) return std::unexpected(parsed.error());
    JsonWriter json;
    json.begin_object();
    write_fields(json, *parsed);
    return json.end_object().take_line();
  }

  Result<std::string> submodules(const Manifest& manifest, std::string_view text) {
    Result<std::vector<deps::Submodule>> parsed = deps::parse_gitmodules(text);
    if (!parsed) return std::unexpected(parsed.error());
    complete_submodules(manifest, origin_, siblings_, *parsed);
    return written(parsed);
  }

  void urls() {
    Result<deps::UrlScanner> scanner = deps::UrlScanner::create();
    if (!scanner) return report_.error(scanner.error());
    using Shorthands = deps::UrlScanner::Shorthands;
    repository_.for_each_blob(
        options_.read.scope(),
        [&](const pack::BlobPath& blob) {
          hand_over();
          const Shorthands shorthands = blob.path.empty()                 ? Shorthands::quoted
                                        : deps::has_shorthands(blob.path) ? Shorthands::all
                                                                          : Shorthands::none;
          deps::ManifestUse use = {.key = {.object = blob.id.hex(),
                                           .kind = Kind::urls,
                                           .context = std::to_string(static_cast<int>(shorthands))},
                                   .path = blob.path,
                                   .facts = {},
                                   .error = {}};
          std::optional<deps::KnownManifests::Claim> claim;
          if (!claimed(claim, use)) return;
          const pack::Outcome<pack::ObjectPtr> object = repository_.store().read(blob.at);
          if (!object) return unread(std::move(use), repository_.store().error(blob.at, object.error()));
          claim->fulfil();
          if (deps::is_binary((*object)->data)) return;
          deps::ManifestFacts facts;
          const Result<void> scanned =
              scanner->scan(as_text((*object)->data), shorthands, [&](const deps::FoundUrl& url) {
                facts.mentions.push_back(deps::purl_of(url.normalized));
              });
          std::ranges::sort(facts.mentions);
          facts.mentions.erase(std::ranges::unique(facts.mentions).begin(), facts.mentions.end());
          if (!scanned) report_.error(scanned.error());
          use.facts = std::move(facts);
          uses_.push_back(std::move(use));
        },
        [&](const Error& error) { report_.error(error); });
  }

  static constexpr std::size_t kMostRoots = 128; // of each thread's repository

  pack::Repository& repository_;
  const GraphOptions& options_;
  deps::KnownManifests& known_;
  const std::string origin_;
  Report& report_;
  const std::function<void(Uses)> early_;
  Siblings siblings_;
  WorkspaceRoots roots_;
  Uses uses_;
  std::size_t counted_ = 0; // of uses_, in bytes_
  std::uint64_t bytes_ = 0;
};

} // namespace

deps::RepositoryFacts read_manifests_of(const pack::Source& source, const GraphOptions& options, deps::KnownManifests& known,
                                        const std::function<void(deps::RepositoryFacts)>& early) {
  deps::RepositoryFacts facts = {
      .name = source.name, .path = source.path, .url = {}, .fingerprint = {}, .errors = {}, .manifests = {}};
  Report report;
  report.quiet = true;
  report.sink = [&facts](const Error& error) { facts.errors += error.text() + "\n"; };
  std::string origin = origin_of(source);
  facts.url = deps::normalize_url(origin).value_or(deps::url_of_name(source.name));
  Result<pack::Repository> repository = pack::Repository::open(source, options.read.store_options());
  if (!repository) {
    report.error(repository.error());
    return facts;
  }
  std::size_t told = 0;
  const auto tell = [&] {
    for (const std::vector<Error>& met = repository->store().errors_met(); told < met.size(); ++told)
      report.error(met[told]);
  };
  tell();
  if (options.read.verbose)
    repository->name_missing([&facts](const Error& lacking) { facts.lacking += lacking.text() + "\n"; });
  const auto part = [&](Uses uses) {
    early({.name = facts.name, .path = facts.path, .url = facts.url, .fingerprint = {}, .errors = {},
           .manifests = std::move(uses), .continues = facts.continues, .more = true});
    facts.continues = true;
  };
  facts.manifests = Repository(*repository, options, known, std::move(origin), report, part).run();
  tell();
  facts.lacks = repository->missing();
  return facts;
}

} // namespace packscope::tools
