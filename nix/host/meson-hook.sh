# nixpkgs' meson and ninja hooks, as far as this flake uses them.
mesonConfigurePhase() {
  runHook preConfigure
  meson setup build --prefix=$out --libdir=lib --buildtype=${mesonBuildType:-plain} --wrap-mode=nodownload ${mesonFlags-}
  cd build
  runHook postConfigure
}
mesonCheckPhase() {
  runHook preCheck
  meson test --no-rebuild --print-errorlogs
  runHook postCheck
}
mesonInstallPhase() {
  runHook preInstall
  meson install --no-rebuild --quiet
  runHook postInstall
}
ninjaBuildPhase() {
  runHook preBuild
  ninja -j$NIX_BUILD_CORES
  runHook postBuild
}
: ${configurePhase=mesonConfigurePhase} ${buildPhase=ninjaBuildPhase} ${checkPhase=mesonCheckPhase} ${installPhase=mesonInstallPhase}
