// Which function an address lies in, as far as dynamic symbols tell.
//
// Shared libraries are stripped to what they export: for a function of their own only its place is known. The place
// is that of the function's first instruction, from the unwind tables, and so names the same function every time.
#pragma once

#include <cstdint>
#include <string>

namespace packscope::perf {

struct Symbol {
  std::string module; // file name of the program or library; empty: in none (generated code, the kernel)
  std::string name;   // exported, and covers the address; else empty
  std::uint64_t begin = 0; // of the function, from the module's base; the address itself where no unwind table tells

  // "libz.so.1:deflate", "libz.so.1+0x4b10" (a function that is not exported), "[unknown]".
  std::string text() const;
};

Symbol symbol_at(std::uint64_t address);

} // namespace packscope::perf
