# libperf, which no distribution packages: the kernel's tools/lib/perf, out of the kernel's own sources.
# Static, with the libapi it stands on, so that the program needs no library at run time.
{ stdenv, gnumake, linux_latest }:
stdenv.mkDerivation {
  pname = "libperf";
  version = linux_latest.version;
  inherit (linux_latest) src;
  nativeBuildInputs = [ gnumake ];
  # A fiftieth of the archive is enough. Their -Werror meets compilers that are newer than they are.
  buildCommand = ''
    tar xf $src --strip-components=1 --wildcards '*/tools/arch' '*/tools/build' '*/tools/include' \
      '*/tools/lib/api' '*/tools/lib/perf' '*/tools/lib/*.c' '*/tools/scripts'
    if type -t patchShebangs > /dev/null; then patchShebangs tools; fi
    make -C tools/lib/perf EXTRA_CFLAGS='-O2 -Wno-error' prefix=$out libdir=$out/lib \
      install_lib install_headers install_pkgconfig
    cp tools/lib/api/libapi.a $out/lib/
    rm $out/lib/libperf.so*
    # Their debug info is stripped from the program too, but not before it has gone into the build id.
    strip --strip-debug --enable-deterministic-archives $out/lib/*.a
    sed -i 's/-lperf/-lperf -lapi/' $out/lib/pkgconfig/libperf.pc
  '';
  meta.description = "Access to the kernel's perf events";
}
