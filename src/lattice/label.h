// What evidence is for, as the labels of evidence.h: of a path its language, its last part, and which manifest it is.
#pragma once

#include "lattice/evidence.h"
#include "syntax/language.h"

namespace packscope::lattice {

std::string label(LabelKind kind, std::string_view text);
std::string_view name(LabelKind kind);                          // "language"
std::optional<LabelKind> parse_label_kind(std::string_view text);

// "cargo" for Cargo.toml, …; empty: none of the manifests that packscope reads.
std::string_view manifest_kind(std::string_view leaf);

} // namespace packscope::lattice
