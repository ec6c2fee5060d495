#!/bin/sh
# compare/stat.sh PACKSCOPE PATH...: ids, types and sizes of every object of each repository, as
# `packscope stat --objects --verify --json` reads them, against `git cat-file --batch-all-objects --batch-check`.
# Prints one line a repository with both times; exit 1 if any differs. PATH: a bare repository or a work tree.
set -u
[ $# -ge 2 ] || { echo "usage: $0 PACKSCOPE PATH..." >&2; exit 2; }
packscope=$1
shift
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
export LC_ALL=C
# Nobody's configuration decides what git may read: a mirror may belong to another user.
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL="$folder/config"
printf '[safe]\n\tdirectory = *\n' >"$folder/config"
failed=0
now() { date +%s%N; }
seconds() { echo "$1 $2" | awk '{ printf "%.1f", ($2 - $1) / 1e9 }'; }
for path; do
  start=$(now)
  # git fails where an object is broken; what it lists is compared all the same
  git -C "$path" cat-file --batch-all-objects --batch-check >"$folder/git" || failed=1
  middle=$(now)
  "$packscope" stat --objects --verify --json --no-progress "$path" >"$folder/json" || failed=1
  end=$(now)
  sed -n 's/.*"object":"\([0-9a-f]*\)".*"type":"\([a-z]*\)","size":\([0-9]*\),.*/\1 \2 \3/p' "$folder/json" |
    sort -u >"$folder/packscope"
  sort -u "$folder/git" -o "$folder/git"
  count=$(wc -l <"$folder/git")
  if cmp -s "$folder/git" "$folder/packscope" && [ "$count" -gt 0 ]; then
    echo "$path: $count objects agree (git cat-file $(seconds "$start" "$middle") s, stat --verify $(seconds "$middle" "$end") s)"
  else
    echo "$path: differs:"
    diff "$folder/git" "$folder/packscope" | head -20
    failed=1
  fi
done
exit $failed
