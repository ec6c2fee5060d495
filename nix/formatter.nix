# `nix fmt [FILE…]`: C++ by clang-format, and Nix where a formatter for it is at hand.
{ lib, writeShellApplication, clang-tools, gitMinimal, nixfmt ? null }:
writeShellApplication {
  name = "packscope-format";
  runtimeInputs = [ clang-tools gitMinimal ] ++ lib.optional (nixfmt != null) nixfmt;
  text = ''
    if [ $# -gt 0 ] && [ "$*" != . ]; then files=("$@"); else mapfile -t files < <(git ls-files); fi
    for f in "''${files[@]}"; do
      case $f in
        *.cc | *.cpp | *.h | *.hpp) clang-format -i -- "$f" ;;
        *.nix) if command -v nixfmt > /dev/null; then nixfmt "$f"; fi ;;
      esac
    done
  '';
}
