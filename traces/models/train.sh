#!/bin/bash
# Trains every shipped model from a corpus: traces/models/train.sh corpus/corpus.sqlite [FOLDER]
# The corpus: packscope decompress_rounds corpus -o corpus --list traces/models/repositories.jsonl MIRRORS…
# The same corpus gives the same bits, whatever the processor and the number of threads (backend cpu).
# Settings were chosen on validation splits inside the training repositories; the test repositories were read once.
set -euo pipefail
corpus=$1 to=${2:-$(dirname "$0")}
program=${PACKSCOPE:-packscope}

# model TASK RUNG HIDDEN EPOCHS BATCH DECAY DROP
model() {
  echo "== $1 $2"
  "$program" ast_classifier train --backend cpu --task "$1" --rung "$2" --hidden "$3" --epochs "$4" --batch "$5" \
    --weight-decay "$6" --drop "$7" --group-by repository -o "$to/$1-$2.safetensors" "$corpus"
}

model language sizes 16 10 64 0.1 0
model language R1 32 10 64 0.1 0.1
model language R2 76 20 64 0.3 0.3
model language R3-16 40 12 64 0.3 0.3
model language R4 48 8 64 0.1 0.4
model language R0-bits 16 10 64 0.1 0.1
model language R5 64 6 64 0.1 0.4
model language R3-256 40 12 64 0.3 0.3
model ast-facts sizes 16 10 64 0.1 0
model ast-facts R2 64 20 64 0.3 0.3
model ast-facts R3-16 40 12 64 0.3 0.3
model ast-facts R5 64 6 64 0.1 0.4
model declaration3 R0 32 20 256 0 0
model declaration3 R0-bits 64 20 256 0.01 0
model declaration3 R3-16 40 8 256 0.1 0.3
model declaration10 R0 32 20 256 0 0
model declaration10 R0-bits 64 20 256 0.01 0
model declaration10 R2 64 15 256 0.1 0.2
model declaration10 R2-bits 64 15 256 0.1 0.2
model declaration10 R3-16 40 8 256 0.1 0.3
model declaration R0-bits 64 10 256 0.01 0
model declaration R2 64 6 256 0.1 0.2
model declaration R3-16 40 5 256 0.1 0.3
model declaration-in-place R0-bits 64 8 256 0.01 0
model declaration-in-place R2-bits 64 6 256 0.1 0.2
model declaration-in-place R3-16 40 5 256 0.1 0.3
