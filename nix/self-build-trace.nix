# The project's own build under perf: one line a compiler call (build-steps.jsonl), sampled stacks
# (perf.data, stacks.folded) and what was measured with which event (perf.txt). One build yields both:
# perf samples ninja, and ninja's compiler is perf-step.sh around the real one.
{ stdenv, lib, gawk, perf, time, packscope }:
stdenv.mkDerivation {
  pname = "packscope-self-build-trace";
  inherit (packscope) version src buildInputs mesonBuildType;
  nativeBuildInputs = packscope.nativeBuildInputs ++ [ gawk perf time ];
  mesonFlags = packscope.mesonFlags ++ [ (lib.mesonBool "tests" false) (lib.mesonBool "tools_unity" false) ]; # each file for itself

  preConfigure = ''
    export PACKSCOPE_STEPS_ROOT=$PWD
    step="bash ${./perf-step.sh}"
    export CC="$step ''${CC:-cc}" CXX="$step ''${CXX:-c++}"
  '';
  buildPhase = ''
    mkdir -p $out
    bash ${./perf-build.sh} $out ninja -j$NIX_BUILD_CORES
  '';
  postInstall = ''
    mkdir -p $out/nix-support
    echo "file jsonl $out/build-steps.jsonl" > $out/nix-support/hydra-build-products
  '';
  meta.description = "The cost of building packscope, per translation unit and sampled";
}
