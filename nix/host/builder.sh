# What every derivation of the shim runs: nixpkgs' entry point.
source $stdenv/setup
genericBuild
