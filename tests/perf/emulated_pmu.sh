#!/bin/bash
# perf/emulated_pmu.sh FOLDER [ARGUMENT…]: test_perf where instructions are counted, on a machine that counts none.
#
# QEMU emulates the counters of an arm64 processor, and under -icount they count every instruction that it executes. So the
# room and its tests are built for arm64 and run under Debian's kernel in an emulator: a real PMU driver, a real perf stat.
# Prints both figures of the test that compares with perf stat, then what the other tests say (ARGUMENT…: for test_perf,
# instead); exit 0 if all pass. Takes minutes and, the first time, 150 MB of packages, which stay in FOLDER for the next; by hand only.
#
# Needs Debian 12's qemu-system-arm, g++-aarch64-linux-gnu, mmdebstrap, linux-source, make, cpio.
set -euo pipefail
[ $# != 0 ] || { echo "usage: $0 FOLDER [ARGUMENT...]" >&2; exit 2; }
tree=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1" && cd "$1"
shift
folder=$PWD
cross=aarch64-linux-gnu

# The system, unpacked and not configured. Debian 12 has Catch2 3 in its backports.
if [ ! -e root/usr/bin/perf ]; then
  # shellcheck source=/dev/null
  code=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mirror=$(apt-get indextargets --format "\$(REPO_URI) \$(RELEASE) \$(COMPONENT)" 'Created-By: Packages' |
    awk -v code="$code" '$2 == code && $3 == "main" && !found++ { print $1 }')
  mmdebstrap --variant=extract --architectures=arm64 --aptopt='APT::Sandbox::User "root"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/lib/modules/*' --dpkgopt='path-exclude=/usr/lib/modules/*' \
    --include=busybox-static,dash,coreutils,linux-image-cloud-arm64,linux-perf,python3-minimal,libcatch2-dev,libsqlite3-dev,zlib1g-dev \
    "$code" root "deb $mirror $code main" "deb $mirror $code-backports main"
fi

if [ ! -e libperf/libapi.a ]; then # as nix/libperf.nix
  mkdir -p kernel
  tar xf /usr/src/linux-source-*.tar.xz -C kernel --strip-components=1 --wildcards '*/tools/arch' '*/tools/build' \
    '*/tools/include' '*/tools/lib/api' '*/tools/lib/perf' '*/tools/lib/*.c' '*/tools/scripts'
  make -C kernel/tools/lib/perf ARCH=arm64 CROSS_COMPILE=$cross- EXTRA_CFLAGS='-O2 -Wno-error' prefix="$folder/libperf" \
    libdir="$folder/libperf" install_lib install_headers
  cp kernel/tools/lib/api/libapi.a libperf/
fi

rm -rf objects && mkdir objects
compiler=("$cross-g++" "--sysroot=$folder/root" -std=c++2b -O1 "-I$tree/src" "-I$tree/tests" -isystem libperf/include)
for source in "$tree"/src/base/*.cc "$tree"/src/perf/*.cc "$tree"/tests/perf/*.cc; do
  [ "${source##*/}" = without_libperf.cc ] || printf '%s\0-o\0%s\0' "$source" "objects/${source//\//_}.o"
done | xargs -0 -n 3 -P "$(nproc)" "${compiler[@]}" -c
"${compiler[@]}" -o test_perf objects/*.o libperf/libperf.a libperf/libapi.a -lCatch2Main -lCatch2 -l:libz.so.1 -l:libsqlite3.so.0

# What boots: the libraries and programs of the tests, and a first process that runs them. Its last line is their exit code.
rm -rf boot && mkdir -p boot/{proc,sys,dev,tmp,usr/lib}
tar c --exclude='*.a' --exclude='perl*' --exclude=gconv --exclude=gcc root/{bin,lib,usr/bin,usr/lib} | tar x -C boot --strip-components=1
cp test_perf boot/
cat > boot/init << 'EOF'
#!/bin/busybox sh
export PATH=/usr/bin:/bin
for what in proc sysfs:sys devtmpfs:dev tmpfs:tmp; do busybox mount -t "${what%:*}" none "/${what#*:}"; done
status=0
if [ -s /arguments ]; then
  busybox xargs -0 /test_perf < /arguments || status=$?
else
  /test_perf --success 'instructions agree*' || status=$?
  /test_perf '~instructions agree*' || status=$?
fi
echo "test_perf: exit $status"
busybox poweroff -f
EOF
chmod +x boot/init
if [ $# != 0 ]; then printf '%s\0' "$@" > boot/arguments; fi
(cd boot && find . | cpio --quiet -o -H newc) > initrd
# shift=0: a nanosecond of the emulated clock an instruction; sleep=off: no time passes while nothing runs.
qemu-system-aarch64 -M virt -cpu max -m 2048 -icount shift=0,sleep=off -nographic -nic none -no-reboot -kernel root/boot/vmlinuz-* \
  -initrd initrd -append 'console=ttyAMA0 quiet rdinit=/init panic=-1' < /dev/null | sed -u 's/\r$//' | tee log
grep -q '^test_perf: exit 0$' log
