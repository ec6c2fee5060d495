// packscope pack2gitmodules: the submodules of every .gitmodules of a scope, with the commits that the same tree pins.
#include "tools/commands.h"
#include "tools/manifest_context.h"

#include "base/text.h"

#include <cstdio>

namespace packscope::tools {
namespace {

using deps::Submodule;
using Submodules = std::vector<Submodule>;

constexpr std::string_view kGitmodules[] = {".gitmodules"};
constexpr ManifestKind kGitmodulesKind = {kGitmodules, deps::looks_like_gitmodules};

void each_gitmodules(pack::Repository& repository, const ReadOptions& options, Report& report, std::string origin,
                   const std::function<void(const Manifest&, const Submodules&)>& take) {
  const std::vector<Manifest> found = find_manifests(repository, options, kGitmodulesKind, report);
  if (!found.empty() && origin.empty()) origin = origin_of(repository.source());
  Siblings siblings(repository.store());
  parse_manifests<Submodules>(
      repository, options, found, report,
      [](const Manifest&, std::string_view text) { return deps::parse_gitmodules(text); },
      [&](const Manifest& manifest, Submodules&& submodules) {
        complete_submodules(manifest, origin, siblings, submodules);
        take(manifest, submodules);
      });
}

void print(const Submodules& submodules, std::string& out) {
  out += "  " + human_count(submodules.size()) + (submodules.size() == 1 ? " submodule\n" : " submodules\n");
  for (const Submodule& one : submodules) {
    char column[96];
    std::snprintf(column, sizeof column, "  %-12.12s %-32.64s ", one.commit.value_or("-").c_str(),
                  printable(one.path.value_or(one.name)).c_str());
    out += column + printable(one.resolved.value_or(one.url.value_or("no url")));
    if (one.branch) out += "  branch " + printable(*one.branch);
    out += "\n";
  }
}

int run_pack2gitmodules(const ReadOptions& options, const std::string& origin) {
  return print_manifests(options, kGitmodulesKind, [&](pack::Repository& repository, Report& report, const ShowManifest& show) {
    each_gitmodules(repository, options, report, origin, [&](const Manifest& manifest, const Submodules& submodules) {
      show(manifest, {[&](JsonWriter& json) { write_fields(json, submodules); },
                     [&](std::string& text) { print(submodules, text); }});
    });
  });
}

} // namespace

std::function<int()> configure_pack2gitmodules(CLI::App& app) {
  struct Wanted {
    ReadOptions read;
    std::string origin;
  };
  auto wanted = std::make_shared<Wanted>();
  add_read_options(app, wanted->read);
  app.add_option("--origin", wanted->origin, "What relative urls are relative to [the repository's remote.origin.url]")
      ->type_name("URL");
  return [wanted] { return run_pack2gitmodules(wanted->read, wanted->origin); };
}

} // namespace packscope::tools
