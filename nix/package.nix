# The program with its tests. The source is exactly what the build reads, so that an edited README
# doesn't build it again.
{ lib, stdenv, meson, ninja, pkg-config, cli11, isa-l, libdeflate, libdivsufsort, libgit2, lmdb, nlohmann_json, openssl, sqlite
, tomlplusplus, tree-sitter, vectorscan, zlib, zlib-ng ? null, catch2_3, gitMinimal, graphviz, python3, python3Packages, qemu, tinycc, mes ? null, yara, grammars, libperf
, revision }:
stdenv.mkDerivation {
  pname = "packscope";
  version = "0.1.0";
  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../meson.build
      ../meson_options.txt
      ../src
      ../tests
      (lib.fileset.maybeMissing ../traces)
    ];
  };

  nativeBuildInputs = [ meson ninja pkg-config ];
  buildInputs = [ cli11 isa-l libdeflate libdivsufsort libgit2 libperf lmdb nlohmann_json openssl sqlite tomlplusplus tree-sitter vectorscan zlib ]
    ++ lib.optional (zlib-ng != null) zlib-ng; # Debian 12 has none
  mesonBuildType = "release";
  # The linker's build id follows the build folder's name, and nothing else in the program does.
  LDFLAGS = "-Wl,--build-id=none";
  mesonFlags = [
    (lib.mesonOption "grammars" "${grammars}")
    (lib.mesonOption "revision" revision)
    (lib.mesonOption "libperf" "enabled")
    (lib.mesonOption "cuda" "disabled") # nix/cuda.nix is the variant
    (lib.mesonBool "tests" true)
  ];

  doCheck = true;
  nativeCheckInputs = [ gitMinimal graphviz python3 python3Packages.jsonschema python3Packages.networkx qemu sqlite tinycc yara ]
    ++ lib.optional (mes != null) mes; # nixpkgs' is in minimal-bootstrap, and not for everyday use
  checkInputs = [ catch2_3 ];
  preCheck = "export PACKSCOPE_GRAMMARS=${grammars}";

  postInstall = ''
    mkdir -p $out/nix-support
    echo "file binary $out/bin/packscope" > $out/nix-support/hydra-build-products
  '';

  meta = {
    description = "Reads what is in git packs without checking them out";
    license = lib.licenses.mit;
    mainProgram = "packscope";
    platforms = lib.platforms.linux;
  };
}
