# nixpkgs' stdenv/setup in small: environment, setup hooks, phases. Sourced by every builder and by
# `nix develop`. Anything that could differ between two builds of one input is pinned here.
export PATH=/usr/bin:/bin LC_ALL=C.UTF-8 TZ=UTC SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-315532800}
unset CPATH LIBRARY_PATH PKG_CONFIG_PATH
export NIX_BUILD_CORES=${NIX_BUILD_CORES:-1}
[ "$NIX_BUILD_CORES" -gt 0 ] || NIX_BUILD_CORES=$(nproc)

inputs="${nativeBuildInputs-} ${buildInputs-}"
[ -z "${doCheck-}" ] || inputs="$inputs ${nativeCheckInputs-} ${checkInputs-}"
for i in $inputs; do
  [ ! -d $i/bin ] || PATH=$i/bin:$PATH
  [ ! -d $i/lib/pkgconfig ] || export PKG_CONFIG_PATH=$i/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
  [ ! -f $i/nix-support/setup-hook ] || source $i/nix-support/setup-hook
done

# The build folder's name is random: without the map it would reach debug info and __FILE__.
if [ -z "${IN_NIX_SHELL-}" ] && [ -n "${NIX_BUILD_TOP-}" ]; then
  export HOME=$NIX_BUILD_TOP/home
  set -o pipefail
  for v in CFLAGS CXXFLAGS; do export $v="${!v-} -ffile-prefix-map=$NIX_BUILD_TOP=/build"; done
fi

runHook() { [ -z "${!1-}" ] || eval "${!1}"; }
unpackPhase() {
  mkdir -p source
  if [ -d "$src" ]; then
    cp -r --no-preserve=ownership "$src/." source/
    chmod -R u+w source
  else
    tar xf "$src" -C source --strip-components=1
  fi
  cd source
  runHook postUnpack
}
fixupPhase() {
  runHook preFixup
  [ -n "${dontStrip-}" ] || [ ! -d $out/bin ] || find $out/bin $out/lib -type f -exec strip -S {} + 2>/dev/null || true
  runHook postFixup
}
genericBuild() {
  local phase
  if [ -n "${buildCommand-}" ]; then
    eval "$buildCommand"
    return
  fi
  for phase in unpackPhase configurePhase buildPhase ${doCheck:+checkPhase} installPhase fixupPhase; do
    echo "== $phase"
    if [ -n "${!phase-}" ]; then eval "${!phase}"; else $phase; fi
  done
}
