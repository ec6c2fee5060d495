// Any bytes as Cargo.toml and Cargo.lock: refused with a short line, or a record that is JSON-clean.
#include "deps/cargo.h"
#include "fuzz.h"

using namespace packscope;
using namespace packscope::deps;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  looks_like_cargo(text);
  JsonWriter json;
  json.begin_object();
  if (Result<CargoManifest> manifest = parse_cargo_manifest(text)) {
    const CargoManifest root = *manifest;
    inherit(*manifest, "a/b/Cargo.toml", [&root](const std::string&) { return &root; });
    require(manifest->dependencies.size() == root.dependencies.size(), "inheritance adds and removes none");
    write_fields(json, *manifest);
  } else {
    require(manifest.error().text().size() < 300, "an error is a line");
  }
  if (const Result<std::vector<CargoLocked>> lock = parse_cargo_lock(text)) write_fields(json, *lock);
  return 0;
}
