// flake.nix to records: the set of literals to inputs, by nix's own rules (its parseFlakeInput); see flake.h.
#include "deps/flake.h"

#include "deps/nix_literal.h"

namespace packscope::deps {
namespace {

class FlakeReader {
public:
  explicit FlakeReader(std::string_view text) : text_(text) {}

  Result<Flake> read() {
    const Result<NixValue> root =
        parse_nix_literals(text_, [](std::string_view name) { return name == "inputs" || name == "description"; });
    if (!root) return std::unexpected(root.error());
    Flake flake;
    flake.has_outputs = root->get("outputs") != nullptr;
    if (const NixValue* description = root->get("description"))
      flake.description = text_of(*description, "description");
    if (const NixValue* inputs = root->get("inputs")) {
      if (inputs->kind != NixKind::set) refuse(*inputs, "'inputs' is no set");
      for (const auto& [name, value] : inputs->set) {
        // inputs.self.submodules = true says how nix fetches this flake; no dependency.
        if (name == "self" && value.kind == NixKind::set && value.get("url") == nullptr && value.get("type") == nullptr)
          continue;
        flake.inputs.push_back(input(name, value, false));
      }
    }
    if (failed_) return std::unexpected(error_);
    return flake;
  }

private:
  void refuse(const NixValue& value, const std::string& what) {
    if (!failed_) error_ = fail_in(text_, value.offset, what).error();
    failed_ = true;
  }
  std::string text_of(const NixValue& value, const std::string& name) {
    if (value.kind != NixKind::string && value.kind != NixKind::path) refuse(value, "'" + name + "' is no string");
    return value.text;
  }

  FlakeInput input(const std::string& name, const NixValue& value, bool override) {
    FlakeInput out = {.name = name};
    if (value.kind != NixKind::set) refuse(value, "input '" + name + "' is no set");
    for (const auto& [key, one] : value.set) {
      if (key == "url")
        out.url = text_of(one, key);
      else if (key == "follows")
        out.follows = text_of(one, key);
      else if (key == "flake") {
        if (one.kind != NixKind::boolean) refuse(one, "'flake' is neither true nor false");
        out.flake = one.number != 0;
      } else if (key == "inputs") {
        if (one.kind != NixKind::set) refuse(one, "'inputs' is no set");
        for (const auto& [inner, of] : one.set) out.inputs.push_back(input(inner, of, true));
      } else {
        attribute(out, key, one);
      }
    }
    if (failed_) return out;
    if (out.type()) { // written as attributes; a url is one of them
      if (out.url) out.original.emplace("url", *out.url);
    } else if (!out.original.empty()) {
      refuse(value, "input '" + name + "' has '" + out.original.begin()->first + "', but no type");
    } else if (out.url) {
      const std::optional<FlakeReference> reference = parse_flake_url(*out.url, out.flake.value_or(true));
      if (reference)
        out.original = *reference;
      else
        refuse(value, "input '" + name + "': no flake reference: " + *out.url);
    } else if (!out.follows && !override) {
      out.original = {{"type", "indirect"}, {"id", name}};
    }
    return out;
  }

  void attribute(FlakeInput& out, const std::string& key, const NixValue& value) {
    switch (value.kind) {
    case NixKind::string:
    case NixKind::path: out.original.emplace(key, value.text); break;
    case NixKind::integer: out.original.emplace(key, value.number); break;
    case NixKind::boolean: out.original.emplace(key, value.number != 0); break;
    default: refuse(value, "input '" + out.name + "': '" + key + "' is no string, number or boolean");
    }
  }

  std::string_view text_;
  bool failed_ = false;
  Error error_;
};

} // namespace

std::optional<std::string> FlakeInput::type() const {
  const auto found = original.find("type");
  if (found == original.end()) return std::nullopt;
  const std::string* text = std::get_if<std::string>(&found->second);
  return text != nullptr ? std::optional(*text) : std::nullopt;
}

Result<Flake> parse_flake(std::string_view text) { return FlakeReader(text).read(); }

bool looks_like_flake(std::string_view text) {
  return text.contains("outputs") && (text.contains("inputs") || text.contains("self"));
}

} // namespace packscope::deps
