#!/bin/sh
# gpu.sh TEST_LEARN_CUDA_GPU PACKSCOPE: all that needs a GPU, in one run. Exit code 77, a skip, where there is none, but for
# PACKSCOPE_REQUIRE_GPU=1, with which that is a failure. PACKSCOPE_CUDA_BACKEND names the shared object.
set -u
test=$1 packscope=$2

"$test" -r console
code=$?
if [ $code = 4 ]; then # Catch2: every test was skipped
  "$packscope" ast_classifier --backend cuda
  [ "${PACKSCOPE_REQUIRE_GPU:-}" = 1 ] || exit 77
  exit 1
fi
[ $code = 0 ] || exit $code

# The program itself chooses it, says so, and learns the seed's sample with it.
said=$("$packscope" ast_classifier 2>&1) || { echo "$said"; exit 1; }
echo "$said"
case $said in *"backend: cuda ("*"8 of 8 right"*) ;; *) echo 'not by CUDA, or not learned'; exit 1 ;; esac

# Each of the sanitizer's tools, without the long runs (every kernel is a hundred times slower)
# and without the one that fails by intent.
sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer 2> /dev/null)
if [ -z "$sanitizer" ]; then
  echo 'compute-sanitizer is not installed: not run'
  exit 0
fi
for tool in memcheck racecheck initcheck synccheck; do
  echo "compute-sanitizer $tool"
  "$sanitizer" --tool $tool --error-exitcode 9 "$test" '~[losses]~[memory]' || exit 1
done
