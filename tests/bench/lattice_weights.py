#!/usr/bin/env python3
"""Fits src/lattice/weights.cc: tests/bench/lattice_weights.py PROGRAM MIRRORS LIST FOLDER > src/lattice/weights.cc

On training repositories alone (those of LIST that are not held out, and what else lies in MIRRORS): they are dealt into
folds, and a lattice of some folds is asked about the others, at several sizes. What each clue says (`measure --experts`) is an
expert; the weights of all are a logistic regression, by gradient steps (Adam) over a sample that gives each repository the
same say. RIDGE draws weights, and so confidences, down; SHARPEN is what brings them back to what folds of the asked
repositories show: at 30 packs .95 is promised for .53 of unseen training repositories' blobs, and .946 of those are right. Needs numpy. FOLDER: as lattice_growth.py's, whose leaves are used.
"""
import concurrent.futures
import json
import pathlib
import random
import sys

import numpy

from lattice_growth import leaves, repositories, run

DIMENSIONS, BUCKETS, LABELS = 18, 8, 14
NAMES = ("header repository total object delta raw64 raw32 raw16 lengths symbols16 symbols8 symbols6 symbols4 "
         "symbols2 inner punctuation shortest profile").split()
SIZES, ASKED, PER_REPOSITORY, STEPS, RIDGE, SHARPEN = (30,), 20, 120, 140, 5e-4, 1.2


def samples(program, folder, paths, made):
    """Labels, and of each sample the lifts by parameter and language, as a sparse list: (sample, parameter, lifts)."""
    labels, where, lifts, chance = [], [], [], random.Random(1)

    def add(parameter, lift):
        where.append((len(labels), parameter))
        lifts.append(lift)

    for size in SIZES:
        for fold in range(2):
            asked = list(range(fold, len(made), 2))  # half is asked about what the other half knows
            learned = [i for i in range(len(made)) if i not in asked]
            if size > len(learned):  # and, for a large lattice, the most of it
                chance.shuffle(asked)
                asked, learned = asked[: len(made) - size], learned + asked[len(made) - size :]
            chance.shuffle(learned)
            joined = folder / "fit"
            run(program, "pack2lattice", "join", "--json", "-o", joined, *[made[i] for i in learned[:size]])

            def ask(at):
                experts = folder / f"experts-{at}"
                run(program, "pack2lattice", "measure", "--json", "--threads", "1", "--experts", experts, joined, paths[at])
                lines = experts.read_text().splitlines()
                experts.unlink()
                return lines

            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                answers = list(pool.map(ask, chance.sample(asked, min(len(asked), ASKED))))
            for lines in answers:
                for row in map(json.loads, chance.sample(lines, min(len(lines), PER_REPOSITORY))):
                    for dimension, bucket, repositories_, objects in row["experts"]:
                        add((dimension * BUCKETS + bucket) * 2, repositories_)
                        add((dimension * BUCKETS + bucket) * 2 + 1, objects)
                    add((2 * BUCKETS + row["dynamic"]) * 2, row["prior"])
                    labels.append(row["label"])
    return numpy.array(labels), numpy.array(where), numpy.array(lifts)


def fit(labels, where, lifts):
    """Logistic regression by Adam: the logits of a sample are the sum of its weighted lifts."""
    count, total = DIMENSIONS * BUCKETS * 2, len(labels)
    weights, mean, square = numpy.zeros(count), numpy.zeros(count), numpy.zeros(count)
    one_hot = numpy.eye(LABELS)[labels]
    starts = numpy.searchsorted(where[:, 0], numpy.arange(total))
    for step in range(1, STEPS + 1):
        logits = numpy.add.reduceat(lifts * weights[where[:, 1], None], starts)
        shares = numpy.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        wrong = ((shares - one_hot)[where[:, 0]] * lifts).sum(axis=1)
        gradient = numpy.bincount(where[:, 1], wrong, count) / total + RIDGE * weights
        mean, square = 0.9 * mean + 0.1 * gradient, 0.99 * square + 0.01 * gradient**2
        rate = 0.05 if step < STEPS * 0.7 else 0.01
        weights -= rate * (mean / (1 - 0.9**step)) / (numpy.sqrt(square / (1 - 0.99**step)) + 1e-8)
        if step % 50 == 0:
            loss = -numpy.log(shares[numpy.arange(total), labels] + 1e-12).mean()
            print(f"step {step}: loss {loss:.4f}, accuracy {(shares.argmax(axis=1) == labels).mean():.4f} over {total}", file=sys.stderr)
    return weights


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    program, mirrors, listed, folder = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4])
    _, paths = repositories(mirrors, listed)
    weights = fit(*samples(program, folder, paths, leaves(program, folder, paths)))
    print("// Written by tests/bench/lattice_weights.py; see there for what it was fitted on.\n"
          '#include "lattice/weights.h"\n\nnamespace packscope::lattice {\n\n'
          "const Weight kWeights[kDimensions][kBuckets] = {")
    for dimension, name in enumerate(NAMES):
        cells = []
        for bucket in range(BUCKETS):
            at = (dimension * BUCKETS + bucket) * 2
            cells.append(f"{{{SHARPEN * weights[at]:.3f}f, {SHARPEN * weights[at + 1]:.3f}f}}")
        print(f"    /* {name} */ {{{', '.join(cells)}}},")
    print("};\n\n} // namespace packscope::lattice")


if __name__ == "__main__":
    main()
