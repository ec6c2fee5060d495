# The lattice of any number of packs: a derivation a pack, a tree of joins above. A pack is a path or a derivation: a .pack,
# or a folder that holds packs or repositories. Remote builders and Hydra take it as any other build.
#
# The tree is a trie over the packs' hashes: where a pack stands follows from the pack alone. So one pack more builds its
# own leaf and the joins above it, the list's order changes nothing, and what is named twice is there once.
{ lib, runCommand, packscope, name, packs, minRepos ? 0 }:
let
  program = lib.getExe packscope;
  most = 16; # children of a join: the digits of a hash

  leaf = pack: runCommand "${name}-leaf" { } ''
    if [ -d ${pack} ]; then from=${pack}; else ln -s ${pack} in.pack; from=in.pack; fi
    ${program} pack2lattice build --no-progress -o lattice $from
    mv lattice $out
  '';
  join = options: parts: runCommand "${name}-join" { inherit parts; } ''
    ${program} pack2lattice join ${options} -o lattice $parts
    mv lattice $out
  '';

  key = pack: builtins.hashString "sha256" (builtins.unsafeDiscardStringContext "${pack}");
  leaves = lib.listToAttrs (map (pack: lib.nameValuePair (key pack) (leaf pack)) packs);
  digits = lib.filter (digit: digit != "") (lib.splitString "," "0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f");
  tree = depth: keys:
    if lib.length keys == 1 then leaves.${lib.elemAt keys 0}
    else if lib.length keys <= most then join "" (map (k: leaves.${k}) keys)
    else join "" (map (tree (depth + 1)) (lib.filter (below: below != [ ])
      (map (digit: lib.filter (k: lib.substring depth 1 k == digit) keys) digits)));
  all = tree 0 (lib.attrNames leaves);
in
if packs == [ ] then throw "latticeOf: no packs"
else if minRepos > 1 then join "--min-repos ${toString minRepos}" [ all ]
else all
