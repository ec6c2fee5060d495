# Everything joined: the byte-level trace with the cost of each translation unit, beside it all it was
# made of, and what the original experiment claimed, measured again (findings.md, findings.json).
# Measured, so it never repeats exactly, and nothing reproducible descends from it.
{ lib, runCommand, gitMinimal, packscope, self-bytes, self-model, self-build-trace }:
runCommand "packscope-self-trace"
{
  nativeBuildInputs = [ gitMinimal ]; # the traditional path that a finding compares with
  meta.description = "packscope's own source, build and model in one trace, and the findings";
} ''
  mkdir -p $out/nix-support
  cp -r ${self-build-trace}/. $out/
  chmod -R u+w $out
  cp ${self-bytes}/self.pack ${self-bytes}/self.idx ${self-bytes}/ids $out/
  cp ${self-model}/model.safetensors ${self-model}/report.jsonl $out/
  ${lib.getExe packscope} trace ${self-bytes}/trace.sqlite -o $out/trace.sqlite \
    --build-steps $out/build-steps.jsonl --folded $out/stacks.folded --inflation-cost
  ${lib.getExe packscope} findings --sample ${../traces/seed}/markers.rs -o $out \
    --trace-out $out/trace.sqlite $out/trace.sqlite
  for f in findings.md findings.json self.pack self.idx trace.sqlite model.safetensors build-steps.jsonl stacks.folded perf.data perf.txt; do
    if [ -e $out/$f ]; then echo "file ''${f##*.} $out/$f"; fi
  done > $out/nix-support/hydra-build-products
''
