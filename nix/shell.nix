# `nix develop`: all that building, testing, fuzzing and formatting by hand needs.
{ lib, mkShell, catch2_3, clang, clang-tools, gitMinimal, graphviz, mes ? null, perf, python3, python3Packages, qemu, shellcheck, sqlite, time, tinycc, yara, packscope, grammars }:
mkShell {
  inputsFrom = [ packscope ];
  packages = [ catch2_3 clang clang-tools gitMinimal graphviz perf python3 python3Packages.jsonschema python3Packages.networkx qemu shellcheck sqlite time tinycc yara ] ++ lib.optional (mes != null) mes;
  PACKSCOPE_GRAMMARS = "${grammars}";
  # clang is there for -Dfuzz=true; it must not become the default compiler by being there.
  shellHook = "export CC=gcc CXX=g++";
}
