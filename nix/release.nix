# The aggregate job: it builds when every constituent does (Hydra reads _hydraAggregate).
{ runCommand, constituents }:
runCommand "packscope-release"
{
  _hydraAggregate = true;
  inherit constituents;
  meta.description = "All jobs of packscope";
} ''
  mkdir -p $out/nix-support
  echo $constituents > $out/nix-support/hydra-aggregate-constituents
  for c in $constituents; do
    if [ -e $c/nix-support/hydra-build-products ]; then cat $c/nix-support/hydra-build-products; fi
  done > $out/nix-support/hydra-build-products
''
