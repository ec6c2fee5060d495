#!/bin/bash
# Prints host.json: the installed versions of the packages given, and of what every build uses besides.
# It enters the hashes of the shim's derivations, so that an upgraded machine builds anew.
set -euo pipefail
compiler=$(dpkg-query -W -f '${Depends}' g++ | grep -o 'g++-[0-9]*' | head -1)
echo '{ "packages": {'
dpkg-query -W -f '"${Package}": "${Version}",\n' "$@" | sort -u | sed '$s/,$//'
echo '}, "toolchain": {'
dpkg-query -W -f '"${Package}": "${Version}",\n' "$compiler" libc6-dev binutils bash zlib1g | sort -u | sed '$s/,$//'
echo '}'
# NVIDIA's toolkit comes from other places than Debian's archive, or not at all (src/learn/cuda/meson.build
# looks in the same folders).
for home in /usr /usr/local/cuda /opt/cuda; do
  [ -e $home/include/nvrtc.h ] && [ -e $home/include/cublas_v2.h ] || continue
  version=$(sed -n 's/^#define CUDA_VERSION \([0-9]*\).*/\1/p' $home/include/cuda.h)
  echo ", \"cuda\": { \"home\": \"$home\", \"version\": \"$version\" }"
  break
done
echo '}'
