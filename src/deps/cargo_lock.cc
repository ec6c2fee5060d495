// Cargo.lock to records.
//
//   v1      := [root]? [[package]]* name version source dependencies   [metadata] "checksum NAME VERSION (SOURCE)" = "…"
//   v2 – v4 := version? [[package]]* name version source checksum dependencies
#include "deps/cargo.h"
#include "deps/toml.h"

namespace packscope::deps {
namespace {

constexpr std::int64_t kNewest = 4;

Result<CargoLocked> read_package(const toml::table& from, const toml::table* metadata) {
  const std::optional<std::string> name = from["name"].value_exact<std::string>();
  const std::optional<std::string> version = from["version"].value_exact<std::string>();
  if (!name || !version) return fail_node(from, "a package without name or version");
  if (const toml::node* source = from.get("source"); source != nullptr && !source->is_string())
    return fail_node(*source, "'source' is no string"); // other tools' lock files have tables there
  CargoLocked out = {*name, *version, from["source"].value_exact<std::string>(),
                     from["checksum"].value_exact<std::string>()};
  if (out.checksum || metadata == nullptr || !out.source) return out;
  out.checksum =
      (*metadata)["checksum " + *name + " " + *version + " (" + *out.source + ")"].value_exact<std::string>();
  if (out.checksum == "<none>") out.checksum.reset();
  return out;
}

} // namespace

Result<std::vector<CargoLocked>> parse_cargo_lock(std::string_view text) {
  const Result<toml::table> root = parse_toml(text);
  if (!root) return std::unexpected(root.error());
  if (const toml::node* version = root->get("version")) {
    const std::optional<std::int64_t> number = version->value_exact<std::int64_t>();
    if (!number || *number < 1 || *number > kNewest)
      return fail_node(*version, "lock file version above " + std::to_string(kNewest));
  }
  const toml::table* metadata = (*root)["metadata"].as_table();
  std::vector<CargoLocked> lock;
  const auto add = [&](const toml::node& node) -> Result<void> {
    const toml::table* package = node.as_table();
    if (package == nullptr) return fail_node(node, "a package that is no table");
    Result<CargoLocked> one = read_package(*package, metadata);
    if (!one) return std::unexpected(one.error());
    lock.push_back(std::move(*one));
    return {};
  };
  if (const toml::node* own = root->get("root"))
    if (Result<void> added = add(*own); !added) return std::unexpected(added.error());
  if (const toml::node* packages = root->get("package")) {
    const toml::array* array = packages->as_array();
    if (array == nullptr) return fail_node(*packages, "'package' is no array of tables");
    for (const toml::node& node : *array)
      if (Result<void> added = add(node); !added) return std::unexpected(added.error());
  }
  return lock;
}

} // namespace packscope::deps
