// Cargo.toml to records; see cargo.h for the grammar.
//
// As lenient as cargo was over the years ([project], dev_dependencies, default_features), and strict in types: a
// dependency that is neither a text nor a table makes the manifest an error.
#include "deps/cargo.h"
#include "deps/toml.h"

namespace packscope::deps {
namespace {

using Texts = std::vector<std::string>;

class ManifestReader {
public:
  explicit ManifestReader(const toml::table& root) : root_(root) {}

  Result<CargoManifest> read() {
    if (!read_package() || !read_workspace()) return std::unexpected(error_);
    read_tables(root_, std::nullopt);
    if (const toml::table* targets = table(root_, "target"))
      for (const auto& [cfg, node] : *targets)
        if (const toml::table* target = as_table(node, cfg.str())) read_tables(*target, std::string(cfg.str()));
    read_patch();
    read_replace();
    if (failed_) return std::unexpected(error_);
    return std::move(manifest_);
  }

private:
  void refuse(const toml::node& node, const std::string& what) {
    if (!failed_) error_ = fail_node(node, what).error();
    failed_ = true;
  }
  const toml::table* as_table(const toml::node& node, std::string_view key) {
    if (!node.is_table()) refuse(node, "'" + std::string(key) + "' is no table");
    return node.as_table();
  }
  const toml::table* table(const toml::table& in, std::string_view key) {
    const toml::node* node = in.get(key);
    return node == nullptr ? nullptr : as_table(*node, key);
  }
  std::optional<std::string> text(const toml::table& in, std::string_view key) {
    const toml::node* node = in.get(key);
    if (node == nullptr) return std::nullopt;
    if (!node->is_string()) refuse(*node, "'" + std::string(key) + "' is no string");
    return node->value<std::string>();
  }
  std::optional<bool> flag(const toml::table& in, std::string_view key) {
    const toml::node* node = in.get(key);
    if (node == nullptr) return std::nullopt;
    if (!node->is_boolean()) refuse(*node, "'" + std::string(key) + "' is neither true nor false");
    return node->value<bool>();
  }
  Texts texts(const toml::table& in, std::string_view key) {
    const toml::node* node = in.get(key);
    Texts out;
    if (node == nullptr) return out;
    const toml::array* array = node->as_array();
    if (array == nullptr) return refuse(*node, "'" + std::string(key) + "' is no array"), out;
    for (const toml::node& element : *array)
      if (const std::optional<std::string> one = element.value_exact<std::string>())
        out.push_back(*one);
      else
        refuse(element, "'" + std::string(key) + "' holds something else than strings");
    return out;
  }

  // `key = "text"`, or `key.workspace = true`.
  std::optional<std::string> inheritable(const toml::table& in, std::string_view key, bool& inherited) {
    if (const toml::node* node = in.get(key); node != nullptr && node->is_table()) {
      inherited = flag(*node->as_table(), "workspace").value_or(false);
      return std::nullopt;
    }
    return text(in, key);
  }

  bool read_package() {
    const toml::table* package = table(root_, "package");
    if (package == nullptr && !failed_) package = table(root_, "project"); // its name before 2015
    if (package == nullptr) return !failed_;
    manifest_.package = true;
    if (const std::optional<std::string> found = text(*package, "name"))
      manifest_.name = *found;
    else
      refuse(*package, "'package' has no name");
    manifest_.version = inheritable(*package, "version", manifest_.inherits_version);
    manifest_.workspace_path = text(*package, "workspace");
    return !failed_;
  }

  bool read_workspace() {
    const toml::table* workspace = table(root_, "workspace");
    if (workspace == nullptr) {
      if (!manifest_.package && !failed_) refuse(root_, "neither [package] nor [workspace]");
      return !failed_;
    }
    CargoWorkspace& into = manifest_.workspace.emplace();
    into.members = texts(*workspace, "members");
    into.exclude = texts(*workspace, "exclude");
    if (const toml::table* package = table(*workspace, "package")) into.version = text(*package, "version");
    if (const toml::table* dependencies = table(*workspace, "dependencies"))
      for (const auto& [key, node] : *dependencies) into.dependencies.push_back(dependency(key.str(), node));
    return !failed_;
  }

  void read_tables(const toml::table& in, const std::optional<std::string>& target) {
    const auto read = [&](std::string_view dashed, std::string_view underscored, CargoKind kind) {
      const toml::table* found = table(in, in.contains(dashed) ? dashed : underscored);
      if (found == nullptr) return;
      for (const auto& [key, node] : *found) {
        CargoDependency one = dependency(key.str(), node);
        one.kind = kind;
        one.target = target;
        manifest_.dependencies.push_back(std::move(one));
      }
    };
    read("dependencies", "dependencies", CargoKind::normal);
    read("dev-dependencies", "dev_dependencies", CargoKind::dev);
    read("build-dependencies", "build_dependencies", CargoKind::build);
  }

  void read_patch() {
    if (const toml::table* patches = table(root_, "patch"))
      for (const auto& [source, node] : *patches)
        if (const toml::table* entries = as_table(node, source.str()))
          for (const auto& [key, entry] : *entries)
            manifest_.patch.push_back({std::string(source.str()), dependency(key.str(), entry)});
  }

  // The key is a package id spec: "name", "name:1.0.0", "name@1.0.0", "https://…#name@1.0.0".
  void read_replace() {
    const toml::table* replaces = table(root_, "replace");
    if (replaces == nullptr) return;
    for (const auto& [key, node] : *replaces) {
      std::string_view spec = key.str();
      const std::size_t hash = spec.rfind('#');
      std::string_view crate = hash == spec.npos ? spec.substr(spec.rfind('/') + 1) : spec.substr(hash + 1);
      crate = crate.substr(0, crate.find_first_of(":@"));
      manifest_.replace.push_back({std::string(spec), dependency(crate, node)});
    }
  }

  CargoDependency dependency(std::string_view key, const toml::node& node) {
    CargoDependency out;
    out.name = out.package = key;
    if (const std::optional<std::string> req = node.value_exact<std::string>()) {
      out.req = *req;
      return out;
    }
    const toml::table* from = as_table(node, key);
    if (from == nullptr) return out;
    out.package = text(*from, "package").value_or(out.name);
    out.req = text(*from, "version").value_or("*");
    out.git = text(*from, "git");
    out.branch = text(*from, "branch");
    out.tag = text(*from, "tag");
    out.rev = text(*from, "rev");
    out.path = text(*from, "path");
    out.registry = text(*from, "registry");
    if (!out.registry) out.registry = text(*from, "registry-index");
    out.optional = flag(*from, "optional").value_or(false);
    out.default_features = flag(*from, from->contains("default-features") ? "default-features" : "default_features");
    out.features = texts(*from, "features");
    const bool inherited = flag(*from, "workspace").value_or(false);
    out.source = inherited  ? CargoSource::workspace
                 : out.git  ? CargoSource::git
                 : out.path ? CargoSource::path
                            : CargoSource::registry;
    return out;
  }

  const toml::table& root_;
  CargoManifest manifest_;
  bool failed_ = false;
  Error error_;
};

} // namespace

Result<CargoManifest> parse_cargo_manifest(std::string_view text) {
  const Result<toml::table> root = parse_toml(text);
  if (!root) return std::unexpected(root.error());
  return ManifestReader(*root).read();
}

bool CargoManifest::inherits() const {
  for (const CargoDependency& one : dependencies)
    if (one.source == CargoSource::workspace) return true;
  return inherits_version && !version;
}

} // namespace packscope::deps
