# A network trained on a trace's declarations, and its accuracy on held-out files. On the CPU, whose
# result is the same on every processor: bit-reproducible.
{ lib, runCommand, name, bytes, packscope }:
runCommand name { meta.description = "A classifier of declarations, trained on a trace"; } ''
  mkdir -p $out/nix-support
  ${lib.getExe packscope} ast_classifier train --backend cpu --task declaration --rung R0 \
    -o $out/model.safetensors ${bytes}/trace.sqlite 2>&1 | tee $out/training.txt
  ${lib.getExe packscope} ast_classifier eval --json --split test --task declaration \
    --model $out/model.safetensors ${bytes}/trace.sqlite > $out/report.jsonl
  cat > $out/nix-support/hydra-build-products <<EOF
  file safetensors $out/model.safetensors
  report jsonl $out report.jsonl
  EOF
''
