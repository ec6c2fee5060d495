// Told by what they begin with; see modules.h for the archive's grammar. Bounds idiom: `at` never passes archive.size(), and
// a length is compared with what is left before it is added.
#include "boot/modules.h"

namespace packscope::boot {
namespace {

constexpr std::size_t kHeader = 6 + 13 * 8;
constexpr std::size_t kFileSize = 6 + 6 * 8, kNameSize = 6 + 11 * 8;

bool begins(Bytes bytes, std::string_view with) {
  return bytes.size() >= with.size() && as_text(bytes.first(with.size())) == with;
}

bool read_hex(const std::uint8_t* digits, std::uint64_t& value) {
  value = 0;
  for (int i = 0; i < 8; ++i) {
    const unsigned byte = digits[i], letter = byte | 0x20;
    const unsigned digit = byte - '0' < 10 ? byte - '0' : letter - 'a' < 6 ? letter - 'a' + 10 : 16;
    if (digit > 15) return false;
    value = value << 4 | digit;
  }
  return true;
}

void add_file(Bytes file, Modules& modules) {
  if (modules.pack.empty() && begins(file, "PACK")) modules.pack = file;
  if (modules.index.empty() && begins(file, "\377tOc")) modules.index = file;
}

} // namespace

bool add_module(Bytes module, Modules& modules) {
  if (!begins(module, "070701")) return add_file(module, modules), true;
  for (std::size_t at = 0; begins(module.subspan(at), "070701");) {
    std::uint64_t file_size, name_size;
    if (module.size() - at < kHeader || !read_hex(module.data() + at + kFileSize, file_size) ||
        !read_hex(module.data() + at + kNameSize, name_size))
      return false;
    // Both are below 2^32: no sum wraps.
    const std::size_t data = (at + kHeader + name_size + 3) & ~std::size_t{3};
    if (name_size == 0 || data > module.size() || file_size > module.size() - data) return false;
    if (as_text(module.subspan(at + kHeader, name_size - 1)) == "TRAILER!!!") return true;
    add_file(module.subspan(data, file_size), modules);
    at = (data + file_size + 3) & ~std::size_t{3};
    if (at > module.size()) return false;
  }
  return false; // no trailer
}

} // namespace packscope::boot
