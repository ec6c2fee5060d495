# A stand-in for nixpkgs over the packages of a Debian machine, for where nixpkgs can't be fetched.
# nix/nixw copies this folder, adds host.json (versions, see fingerprint.sh), npm/ (see npm.txt) and
# revision, and overrides the flake's input `nixpkgs` with it. It speaks nixpkgs' names and nothing else:
# a file of nix/ that needs the shim to exist would be wrong.
{
  description = "nixpkgs' names over Debian's packages";
  outputs = { self }: let lib = import ./lib.nix; in {
    inherit lib;
    legacyPackages = lib.genAttrs lib.systems.flakeExposed (system: import ./. { inherit system; });
  } // lib.optionalAttrs (builtins.pathExists ./revision) {
    checkedOut = builtins.readFile ./revision; # of the flake that this stands in for nixpkgs in
  };
}
