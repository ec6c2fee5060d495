// Archives and plain modules, whole and broken.
#include "boot/modules.h"

#include <catch2/catch_test_macros.hpp>

#include <cstdio>
#include <string>

using namespace packscope;
using namespace packscope::boot;

namespace {

std::string member(const std::string& name, const std::string& data) {
  std::string out = "070701";
  const std::size_t fields[13] = {0, 0100644, 0, 0, 1, 0, data.size(), 0, 0, 0, 0, name.size() + 1, 0};
  for (const std::size_t field : fields) {
    char hex[9];
    std::snprintf(hex, sizeof hex, "%08zX", field);
    out += hex;
  }
  out += name + '\0';
  out.resize((out.size() + 3) / 4 * 4);
  out += data;
  out.resize((out.size() + 3) / 4 * 4);
  return out;
}
const std::string kTrailer = member("TRAILER!!!", "");

} // namespace

TEST_CASE("a module is told by what it begins with") {
  Modules modules;
  CHECK(add_module(as_bytes("PACKxyz"), modules));
  CHECK(add_module(as_bytes("\377tOc...."), modules));
  CHECK(add_module(as_bytes("something else"), modules));
  CHECK(as_text(modules.pack) == "PACKxyz");
  CHECK(as_text(modules.index) == "\377tOc....");
}

TEST_CASE("an archive's members count as modules; the first of a kind stays") {
  const std::string archive = member("readme", "hello") + member("a.idx", "\377tOcA") + member("a.pack", "PACKA") +
                              member("b.pack", "PACKB") + kTrailer + std::string(512, '\0');
  Modules modules;
  CHECK(add_module(as_bytes(archive), modules));
  CHECK(as_text(modules.pack) == "PACKA");
  CHECK(as_text(modules.index) == "\377tOcA");
}

TEST_CASE("an archive that breaks off anywhere is said to, and nothing outside of it is taken") {
  const std::string archive = member("a.pack", "PACK" + std::string(100, 'x')) + kTrailer;
  for (std::size_t size = 6; size < archive.size() - 1; ++size) {
    Modules modules;
    const std::string cut = archive.substr(0, size); // ASan sees what is read behind it
    const bool whole = add_module(as_bytes(cut), modules);
    if (size < archive.size() - 4) CHECK_FALSE(whole);
    if (!modules.pack.empty()) CHECK(modules.pack.data() + modules.pack.size() <= as_bytes(cut).data() + cut.size());
  }
}

TEST_CASE("sizes that no archive has, and digits that are none, are refused") {
  for (const std::size_t field : {6, 11}) {
    std::string archive = member("a.pack", "PACK") + kTrailer;
    archive.replace(6 + field * 8, 8, "ffffffff");
    Modules modules;
    CHECK_FALSE(add_module(as_bytes(archive), modules));
    archive.replace(6 + field * 8, 8, "0000000g");
    CHECK_FALSE(add_module(as_bytes(archive), modules));
    CHECK(modules.pack.empty());
  }
}
