# The whole chain from a few hundred bytes of hex to gcc, as nixpkgs walks it: what `compiler_lattice bootstrap` cannot build
# of a machine's own packages. Only where the package set has minimal-bootstrap; the shim over Debian has not.
# $out holds a link a stage, in order.
{ lib, linkFarm, minimal-bootstrap }:
let
  # Names differ between releases: those that are there.
  stages = [ "stage0-posix" "mescc-tools" "mescc-tools-extra" "mes" "mes-libc" "tinycc-bootstrappable" "tinycc-mes" "gcc46" "gcc46-cxx" "gcc8" "gcc10" "gcc-latest" "gcc-glibc" "binutils" ];
  # A stage is a derivation, or a compiler with its libraries.
  of = stage: if lib.isDerivation stage then stage else stage.compiler or null;
  there = lib.filter (name: minimal-bootstrap ? ${name} && of minimal-bootstrap.${name} != null) stages;
  number = i: lib.fixedWidthNumber 2 i;
in
linkFarm "packscope-bootstrap-chain" (lib.imap1 (i: name: { name = "${number i}-${name}"; path = of minimal-bootstrap.${name}; }) there)
