// What members inherit from a workspace's root, and which manifest that is.
#include "deps/cargo.h"

#include <catch2/catch_test_macros.hpp>

#include <map>

using namespace packscope;
using namespace packscope::deps;

namespace {

// A tree of manifests; member(path) is that one after inheritance.
struct Tree {
  std::map<std::string, CargoManifest> manifests;
  std::string broken = {}; // the path of one that cannot be read

  Tree(std::initializer_list<std::pair<std::string, std::string>> texts) {
    for (const auto& [path, text] : texts) {
      Result<CargoManifest> parsed = parse_cargo_manifest(text);
      REQUIRE(parsed);
      manifests.emplace(path, std::move(*parsed));
    }
  }
  CargoManifest member(const std::string& path) const {
    CargoManifest manifest = manifests.at(path);
    inherit(manifest, path, [this](const std::string& asked) {
      const auto found = manifests.find(asked);
      if (asked == broken) return &kUnreadableCargo;
      return found == manifests.end() ? nullptr : &found->second;
    });
    return manifest;
  }
};

const std::string kMember = "[package]\nname = \"m\"\nversion.workspace = true\n[dependencies]\nserde.workspace = true\n";
const std::string kRoot = "[workspace]\nmembers = [\"a\"]\n[workspace.package]\nversion = \"1.2.3\"\n[workspace.dependencies]\n";

} // namespace

TEST_CASE("what may be the root and cannot be read leaves the member waiting, whatever lies above it", "[cargo]") {
  Tree tree = {{"Cargo.toml", kRoot + "serde = \"1\"\n"}, {"a/b/Cargo.toml", kMember}};
  CHECK(!tree.member("a/b/Cargo.toml").inherits());
  tree.broken = "a/Cargo.toml";
  CHECK(tree.member("a/b/Cargo.toml").dependencies[0].source == CargoSource::workspace);
}

TEST_CASE("a member takes requirement, source and version from its root", "[cargo]") {
  const Tree tree = {{"Cargo.toml", kRoot + "serde = { version = \"1\", package = \"serde-x\", registry = \"r\" }\n"},
                     {"a/b/Cargo.toml", kMember}};
  const CargoManifest member = tree.member("a/b/Cargo.toml");
  CHECK(member.version == "1.2.3");
  CHECK(member.dependencies[0].source == CargoSource::registry);
  CHECK(member.dependencies[0].req == "1");
  CHECK(member.dependencies[0].package == "serde-x");
  CHECK(member.dependencies[0].registry == "r");
  CHECK_FALSE(member.inherits());
}

TEST_CASE("features add up, default features are on if either side wants them", "[cargo]") {
  const auto merged = [](const std::string& root, const std::string& member) {
    const Tree tree = {{"Cargo.toml", kRoot + "serde = { version = \"1\", features = [\"x\"]" + root + " }\n"},
                       {"a/Cargo.toml", "[package]\nname = \"m\"\n[dev-dependencies]\nserde = { workspace = true, features = "
                                        "[\"y\", \"x\"], optional = true" + member + " }\n"}};
    return tree.member("a/Cargo.toml").dependencies[0];
  };
  const std::string off = ", default-features = false", on = ", default-features = true";
  CHECK(merged("", "").features == std::vector<std::string>{"x", "y"});
  CHECK(merged("", "").optional);
  CHECK(merged("", "").kind == CargoKind::dev);
  CHECK(merged("", off).default_features.value_or(true));
  CHECK(merged(on, off).default_features == true);
  CHECK(merged(off, on).default_features == true);
  CHECK(merged(off, "").default_features == false);
}

TEST_CASE("an inherited path is seen from the member", "[cargo]") {
  const Tree tree = {{"w/Cargo.toml", kRoot + "serde = { path = \"crates/serde\", version = \"1\" }\n"},
                     {"w/crates/m/Cargo.toml", kMember}};
  const CargoDependency one = tree.member("w/crates/m/Cargo.toml").dependencies[0];
  CHECK(one.source == CargoSource::path);
  CHECK(one.path == "../serde");
}

TEST_CASE("the root is the nearest that does not exclude, or the one pointed to", "[cargo]") {
  const std::string serde = "serde = \"1\"\n";
  const auto version = [](const Tree& tree, const std::string& path) { return tree.member(path).dependencies[0].req; };
  const Tree nearest = {{"Cargo.toml", kRoot + "serde = \"9\"\n"}, {"x/Cargo.toml", kRoot + serde}, {"x/a/Cargo.toml", kMember}};
  CHECK(version(nearest, "x/a/Cargo.toml") == "1");
  const Tree excluded = {{"Cargo.toml", "[workspace]\nexclude = [\"a\"]\n[workspace.dependencies]\n" + serde}, {"a/Cargo.toml", kMember}};
  CHECK(excluded.member("a/Cargo.toml").dependencies[0].source == CargoSource::workspace);
  const Tree pointed = {{"root/Cargo.toml", kRoot + serde},
                        {"a/Cargo.toml", "[package]\nname = \"m\"\nworkspace = \"../root\"\n[dependencies]\nserde.workspace = true\n"}};
  CHECK(version(pointed, "a/Cargo.toml") == "1");
}

TEST_CASE("without a root, or without its entry, a dependency stays 'workspace'", "[cargo]") {
  const Tree alone = {{"a/Cargo.toml", kMember}};
  const CargoManifest member = alone.member("a/Cargo.toml");
  CHECK(member.dependencies[0].source == CargoSource::workspace);
  CHECK_FALSE(member.version);
  CHECK(member.inherits());
  const Tree lacking = {{"Cargo.toml", kRoot + "other = \"1\"\n"}, {"a/Cargo.toml", kMember}};
  CHECK(lacking.member("a/Cargo.toml").dependencies[0].source == CargoSource::workspace);
}
