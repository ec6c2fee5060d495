// Addresses to functions; see symbol.h.
#include "perf/symbol.h"

#include <dlfcn.h>
#include <unwind.h>

#include <cstdio>

namespace packscope::perf {

std::string Symbol::text() const {
  if (module.empty()) return "[unknown]";
  if (!name.empty()) return module + ":" + name;
  char place[24];
  std::snprintf(place, sizeof place, "+0x%llx", static_cast<unsigned long long>(begin));
  return module + place;
}

Symbol symbol_at(std::uint64_t address) {
  Symbol symbol;
  void* const at = reinterpret_cast<void*>(address);
  Dl_info info{};
  if (::dladdr(at, &info) == 0 || info.dli_fname == nullptr) return symbol;
  const std::string file = info.dli_fname;
  symbol.module = file.substr(file.rfind('/') + 1); // npos + 1 is 0: the whole name
  // glibc gives a name only where the symbol's size covers the address.
  if (info.dli_sname != nullptr) symbol.name = info.dli_sname;
  const std::uint64_t base = reinterpret_cast<std::uint64_t>(info.dli_fbase);
  const std::uint64_t function = reinterpret_cast<std::uint64_t>(_Unwind_FindEnclosingFunction(at));
  symbol.begin = (function >= base && function <= address ? function : address) - base;
  return symbol;
}

} // namespace packscope::perf
