# The grammar directory that the program loads from: one <language>.so a language, as editors keep them.
# What the package set lacks is left out (the program names a missing grammar when it meets a file).
{ lib, runCommand, tree-sitter-grammars }:
let
  wanted = [ "bash" "c" "cpp" "go" "javascript" "json" "markdown" "nix" "perl" "python" "rust" "toml" "yaml" ];
  usable = g: !(g.meta.broken or false);
  languages = lib.filter (l: tree-sitter-grammars ? "tree-sitter-${l}" && usable tree-sitter-grammars."tree-sitter-${l}") wanted;
in
runCommand "packscope-grammars" { meta.description = "tree-sitter grammars by language name"; } ''
  mkdir -p $out
  ${lib.concatMapStrings (l: ''
    ln -s ${tree-sitter-grammars."tree-sitter-${l}"}/parser $out/${l}.so
  '') languages}
''
