# Builds one host package: links to what is installed, or a failure that names Debian's package.
mkdir -p $out
missing() { echo "not installed: $deb (no $1); nix/nixw installs it" >&2; exit 1; }
for b in $bins; do
  path=$(type -P $b) || missing "program $b"
  mkdir -p $out/bin
  ln -s $path $out/bin/$b
done
for p in $pc; do
  pkg-config --exists $p || missing "$p.pc"
  mkdir -p $out/lib/pkgconfig
  ln -s $(pkg-config --variable=pcfiledir $p)/$p.pc $out/lib/pkgconfig/
done
if [ -n "$file" ]; then
  path=$(ls -d $file 2> /dev/null | sort -V | tail -n 1)
  [ -n "$path" ] || missing "$file"
  ln -s $path $out/file
fi
if [ -n "$hook" ]; then
  mkdir -p $out/nix-support
  cp $hook $out/nix-support/setup-hook
fi
echo "$deb $version" > $out/host
