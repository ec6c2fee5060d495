// Any bytes as a reftable: an error that names the file, or refs whose values are ids or names.
#include "pack/reftable.h"
#include "fuzz.h"
#include "folder.h"

using namespace packscope;
using namespace packscope::pack;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Folder folder({});
  folder.write("tables.list", "t.ref\n");
  folder.write("t.ref", as_text({data, size}));
  RefValues values;
  if (const Result<void> read = read_reftables(folder.path(), values); !read)
    require(read.error().text().find("t.ref") != std::string::npos, "the error names the file");
  for (const auto& [name, value] : values)
    require(value.starts_with("ref: ") || ObjectId::parse(value), "a value is an id or a name");
  return 0;
}
