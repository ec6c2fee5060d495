# The flake: what is here is only wiring. nix/default.nix is the pipeline, nix/commands.nix the commands.
# Written for nixpkgs; nix/nixw runs it over Debian's packages where nixpkgs can't be fetched.
{
  description = "packscope reads what is in git packs without checking them out";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs = { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      systems = [ "x86_64-linux" "aarch64-linux" ];
      revision = self.rev or self.dirtyRev or nixpkgs.checkedOut or "dirty";
      pipelineFor = pkgs: import ./nix { inherit pkgs self revision; };
      forSystems = f: lib.genAttrs systems (system:
        let pkgs = nixpkgs.legacyPackages.${system}; in f pkgs (pipelineFor pkgs));
      commands = import ./nix/commands.nix;
      jobs = [ "grammars" "packscope" "self-pack" "self-bytes" "self-model" "self-build-trace" "self-trace" ];
    in
    {
      packages = forSystems (_: pipeline: lib.getAttrs (jobs ++ [ "packscope-unchecked" ]) pipeline // pipeline.variants // { default = pipeline.packscope; });

      # With --impure, on a machine with a CUDA driver, the program is the CUDA variant's.
      apps = forSystems (_: pipeline:
        let
          packscope = if import ./nix/cuda-driver.nix then pipeline.variants.packscope-cuda or pipeline.packscope else pipeline.packscope;
          app = program: description: { type = "app"; inherit program; meta = { inherit description; }; };
        in
        lib.mapAttrs (_: c: app "${packscope}/bin/${c.program}" c.description) commands
        // { default = app "${packscope}/bin/packscope" packscope.meta.description; });

      checks = forSystems (pkgs: pipeline: import ./nix/checks.nix { inherit pkgs self; jobs = pipeline; });

      devShells = forSystems (pkgs: { packscope, grammars, ... }: {
        default = pkgs.callPackage ./nix/shell.nix { inherit packscope grammars; };
      });

      formatter = forSystems (pkgs: _: pkgs.callPackage ./nix/formatter.nix { });

      overlays.default = final: _: {
        inherit (pipelineFor final) packscope;
        packscope-grammars = (pipelineFor final).grammars;
      };

      # The pipeline's steps for any other source, pack and trace; a lattice of any number of packs.
      lib = forSystems (_: pipeline: { inherit (pipeline) packOf bytesOf modelOf latticeOf; });

      # Hydra wants hydraJobs.<job>.<system>.
      hydraJobs =
        lib.genAttrs jobs (job: lib.genAttrs systems (system: self.packages.${system}.${job}))
        // {
          release = forSystems (pkgs: pipeline: pkgs.callPackage ./nix/release.nix {
            constituents = map (job: pipeline.${job}) jobs ++ lib.attrValues self.checks.${pkgs.stdenv.hostPlatform.system};
          });
        };
    };
}
