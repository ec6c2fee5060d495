# A source tree as a bit-reproducible pack: one commit whose tree is the tree of a clean checkout.
# Whatever could differ between two runs of git is fixed: names, dates, configuration, one thread.
{ runCommand, gitMinimal, name, src }:
runCommand name
{
  inherit src;
  nativeBuildInputs = [ gitMinimal ];
  GIT_CONFIG_NOSYSTEM = "1";
  GIT_CONFIG_GLOBAL = "/dev/null";
  GIT_AUTHOR_NAME = "self";
  GIT_AUTHOR_EMAIL = "self@invalid";
  GIT_AUTHOR_DATE = "@1 +0000";
  GIT_COMMITTER_NAME = "self";
  GIT_COMMITTER_EMAIL = "self@invalid";
  GIT_COMMITTER_DATE = "@1 +0000";
  meta.description = "A source tree as a reproducible git pack";
} ''
  cp -a "$src" work
  chmod -R u+w work
  rm -rf work/.git
  cd work
  git init -q -b main
  for setting in gc.auto=0 maintenance.auto=false core.autocrlf=false core.fileMode=true core.symlinks=true \
      core.compression=6 pack.compression=6 pack.threads=1 pack.indexVersion=2 pack.writeReverseIndex=false; do
    git config "''${setting%%=*}" "''${setting#*=}"
  done
  git add -A -f .
  git commit -q -m self
  git repack -q -a -d -f
  mkdir -p $out/nix-support
  install -m 444 .git/objects/pack/*.pack $out/self.pack
  install -m 444 .git/objects/pack/*.idx $out/self.idx
  git rev-parse HEAD 'HEAD^{tree}' | paste -d ' ' <(printf 'commit\ntree\n') - > $out/ids
  echo "file pack $out/self.pack" > $out/nix-support/hydra-build-products
''
