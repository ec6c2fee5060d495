# What `nix flake check` builds: the pipeline's reproducible part, and small questions about each step.
{ pkgs, self, jobs }:
let
  inherit (pkgs) runCommand gitMinimal shellcheck sqlite;
in
{
  inherit (jobs) packscope self-model;

  # The pack, unpacked by git alone, is the source to the last file, mode and link.
  self-pack = runCommand "packscope-check-self-pack" { nativeBuildInputs = [ gitMinimal ]; } ''
    export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
    git init -q repo
    git -C repo index-pack -v --stdin < ${jobs.self-pack}/self.pack 2> log || { cat log; exit 1; }
    tree=$(sed -n 's/^tree //p' ${jobs.self-pack}/ids)
    mkdir a b
    git -C repo archive $tree | tar x -C a
    cp -a ${self}/. b
    rm -rf b/.git
    modes() { (cd $1 && find . -mindepth 1 \( -type l -printf '%P -> %l\n' -o -type f -perm -100 -printf '%P x\n' -o -type f -printf '%P\n' \) | sort); }
    diff <(modes a) <(modes b)
    diff -r --no-dereference a b
    cp ${jobs.self-pack}/ids $out
  '';

  # The trace answers a plain question: tokens were found, and each lies in some compressed bits.
  self-bytes = runCommand "packscope-check-self-bytes" { nativeBuildInputs = [ sqlite ]; } ''
    sqlite3 -readonly ${jobs.self-bytes}/trace.sqlite 'pragma integrity_check; select count(*) > 0 from token; select count(*) > 0 from piece' > answers
    printf 'ok\n1\n1\n' | diff - answers
    mv answers $out
  '';

  # A lattice of two packs is the same whichever comes first, and knows what is in them.
  lattice =
    let of = packs: jobs.latticeOf { inherit packs; }; pack = "${jobs.self-pack}/self.pack"; in
    runCommand "packscope-check-lattice" { } ''
      cmp ${of [ pack jobs.self-pack ]} ${of [ jobs.self-pack pack ]}
      ${jobs.packscope}/bin/packscope pack2lattice explain --json ${of [ pack ]} ${pack} > records
      grep -q '"label":"cpp"' records
      mv records $out
    '';

  # The flake's list of commands is the program's: each answers under its own name, and none is left out.
  commands = runCommand "packscope-check-commands"
    { programs = pkgs.lib.mapAttrsToList (_: c: c.program) (import ./commands.nix); } ''
    for program in $programs; do ${jobs.packscope}/bin/$program --help > /dev/null; done
    diff <(printf '%s\n' $programs packscope | sort) <(ls ${jobs.packscope}/bin | sort)
    touch $out
  '';

  scripts = runCommand "packscope-check-scripts" { nativeBuildInputs = [ shellcheck ]; } ''
    shellcheck --severity=warning ${./nixw} ${./perf-step.sh} ${./perf-build.sh} ${./host/fingerprint.sh}
    touch $out
  '';
}
