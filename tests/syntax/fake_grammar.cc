// A shared object that looks like the C grammar of a future tree-sitter: the number at its start is its ABI.
#include <cstdint>

namespace {
const std::uint32_t future[16] = {999};
}

extern "C" const void* tree_sitter_c();
const void* tree_sitter_c() { return future; }
