#!/bin/sh
# The symbol decoder compiles without an OS and calls nothing: freestanding.sh SRC WORK COMPILER…
# Only memcpy and memset may be asked for, which a compiler may put into any freestanding program.
set -eu
src=$1 work=$2
shift 2
mkdir -p "$work"
for unit in block symbols zlib_stream; do
  "$@" -std=c++2b -O2 -ffreestanding -fbuiltin -fno-exceptions -fno-rtti -fno-stack-protector "-I$src" \
    -c "$src/deflate/$unit.cc" -o "$work/$unit.o"
done
ld -r -o "$work/decoder.o" "$work/block.o" "$work/symbols.o" "$work/zlib_stream.o"
calls=$(nm -u "$work/decoder.o" | awk '{ print $NF }' | grep -vx -e memcpy -e memset || true)
[ -z "$calls" ] || { echo "the decoder calls: $calls"; exit 1; }
nm -C "$work/decoder.o" | grep -q 'T packscope::deflate::SymbolReader::next'
