// Which names of a pack may become files below a folder: whatever it takes stays below.
#include "compile/private_folder.h"

#include "fuzz.h"

#include <filesystem>

using namespace packscope;
using packscope::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view path(reinterpret_cast<const char*>(data), size);
  const std::optional<std::string> taken = compile::checkout_path(path);
  if (!taken) return 0;
  require(*taken == path, "a name is taken as it is, or not at all");
  require(path.find('\0') == path.npos, "the kernel reads all of it");
  const std::filesystem::path below = std::filesystem::path("/a/b") / *taken, plain = below.lexically_normal();
  require(below == plain, "no component stands for another");
  require(plain.string().starts_with("/a/b/") && plain.string().size() > 5, "it is below the folder");
  for (const std::filesystem::path& part : plain) require(part.string().size() <= 255, "a file system takes each component");
  return 0;
}
