# The pipeline: every derivation of the flake for one package set, given nixpkgs (or the shim), the
# flake's own source and its revision. The arrows are the arguments:
#   grammars, libperf → packscope; self-pack → self-bytes → self-model; grammars → self-build-trace;
#   all of them → self-trace.
# packOf, bytesOf and modelOf are the same steps for any other source, pack and trace; latticeOf is for many packs.
{ pkgs, self, revision }:
let
  inherit (pkgs) callPackage;
in
rec {
  grammars = callPackage ./grammars.nix { };
  libperf = callPackage ./libperf.nix { };
  packscope = callPackage ./package.nix { inherit grammars libperf revision; };
  # For CI, which has run the tests with sanitizers by then.
  packscope-unchecked = packscope.override { checked = false; };

  # Where the package set has CUDA's toolkit and may use it: in nixpkgs it is unfree.
  variants = pkgs.lib.optionalAttrs
    (pkgs ? cudaPackages && pkgs.stdenv.hostPlatform.isx86_64
      && (pkgs.config.allowUnfree or false || builtins.getEnv "NIXPKGS_ALLOW_UNFREE" == "1"))
    { packscope-cuda = callPackage ./cuda.nix { inherit packscope; }; }
    # Where the package set has the chain of compilers that begins with nothing: nixpkgs has.
    // pkgs.lib.optionalAttrs (pkgs ? minimal-bootstrap && pkgs.stdenv.hostPlatform.isx86_64) { bootstrap-chain = callPackage ./bootstrap-chain.nix { }; };

  packOf = { name, src }: callPackage ./self-pack.nix { inherit name src; };
  bytesOf = { name, pack }: callPackage ./self-bytes.nix { inherit name pack packscope; };
  modelOf = { name, bytes }: callPackage ./self-model.nix { inherit name bytes packscope; };
  latticeOf = { packs, name ? "lattice", minRepos ? 0 }: callPackage ./lattice.nix { inherit name packs minRepos packscope; };

  self-pack = packOf { name = "packscope-self-pack"; src = self; };
  self-bytes = bytesOf { name = "packscope-self-bytes"; pack = self-pack; };
  self-model = modelOf { name = "packscope-self-model"; bytes = self-bytes; };
  self-build-trace = callPackage ./self-build-trace.nix { inherit packscope; };
  self-trace = callPackage ./self-trace.nix { inherit packscope self-bytes self-model self-build-trace; };
}
