// packscope pack2cargo: what every Cargo.toml and Cargo.lock of a scope says.
//
// Members of a workspace inherit from a root that stands in the same tree; roots are parsed once for all their members.
#include "tools/commands.h"
#include "tools/manifest_context.h"

#include "base/text.h"

#include <cstdio>
#include <variant>

namespace packscope::tools {
namespace {

using deps::CargoDependency;
using deps::CargoManifest;
using CargoLock = std::vector<deps::CargoLocked>;
using CargoFile = std::variant<CargoManifest, CargoLock>;

constexpr std::string_view kCargoNames[] = {"Cargo.toml", "Cargo.lock"};
constexpr ManifestKind kCargo = {kCargoNames, deps::looks_like_cargo};

Result<CargoFile> parse_cargo(const Manifest& manifest, std::string_view text) {
  const bool lock = manifest.path.empty() ? text.contains("[[package]]") : manifest.file_name() == "Cargo.lock";
  if (lock) return as_any<CargoFile>(deps::parse_cargo_lock(text));
  return as_any<CargoFile>(deps::parse_cargo_manifest(text));
}

void each_cargo_file(pack::Repository& repository, const ReadOptions& options, Report& report,
                   const std::function<void(const Manifest&, const CargoFile&)>& take) {
  const std::vector<Manifest> found = find_manifests(repository, options, kCargo, report);
  constexpr std::size_t kMostRoots = 512;
  WorkspaceRoots roots(repository, kMostRoots);
  parse_manifests<CargoFile>(repository, options, found, report, parse_cargo, [&](const Manifest& manifest, CargoFile&& parsed) {
    if (CargoManifest* one = std::get_if<CargoManifest>(&parsed)) roots.inherit(manifest, *one);
    take(manifest, parsed);
  });
}

std::string source_text(const CargoDependency& one) {
  std::string text(name(one.source));
  if (one.git) text += " " + *one.git;
  for (const auto& [what, part] :
       {std::pair("branch", &one.branch), std::pair("tag", &one.tag), std::pair("rev", &one.rev)})
    if (*part) text += std::string(" ") + what + " " + **part;
  if (one.path) text += " " + *one.path;
  if (one.registry) text += " " + *one.registry;
  if (one.package != one.name) text += ", is " + one.package;
  if (one.optional) text += ", optional";
  if (one.default_features == false) text += ", no default features";
  for (std::size_t i = 0; i < one.features.size(); ++i) text += (i == 0 ? " +" : ",") + one.features[i];
  if (one.target) text += ", on " + *one.target;
  return text;
}

void print(const CargoManifest& manifest, std::string& out) {
  if (manifest.package) out += "  " + manifest.name + " " + manifest.version.value_or("without version");
  if (manifest.workspace) out += "  workspace of " + std::to_string(manifest.workspace->members.size()) + " members";
  out += "\n";
  const auto line = [&out](const CargoDependency& one, std::string_view kind) {
    char columns[160];
    std::snprintf(columns, sizeof columns, "  %-7.20s %-24.60s %-12.40s ", std::string(kind).c_str(), one.name.c_str(),
                  one.req.c_str());
    out += columns + source_text(one) + "\n";
  };
  for (const CargoDependency& one : manifest.dependencies) line(one, name(one.kind));
  for (const deps::CargoOverride& one : manifest.patch) line(one.by, "patch");
  for (const deps::CargoOverride& one : manifest.replace) line(one.by, "replace");
}

void print(const CargoLock& lock, std::string& out) {
  out += "  " + human_count(lock.size()) + " packages\n";
  for (const deps::CargoLocked& one : lock)
    out += "  " + one.name + " " + one.version + "  " + one.source.value_or("path") + "\n";
}

std::string printable_lines(const std::string& text) {
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    out += printable(std::string_view(text).substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
  return out;
}

int run_pack2cargo(const ReadOptions& options) {
  return print_manifests(options, kCargo, [&](pack::Repository& repository, Report& report, const ShowManifest& show) {
    each_cargo_file(repository, options, report, [&](const Manifest& manifest, const CargoFile& parsed) {
      show(manifest, {[&](JsonWriter& json) { std::visit([&json](const auto& one) { write_fields(json, one); }, parsed); },
                     [&](std::string& text) {
                       std::string own;
                       std::visit([&own](const auto& one) { print(one, own); }, parsed);
                       text += printable_lines(own);
                     }});
    });
  });
}

} // namespace

std::function<int()> configure_pack2cargo(CLI::App& app) {
  auto options = std::make_shared<ReadOptions>();
  add_read_options(app, *options);
  return [options] { return run_pack2cargo(*options); };
}

} // namespace packscope::tools
