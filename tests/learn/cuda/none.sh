#!/bin/sh
# none.sh PACKSCOPE: the program needs no CUDA library to start, and a command on the CPU opens none. Asked of strace
# where it may trace, else of the loader's own log.
set -eu
packscope=$1
# A sanitizer's leak check cannot run under strace; the other tests have it.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
names='lib(cuda|cudart|cublas|cublasLt|nvrtc|nvidia)[-.]|packscope-cuda'

if ldd "$packscope" | grep -E "$names"; then echo 'linked to CUDA'; exit 1; fi

if strace -f -o "$scratch/log" true 2> "$scratch/refused"; then
  watch() { strace -f -e trace=open,openat -o "$scratch/log" "$@"; }
else
  watch() { LD_DEBUG=files LD_DEBUG_OUTPUT="$scratch/ld" "$@"; cat "$scratch"/ld.* > "$scratch/log"; }
fi
none() {
  watch "$@" > "$scratch/out" 2> "$scratch/err" || { cat "$scratch/err"; exit 1; }
  grep -q 'libc\.so' "$scratch/log" || { echo "nothing was watched: $*"; exit 1; }
  if grep -E "$names" "$scratch/log"; then echo "opened by: $*"; exit 1; fi
}
none "$packscope" --version
none "$packscope" ast_classifier --backend cpu
grep -q '^packscope: backend: cpu (\|^backend: cpu (' "$scratch/err" || { cat "$scratch/err"; exit 1; }
