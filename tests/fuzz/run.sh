#!/bin/bash
# Builds the fuzz targets and runs each for SECONDS: tests/fuzz/run.sh SECONDS [TARGET…]
# Ends with "N passed, M failed", a run each. What ended a run is kept as build/fuzz/found/TARGET-*; put it into
# tests/data/fuzz/TARGET/ when it is mended, and every later run begins with it.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${PACKSCOPE_BUILD:-$root/build}/fuzz
seconds=${1:?usage: tests/fuzz/run.sh SECONDS [TARGET…]}
shift

# The first clang that has what we need: libstdc++'s <expected> and the fuzzer's runtime.
find_clang() {
  local candidate probe
  probe=$(mktemp -d)
  echo '#include <expected>
        extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long n) {
          return std::expected<int, int>(int(n)).has_value() ? 0 : 1; }' > "$probe/probe.cc"
  for candidate in ${FUZZ_CXX-} clang++ clang++-{19..30}; do
    command -v "$candidate" > /dev/null || continue
    if "$candidate" -std=c++2b -fsanitize=fuzzer,address,undefined "$probe/probe.cc" -o "$probe/probe" 2> "$probe/log"; then
      rm -r "$probe"
      echo "$candidate"
      return
    fi
  done
  echo "fuzz: no clang of version 19 or newer with its fuzzer runtime (Debian: clang-19 libclang-rt-19-dev)" >&2
  rm -r "$probe"
  return 1
}

if [ ! -f "$build/build.ninja" ]; then
  clang=$(find_clang)
  # clang++-19 goes with clang-19.
  CC=${clang/clang++/clang} CXX=$clang meson setup "$build" "$root" -Dfuzz=true -Dtests=false -Dbuildtype=debug -Doptimization=1 \
    -Db_sanitize=address,undefined -Db_lundef=false -Dunity=on -Dunity_size=8 \
    -Dcpp_args='-fsanitize=fuzzer-no-link -fno-sanitize-recover=all' > "$build.log" || { cat "$build.log"; exit 1; }
fi
meson compile -C "$build" fuzz

python3 "$root/tests/fuzz/seeds.py" "$build/seeds"
mkdir -p "$build/found"
targets=("$@")
if [ $# = 0 ]; then
  for program in "$build"/tests/fuzz/fuzz_*; do [ ! -f "$program" ] || targets+=("${program##*/fuzz_}"); done
fi
passed=0 failed=0
for target in "${targets[@]}"; do
  mkdir -p "$build/corpus/$target" "$build/seeds/$target"
  corpora=("$build/corpus/$target" "$build/seeds/$target")
  [ ! -d "$root/tests/data/fuzz/$target" ] || corpora+=("$root/tests/data/fuzz/$target")
  echo "fuzz: $target, $seconds s"
  if "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$build/found/$target-" "${corpora[@]}" > "$build/found/$target.log" 2>&1; then
    passed=$((passed + 1))
    sed -n 's/^stat::number_of_executed_units: */fuzz:   inputs: /p' "$build/found/$target.log"
  else
    failed=$((failed + 1))
    grep -v '^INFO' "$build/found/$target.log" | tail -n 60
  fi
done
echo "fuzz: $passed passed, $failed failed"
[ "$failed" = 0 ]
