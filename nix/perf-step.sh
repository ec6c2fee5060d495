#!/bin/bash
# A compiler call and its cost: perf-step.sh COMPILER ARGS… runs it and leaves one JSON line in
# $PACKSCOPE_STEPS. Events that the machine refuses are absent from $PACKSCOPE_EVENTS (perf-build.sh
# asks once) and become null, never zero; memory and page faults come from the kernel's accounting.
# Outside a measured build, and for calls that make nothing (meson's questions), it only runs it.
set -uo pipefail
[ -n "${PACKSCOPE_STEPS-}" ] || exec "$@"

source='' output='' kind=link
args=("$@")
for ((i = 1; i < ${#args[@]}; i++)); do
  case ${args[i]} in
    -c) kind=compile ;;
    -o) output=${args[i + 1]-} ;;
    *.c | *.cc | *.cpp | *.cxx) source=${args[i]} ;;
  esac
done
[ -n "$output" ] || exec "$@"
unit=$output language=null
if [ $kind = compile ]; then
  unit=$(realpath --relative-to="$PACKSCOPE_STEPS_ROOT" "$source")
  case $source in *.c) language='"c"' ;; *) language='"cpp"' ;; esac
fi

row=$(mktemp "$PACKSCOPE_STEPS/XXXXXXXX")
begin=$(date +%s%N)
if [ -n "${PACKSCOPE_EVENTS-}" ]; then
  perf stat -x , -o "$row.perf" -e "$PACKSCOPE_EVENTS" -- time -f '%M %F %R' -o "$row.time" -- "$@"
else
  command time -f '%M %F %R' -o "$row.time" -- "$@"
fi
code=$?
end=$(date +%s%N)
touch "$row.perf"

# perf's CSV: value,unit,event,…; a value is a number or "<not counted>", task clock in milliseconds.
# An event's name may come back decorated: task-clock:u for ordinary users, cpu_core/…/ and cpu_atom/…/
# (to be added up) where a processor has two kinds of cores.
event() {
  awk -F , -v wanted="$1" -v scale="$2" '
    { name = $3; sub(/^cpu_[a-z]+\//, "", name); sub(/[:\/].*$/, "", name) }
    name == wanted && $1 ~ /^[0-9.]+$/ { sum += $1; found = 1 }
    END { if (found) printf "%.0f", sum * scale; else printf "null" }' "$row.perf"
}
instructions=$(event instructions 1) cycles=$(event cycles 1) clock=$(event task-clock 1000000)
faults=$(event page-faults 1)
read -r rss major minor < <(tail -n 1 "$row.time")
[ "$faults" != null ] || faults=$((major + minor))
if [ "$instructions" != null ]; then measured=instructions:u
elif [ "$clock" != null ]; then measured=task-clock
else measured='not measured'; fi
fallback=null
[ "$measured" = instructions:u ] || fallback="\"${PACKSCOPE_FALLBACK:-instructions:u was not counted}\""
printf '{"unit":"%s","kind":"%s","language":%s,"instructions":%s,"cycles":%s,"task_clock_ns":%s,"page_faults":%s,"max_rss_kib":%s,"seconds":%s,"measured":"%s","fallback":%s}\n' \
  "$unit" $kind "$language" "$instructions" "$cycles" "$clock" "$faults" "$rss" \
  "$(awk -v ns=$((end - begin)) 'BEGIN { printf "%.3f", ns / 1e9 }')" "$measured" "$fallback" > "$row.jsonl"
exit $code
