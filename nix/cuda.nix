# packscope with its CUDA backend beside it (lib/packscope/packscope-cuda.so). The program is the same, and
# still links nothing of CUDA; the driver stays the host's, found when the program runs
# (src/learn/cuda/loader.cc), so nothing here depends on one.
{ lib, packscope, cudaPackages }:
let
  cuda = packscope.overrideAttrs (old: {
    pname = "packscope-cuda";
    buildInputs = old.buildInputs ++ [ cudaPackages.cuda_cudart cudaPackages.libcublas cudaPackages.cuda_nvrtc ];
    mesonFlags = lib.filter (flag: !lib.hasPrefix "-Dcuda=" flag) old.mesonFlags ++ [ (lib.mesonOption "cuda" "enabled") ];
    passthru = { inherit gpuCheck; };
  });

  # The tests that need a GPU, on a builder that has one:
  #   nix build --impure .#packscope-cuda.gpuCheck --option extra-system-features cuda
  # Outside `checks` and `release`, which every machine can build.
  gpuCheck = cuda.overrideAttrs (old: {
    pname = "packscope-gpu-check";
    requiredSystemFeatures = [ "cuda" ];
    nativeCheckInputs = old.nativeCheckInputs ++ lib.optional (cudaPackages ? cuda_sanitizer_api) cudaPackages.cuda_sanitizer_api;
    PACKSCOPE_REQUIRE_GPU = "1";
    checkPhase = "meson test --no-rebuild --suite gpu --verbose";
    installPhase = "cp meson-logs/testlog.txt $out";
    postInstall = "";
    passthru = { };
  });
in
cuda
