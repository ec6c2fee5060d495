# The package set. One idea: a package is a small derivation that links to what Debian installed and
# fails by the Debian package's name when it isn't there; Debian's version is part of its hash.
# The names in `deb = "…"` are the one list of what nixw installs.
{ system ? builtins.currentSystem, overlays ? [ ] }:
let
  lib = import ./lib.nix;
  versions = if builtins.pathExists ./host.json then lib.importJSON ./host.json else { };

  # $stdenv/setup as nixpkgs has it; `nix develop` sources it too. Compiler, libc and shell belong to
  # every hash, or Debian 12 and 13 would share results.
  setup = derivation {
    name = "host-stdenv";
    inherit system;
    builder = "/bin/bash";
    PATH = "/usr/bin:/bin";
    toolchain = builtins.toJSON (versions.toolchain or { });
    args = [ "-euc" "mkdir -p $out; cp ${./setup.sh} $out/setup; printf '%s\\n' \"$toolchain\" > $out/toolchain.json" ];
  };

  mkDerivation = fnOrAttrs:
    let
      args = if lib.isFunction fnOrAttrs then fnOrAttrs final else fnOrAttrs;
      final = args // { inherit (drv) outPath; finalPackage = drv; };
      raw = derivation (removeAttrs args [ "meta" "passthru" "env" ] // (args.env or { }) // {
        inherit system;
        outputs = [ "out" ]; # `nix develop` asks for it
        stdenv = setup;
        name = args.name or "${args.pname}-${args.version}";
        builder = "/bin/bash";
        args = [ "-e" ./builder.sh ];
      });
      drv = raw // {
        meta = args.meta or { };
        overrideAttrs = f: mkDerivation (args // f args);
      } // (args.passthru or { });
    in drv;

  platform = { inherit system; isLinux = true; isDarwin = false; isx86_64 = system == "x86_64-linux"; isAarch64 = system == "aarch64-linux"; };
  stdenv = setup // { inherit lib system mkDerivation; cc = pkgs.gcc; hostPlatform = platform; buildPlatform = platform; };

  # One thing of nixpkgs, from one or more Debian packages: programs into bin/, .pc files into
  # lib/pkgconfig, the newest that `file` matches as `file`, `hook` as the setup hook.
  host = { name, deb, bins ? [ ], pc ? [ ], file ? "", hook ? "" }:
    let version = lib.concatMapStringsSep " " (d: versions.packages.${d} or "missing") (lib.splitString " " deb); in
    derivation
      {
        inherit name system deb bins pc file hook version;
        builder = "/bin/bash";
        PATH = "/usr/bin:/bin";
        args = [ "-e" ./host.sh ];
      } // { pname = name; meta.mainProgram = name; };

  # Programs that every Debian has (coreutils, awk, sed …) come from PATH.
  tools = {
    bashInteractive = host { name = "bash"; deb = "bash"; bins = [ "bash" "sh" ]; };
    # The fuzz targets want std::expected, which no older clang takes from libstdc++.
    clang = host { name = "clang"; deb = "clang-19 libclang-rt-19-dev"; bins = [ "clang-19" "clang++-19" ]; };
    clang-tools = host { name = "clang-tools"; deb = "clang-format"; bins = [ "clang-format" ]; };
    gawk = host { name = "gawk"; deb = "gawk"; bins = [ "gawk" "awk" ]; };
    gcc = host { name = "gcc"; deb = "g++"; bins = [ "gcc" "g++" "cc" "c++" "cpp" ]; };
    gnumake = host { name = "make"; deb = "make"; bins = [ "make" ]; };
    gitMinimal = host { name = "git"; deb = "git"; bins = [ "git" ]; };
    graphviz = host { name = "graphviz"; deb = "graphviz"; bins = [ "dot" ]; };
    # The compiler in Scheme at the bottom of the chain; Guile runs it ten times as fast as mes does.
    mes = host { name = "mes"; deb = "mes mescc-tools nyacc guile-3.0"; bins = [ "mes" "mescc" "guile" ]; };
    meson = host { name = "meson"; deb = "meson"; bins = [ "meson" ]; hook = ./meson-hook.sh; };
    ninja = host { name = "ninja"; deb = "ninja-build"; bins = [ "ninja" ]; };
    perf = host { name = "perf"; deb = "linux-perf"; bins = [ "perf" ]; };
    pkg-config = host { name = "pkg-config"; deb = "pkg-config"; bins = [ "pkg-config" ]; };
    python3 = host { name = "python3"; deb = "python3"; bins = [ "python3" ]; };
    # The image without an OS runs under it.
    qemu = host { name = "qemu"; deb = "qemu-system-x86"; bins = [ "qemu-system-x86_64" ]; };
    shellcheck = host { name = "shellcheck"; deb = "shellcheck"; bins = [ "shellcheck" ]; };
    time = host { name = "time"; deb = "time"; bins = [ "time" ]; };
    yara = host { name = "yara"; deb = "yara"; bins = [ "yara" "yarac" ]; };
  };

  # Debian's python finds its modules by itself.
  python3Packages = {
    jsonschema = host { name = "python3-jsonschema"; deb = "python3-jsonschema"; };
    networkx = host { name = "python3-networkx"; deb = "python3-networkx"; };
  };

  libraries = {
    catch2_3 = host { name = "catch2"; deb = "libcatch2-dev"; pc = [ "catch2-with-main" ]; };
    cli11 = host { name = "cli11"; deb = "libcli11-dev"; pc = [ "CLI11" ]; };
    isa-l = host { name = "isa-l"; deb = "libisal-dev"; pc = [ "libisal" ]; };
    libdeflate = host { name = "libdeflate"; deb = "libdeflate-dev"; pc = [ "libdeflate" ]; };
    libdivsufsort = host { name = "libdivsufsort"; deb = "libdivsufsort-dev"; pc = [ "libdivsufsort" ]; };
    libgit2 = host { name = "libgit2"; deb = "libgit2-dev"; pc = [ "libgit2" ]; };
    # What pack_compiler build compiles with: clang and lld as libraries, and libtcc.
    llvmPackages_19 = {
      llvm = host { name = "llvm"; deb = "llvm-19-dev"; bins = [ "llvm-config-19" ]; };
      libclang = host { name = "libclang"; deb = "libclang-19-dev libclang-cpp19-dev"; file = "/usr/lib/llvm-19/include/clang/Driver/Driver.h"; };
      lld = host { name = "lld"; deb = "liblld-19-dev"; file = "/usr/lib/llvm-19/lib/liblldELF.a"; };
    };
    tinycc = host { name = "tinycc"; deb = "libtcc-dev tcc"; bins = [ "tcc" ]; file = "/usr/include/libtcc.h"; };
    lmdb = host { name = "lmdb"; deb = "liblmdb-dev"; pc = [ "lmdb" ]; };
    nlohmann_json = host { name = "nlohmann_json"; deb = "nlohmann-json3-dev"; pc = [ "nlohmann_json" ]; };
    openssl = host { name = "openssl"; deb = "libssl-dev"; pc = [ "libcrypto" ]; };
    sqlite = host { name = "sqlite"; deb = "libsqlite3-dev sqlite3"; bins = [ "sqlite3" ]; pc = [ "sqlite3" ]; };
    tomlplusplus = host { name = "tomlplusplus"; deb = "libtomlplusplus-dev"; pc = [ "tomlplusplus" ]; };
    tree-sitter = host { name = "tree-sitter"; deb = "libtree-sitter-dev"; pc = [ "tree-sitter" ]; };
    linux_latest = {
      version = versions.packages.linux-source or "missing";
      src = host { name = "linux-source"; deb = "linux-source"; file = "/usr/src/linux-source-*.tar.xz"; } + "/file";
    };
    # Hyperscan, which vectorscan continues, under the same libhs.pc.
    vectorscan = host { name = "vectorscan"; deb = "libhyperscan-dev"; pc = [ "libhs" ]; };
    zlib = host { name = "zlib"; deb = "zlib1g-dev"; pc = [ "zlib" ]; };
  };

  # NVIDIA's toolkit, on a machine that has it (fingerprint.sh); nixw installs none.
  cuda = lib.optionalAttrs (versions ? cuda) {
    config.allowUnfree = true; # whoever installed it agreed to its terms
    cudaPackages = lib.genAttrs [ "cuda_cudart" "libcublas" "cuda_nvrtc" ] (name: host {
      name = "${name}-${versions.cuda.version}";
      deb = "";
      file = "${versions.cuda.home}/include/nvrtc.h";
    });
  };

  # Debian has no grammars: npm's packages carry the generated C. Same layout as nixpkgs': $out/parser.
  grammar = { language, name, version, hash, folder }:
    mkDerivation {
      pname = "tree-sitter-${language}";
      inherit version folder language hash;
      src = ./npm + "/${language}-${version}.tgz";
      nativeBuildInputs = [ tools.gcc ];
      buildCommand = ''
        unpackPhase
        cd "$folder/src"
        objects=()
        for unit in parser scanner; do
          [ -f $unit.c ] || continue
          gcc -c -O2 -fPIC -std=c11 -w -I. "-ffile-prefix-map=$NIX_BUILD_TOP=/build" $unit.c -o $unit.o
          objects+=($unit.o)
        done
        mkdir -p $out
        gcc -shared -s "-Wl,-soname,$language.so" "''${objects[@]}" -o $out/parser
      '';
    };
  npmLines = lib.filter (l: l != "" && !lib.hasPrefix "#" l) (lib.splitString "\n" (builtins.readFile ./npm.txt));
  npmFields = line:
    let f = lib.filter (x: x != "") (lib.splitString " " line); at = lib.elemAt f; in
    { language = at 0; name = at 1; version = at 2; hash = at 3; folder = at 4; };

  base = tools // libraries // cuda // {
    inherit lib system stdenv python3Packages;
    callPackage = lib.callPackageWith pkgs;
    extend = overlay: import ./. { inherit system; overlays = overlays ++ [ overlay ]; };
    tree-sitter-grammars = lib.listToAttrs
      (map (line: let g = npmFields line; in lib.nameValuePair "tree-sitter-${g.language}" (grammar g)) npmLines);

    runCommand = name: env: buildCommand: mkDerivation ({ inherit name buildCommand; } // env);
    writeShellApplication = { name, text, runtimeInputs ? [ ] }:
      base.runCommand name
        {
          script = "#!/bin/bash\nset -o errexit -o nounset -o pipefail\nexport PATH=\"${lib.makeBinPath runtimeInputs}:$PATH\"\n${text}";
          meta.mainProgram = name;
        } ''
        mkdir -p $out/bin
        printf '%s\n' "$script" > $out/bin/${name}
        chmod +x $out/bin/${name}
      '';
    mkShell = { inputsFrom ? [ ], packages ? [ ], ... }@args:
      let from = n: lib.concatMap (d: d.${n} or [ ]) inputsFrom; in
      mkDerivation (removeAttrs args [ "inputsFrom" "packages" ] // {
        name = args.name or "nix-shell";
        nativeBuildInputs = packages ++ from "nativeBuildInputs";
        buildInputs = from "buildInputs";
        buildCommand = "export -p > $out";
      });
  };

  pkgs = lib.foldl' (prev: overlay: prev // overlay pkgs prev) base overlays;
in
pkgs
