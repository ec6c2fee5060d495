# A pack's byte-level trace without measured columns, the pack beside it: bit-reproducible.
{ lib, runCommand, name, pack, packscope }:
runCommand name { meta.description = "The byte-level trace of a pack"; } ''
  mkdir -p $out/nix-support
  cp ${pack}/self.pack ${pack}/self.idx ${pack}/ids $out/
  ${lib.getExe packscope} trace $out/self.pack -o $out/trace.sqlite
  echo "file sqlite $out/trace.sqlite" > $out/nix-support/hydra-build-products
''
