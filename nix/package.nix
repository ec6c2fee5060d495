# The program with its tests (`checked = false` leaves them out). The source is exactly what the build reads, so that an
# edited README doesn't build it again.
{ lib, stdenv, meson, ninja, pkg-config, cli11, isa-l, libdeflate, libdivsufsort, libgit2, lmdb, nlohmann_json, openssl, sqlite
, tomlplusplus, tree-sitter, vectorscan, zlib, zlib-ng ? null, llvmPackages_19 ? null, tinycc ? null, catch2_3, gitMinimal, graphviz, python3, python3Packages, qemu, mes ? null, yara, grammars, libperf
, revision, checked ? true }:
let
  # nixpkgs' C library is in no place where clang and lld look by themselves; Debian's is.
  inherit (stdenv) cc;
  compileFlags = lib.optionalString (cc ? libc_dev) "--gcc-toolchain=${cc.cc} -idirafter ${cc.libc_dev}/include";
  linkFlags = lib.optionalString (cc ? libc_dev)
    "--gcc-toolchain=${cc.cc} -B${cc.libc}/lib -L${cc.libc}/lib -L${lib.getLib cc.cc}/lib -Wl,-dynamic-linker,${cc.bintools.dynamicLinker or ""} -Wl,-rpath,${lib.getLib cc.cc}/lib";
in
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

  nativeBuildInputs = [ meson ninja pkg-config ]
    ++ lib.optional (llvmPackages_19 != null) llvmPackages_19.llvm # llvm-config
    ++ lib.optional (tinycc != null) tinycc;
  buildInputs = [ cli11 isa-l libdeflate libdivsufsort libgit2 libperf lmdb nlohmann_json openssl sqlite tomlplusplus tree-sitter vectorscan zlib ]
    ++ lib.optional (zlib-ng != null) zlib-ng # Debian 12 has none
    # What pack_compiler build compiles with.
    ++ lib.optional (llvmPackages_19 != null) llvmPackages_19.llvm
    ++ lib.optional (llvmPackages_19 != null) llvmPackages_19.libclang
    ++ lib.optional (llvmPackages_19 != null) llvmPackages_19.lld
    ++ lib.optional (tinycc != null) tinycc;
  mesonBuildType = "release";
  # The linker's build id follows the build folder's name, and nothing else in the program does.
  LDFLAGS = "-Wl,--build-id=none";
  mesonFlags = [
    (lib.mesonOption "grammars" "${grammars}")
    (lib.mesonOption "revision" revision)
    (lib.mesonOption "libperf" "enabled")
    (lib.mesonOption "cuda" "disabled") # nix/cuda.nix is the variant
    (lib.mesonOption "clang_compile_flags" compileFlags)
    (lib.mesonOption "clang_link_flags" linkFlags)
    (lib.mesonBool "tests" checked)
    (lib.mesonBool "tools_unity" true)
  ] ++ lib.optional (llvmPackages_19 != null && cc ? libc_dev) (lib.mesonOption "clang_resources" "${lib.getLib llvmPackages_19.libclang}/lib/clang/19");

  doCheck = checked;
  nativeCheckInputs = [ gitMinimal graphviz python3 python3Packages.jsonschema python3Packages.networkx qemu sqlite yara ]
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
