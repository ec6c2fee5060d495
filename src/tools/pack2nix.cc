// packscope pack2nix: the inputs of every flake.nix and the nodes of every flake.lock of a scope.
#include "tools/commands.h"
#include "tools/manifests.h"

#include "base/text.h"
#include "deps/flake.h"

#include <cstdio>
#include <variant>

namespace packscope::tools {
namespace {

using deps::Flake;
using deps::FlakeLock;
using NixFile = std::variant<Flake, FlakeLock>;

bool looks_like_nix(std::string_view text) { return deps::looks_like_flake_lock(text) || deps::looks_like_flake(text); }

constexpr std::string_view kNixNames[] = {"flake.nix", "flake.lock"};
constexpr ManifestKind kNix = {kNixNames, looks_like_nix};

Result<NixFile> parse_nix(const Manifest& manifest, std::string_view text) {
  const bool nameless = manifest.path.empty();
  if (nameless ? deps::looks_like_flake_lock(text) : manifest.file_name() == "flake.lock")
    return as_any<NixFile>(deps::parse_flake_lock(text));
  Result<Flake> flake = deps::parse_flake(text);
  if (nameless && flake && !flake->has_outputs) return fail("no flake"); // any other set
  return as_any<NixFile>(std::move(flake));
}

void each_nix_file(pack::Repository& repository, const ReadOptions& options, Report& report,
                   const std::function<void(const Manifest&, NixFile&&)>& take) {
  const std::vector<Manifest> found = find_manifests(repository, options, kNix, report);
  parse_manifests<NixFile>(repository, options, found, report, parse_nix, take);
}

void add_line(std::string& out, std::string_view name, std::string_view what) {
  char column[80];
  std::snprintf(column, sizeof column, "  %-24.60s ", printable(name).c_str());
  out += column + printable(what) + "\n";
}

void print(const Flake& flake, std::string& out) {
  out += "  " + printable(flake.description.value_or("")) + "\n";
  for (const deps::FlakeInput& input : flake.inputs) {
    std::string what = input.follows ? "follows " + *input.follows : input.url.value_or("");
    if (what.empty())
      for (const auto& [key, value] : input.original)
        if (const std::string* text = std::get_if<std::string>(&value))
          what += (what.empty() ? "" : " ") + key + " " + *text;
    if (input.flake == false) what += "  (no flake)";
    for (const deps::FlakeInput& one : input.inputs)
      if (one.follows) what += "  " + one.name + " → " + (one.follows->empty() ? "none" : *one.follows);
    add_line(out, input.name, what);
  }
}

void print(const FlakeLock& lock, std::string& out) {
  out += "  " + human_count(lock.nodes.size()) + " nodes\n";
  for (const deps::FlakeNode& node : lock.nodes) {
    if (!node.type) continue; // the root
    std::string what = *node.type;
    for (const auto* part : {&node.owner, &node.repo, &node.url, &node.path, &node.ref, &node.rev})
      if (*part) what += " " + **part;
    add_line(out, node.name, what);
  }
}

int run_pack2nix(const ReadOptions& options) {
  return print_manifests(options, kNix, [&](pack::Repository& repository, Report& report, const ShowManifest& show) {
    each_nix_file(repository, options, report, [&](const Manifest& manifest, const NixFile& parsed) {
      show(manifest, {[&](JsonWriter& json) { std::visit([&json](const auto& one) { write_fields(json, one); }, parsed); },
                     [&](std::string& text) { std::visit([&text](const auto& one) { print(one, text); }, parsed); }});
    });
  });
}

} // namespace

std::function<int()> configure_pack2nix(CLI::App& app) {
  auto options = std::make_shared<ReadOptions>();
  add_read_options(app, *options);
  return [options] { return run_pack2nix(*options); };
}

} // namespace packscope::tools
