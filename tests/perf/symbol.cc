// Addresses to names.
#include "perf/symbol.h"

#include <catch2/catch_test_macros.hpp>
#include <zlib.h>

using namespace packscope;

TEST_CASE("an exported function is named with its library") {
  const perf::Symbol symbol = perf::symbol_at(reinterpret_cast<std::uint64_t>(&::deflate) + 5);
  CHECK(symbol.name == "deflate");
  CHECK(symbol.module.starts_with("libz.so"));
  CHECK(symbol.text() == symbol.module + ":deflate");
}

TEST_CASE("an address in no module is unknown") {
  CHECK(perf::symbol_at(16).text() == "[unknown]");
}

namespace {
__attribute__((noinline)) int not_exported(int x) { return x * 3 + 1; }
} // namespace

TEST_CASE("a function without a symbol is named by where it begins, from anywhere inside it") {
  int (*volatile function)(int) = not_exported;
  const std::uint64_t begin = reinterpret_cast<std::uint64_t>(function);
  CHECK(perf::symbol_at(begin + 1).text() == perf::symbol_at(begin + 2).text());
  CHECK(perf::symbol_at(begin + 1).text().find("test_perf+0x") != std::string::npos);
}
