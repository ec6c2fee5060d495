#!/bin/bash
# A whole build under perf: perf-build.sh OUT COMMAND… runs COMMAND (whose compiler is perf-step.sh) and
# writes OUT/build-steps.jsonl, OUT/perf.data, OUT/stacks.folded and OUT/perf.txt, which says in words
# what was measured with what. Each event is tried once beforehand; the best that works is used.
set -euo pipefail
out=$1
shift
tmp=$(mktemp -d)
export HOME=$tmp

counts() { perf stat -x , -o "$tmp/stat" -e "$1" -- true 2>/dev/null && grep -q '^[0-9]' "$tmp/stat"; }
samples() { perf record -q -N -e "$1" -g -o "$tmp/record" -- true >/dev/null 2>&1 && perf evlist -i "$tmp/record" 2>/dev/null | grep -qx "$1"; }

events=() refused=()
for event in instructions:u cycles:u task-clock page-faults; do
  if counts "$event"; then events+=("$event"); else refused+=("$event"); fi
done
sampled=
for event in cycles:u cpu-clock cpu-clock:u task-clock:u; do
  if samples "$event"; then sampled=$event; break; fi
done

if ! command -v perf >/dev/null; then why='perf is not installed'
elif [ ${#events[@]} = 0 ]; then why='perf_event_open was refused (see kernel.perf_event_paranoid)'
elif [ ${#refused[@]} != 0 ]; then why="not counted on this machine: ${refused[*]}"
else why=; fi
{
  if [ ${#events[@]} = 0 ]; then echo "counters: not measured: $why"
  else echo "counters: ${events[*]}${why:+ ($why)}"; fi
  if [ -z "$sampled" ]; then echo "samples: not measured: ${why:-perf record was refused}; there is no perf.data"
  else echo "samples: $sampled, 99 a second a processor (perf.data, stacks.folded)"; fi
} | tee "$out/perf.txt"

export PACKSCOPE_STEPS=$tmp/steps PACKSCOPE_FALLBACK=$why
PACKSCOPE_EVENTS=$(IFS=,; echo "${events[*]}")
export PACKSCOPE_EVENTS
mkdir "$PACKSCOPE_STEPS"
: > "$out/stacks.folded"
if [ -n "$sampled" ]; then
  perf record -q -N -F 99 -e "$sampled" -g -o "$tmp/perf.data" -- "$@"
  cp "$tmp/perf.data" "$out/perf.data"
  # One line a distinct stack: program;outermost;…;innermost count. perf prints the innermost first.
  perf script -i "$out/perf.data" -F comm,ip,sym,dso 2>/dev/null | awk '
    function flush() { if (stack != "") count[comm stack]++; stack = ""; comm = ""; last = "" }
    NF == 0 { flush(); next }
    /^[^ \t]/ || comm == "" { flush(); comm = $0; gsub(/^[ \t]+|[ \t]+$/, "", comm); gsub(/[ ;]/, "_", comm); next }
    {
      dso = $NF; sub(/^\(.*\//, "", dso); gsub(/[()]/, "", dso)
      name = $0; sub(/^[ \t]*[0-9a-f]+ /, "", name); sub(/ \([^()]*(\([^()]*\))?[^()]*\)$/, "", name); sub(/\+0x[0-9a-f]+$/, "", name)
      gsub(/[][]/, "", dso)
      if (name == "[unknown]") name = "[" dso "]"   # a run of them is one frame: the depth is a guess
      gsub(/;/, ":", name)
      if (name == last && name ~ /^\[/) next
      last = name
      stack = ";" name stack
    }
    END { flush(); for (s in count) print s, count[s] }' | LC_ALL=C sort > "$out/stacks.folded"
else
  "$@"
fi
cat "$PACKSCOPE_STEPS"/*.jsonl | LC_ALL=C sort > "$out/build-steps.jsonl"
rm -rf "$tmp"
