// Flags that are taken, with paths of the pack, and flags that are refused by name.
#include "compile/unit_flags.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using compile::FlagSource;
using compile::take_flags;
using compile::TakenFlags;
using Words = std::vector<std::string>;

TEST_CASE("a person's flags: those to compile with, those to link with") {
  const Result<TakenFlags> taken = take_flags(Words{"-I", "include", "-Isrc", "-DX=1", "-D", "Y", "-UZ", "-std=c11", "-O2", "-Wall", "-Wno-error=format", "-fno-strict-aliasing", "-fPIC",
                                                    "-march=native", "-mno-sse3", "-include", "config.h", "-lz", "-l", "m", "-L/x", "-pthread", "-static", "-x", "c++"}, {});
  REQUIRE(taken);
  CHECK(taken->compile == Words{"-Iinclude", "-Isrc", "-DX=1", "-DY", "-UZ", "-std=c11", "-O2", "-Wall", "-Wno-error=format", "-fno-strict-aliasing", "-fPIC", "-march=native", "-mno-sse3",
                                "-include", "config.h", "-pthread", "-x", "c++"});
  CHECK(taken->link == Words{"-lz", "-lm", "-L/x", "-pthread", "-static"});
}

TEST_CASE("flags that load, write, read elsewhere or start something are refused by name") {
  for (const bool person : {true, false})
    for (const std::string flag : {"-fplugin=x.so", "-fpass-plugin=x.so", "-load", "-Xclang", "-Xassembler", "-Xpreprocessor", "-Xlinker", "-mllvm", "@file", "--config", "--config=x", "-B/x", "-specs=x",
                                   "-wrapper", "-Wa,-x", "-Wp,-MD,x", "-fmodules", "-fmodules-cache-path=x", "-fprofile-generate", "-fprofile-use=x", "-ftest-coverage", "--coverage",
                                   "-ftime-trace", "-save-temps", "-fsanitize-ignorelist=x", "-fuse-ld=/bin/sh", "--ld-path=/bin/sh", "--sysroot=/x", "-isysroot", "-ivfsoverlay", "-fstack-usage",
                                   "-include-pch", "-gsplit-dwarf", "-E", "-S", "-M", "-fcrash-diagnostics-dir=x", "-fsave-optimization-record", "-femit-all-decls-to=x", "-working-directory=/", "-", "x.c",
                                   "--target=arm", "-cc1", "-fbuild-session-file=x", "--gcc-toolchain=/x", "-resource-dir=/x", "-Wl,-plugin,x", "-fopenmp", "-flto", "-module-file-info", "-mrelax-all="}) {
      const Result<TakenFlags> taken = take_flags(Words{"-O2", flag}, {.person = person});
      INFO(flag);
      REQUIRE(!taken);
      CHECK(taken.error().what.starts_with(flag + ": "));
      CHECK(taken.error().what.find("refused") != std::string::npos);
    }
  for (const std::string flag : {"-o", "-c", "-MF", "-MD"}) { // a person has -o of the command
    INFO(flag);
    CHECK(!take_flags(Words{flag, "x"}, {}));
  }
  CHECK(take_flags(Words{"-x", "assembler"}, {}).error().what.starts_with("-x assembler: refused"));
  CHECK(take_flags(Words{"-D"}, {}).error().what == "-D: lacks its value");
}

TEST_CASE("a compile_commands.json's paths are mapped into the pack; what a build writes is left out") {
  const FlagSource source = {.person = false, .prefix = "/home/me/project", .folder = "/home/me/project/build", .unit = "/home/me/project/src/a.c"};
  const Result<TakenFlags> taken = take_flags(Words{"-I../include", "-I/home/me/project/lib", "-I", ".", "-isystem", "/usr/include/x", "-I/home/me/projects", "-o", "a.o", "-c", "../src/a.c", "-MD", "-MF",
                                                    "x.d", "-MTx", "-lz", "-include", "../config.h", "-I/home/me/project"}, source);
  REQUIRE(taken);
  CHECK(taken->compile == Words{"-Iinclude", "-Ilib", "-Ibuild", "-isystem", "/usr/include/x", "-I/home/me/projects", "-include", "config.h", "-I."});
  CHECK(taken->link.empty());
  CHECK(take_flags(Words{"../src/b.c"}, source).error().what == "../src/b.c: refused: not a flag");
}
