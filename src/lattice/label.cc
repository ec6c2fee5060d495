// Kinds and manifests.
#include "lattice/label.h"

#include <array>
#include <utility>

namespace packscope::lattice {
namespace {

constexpr std::array<std::pair<LabelKind, std::string_view>, 4> kKinds = {{{LabelKind::ast, "ast"},
                                                                           {LabelKind::language, "language"},
                                                                           {LabelKind::manifest, "manifest"},
                                                                           {LabelKind::name, "name"}}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kManifests = {{{"Cargo.toml", "cargo"},
                                                                                      {"Cargo.lock", "cargo-lock"},
                                                                                      {"flake.nix", "flake"},
                                                                                      {"flake.lock", "flake-lock"},
                                                                                      {".gitmodules", "gitmodules"}}};

} // namespace

std::string label(LabelKind kind, std::string_view text) { return static_cast<char>(kind) + std::string(text); }

std::string_view name(LabelKind kind) {
  for (const auto& [one, text] : kKinds)
    if (one == kind) return text;
  return {};
}

std::optional<LabelKind> parse_label_kind(std::string_view text) {
  for (const auto& [one, name] : kKinds)
    if (name == text) return one;
  return std::nullopt;
}

std::string_view manifest_kind(std::string_view leaf) {
  for (const auto& [file, kind] : kManifests)
    if (file == leaf) return kind;
  return {};
}

} // namespace packscope::lattice
