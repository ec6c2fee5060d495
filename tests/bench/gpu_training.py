#!/usr/bin/env python3
"""gpu_training.py BUILD [--rounds N] [--backend cuda|cpu]: packscope's trainer against PyTorch on the same GPU.

BUILD: a meson build folder with tests/bench/training_bench (`ninja -C BUILD tests/bench/training_bench`).
Two networks: 16-32-3 at batch 4,096, 316-256-256-14 at batch 65,536; float32, Adam at 1e-3, the same initial weights, the
same rows in the same order. First the losses: the mean over each of the first passes must agree (1e-3 of it); then median
times of a step, and their ratios. PyTorch eager, torch.compile, and captured as a CUDA graph. Without a GPU or without
PyTorch it says so and measures nothing of them: nothing is estimated.
"""
import argparse, array, json, os, random, statistics, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("build")
parser.add_argument("--rounds", type=int, default=30)
parser.add_argument("--backend", choices=["cuda", "cpu"], default="cuda", help="cpu: packscope's side alone, to try the script")
arguments = parser.parse_args()
BENCH = os.path.join(arguments.build, "tests/bench/training_bench")
NETWORKS = [((16, 32, 3), 4096, 20), ((316, 256, 256, 14), 65536, 2)] # widths, batch, steps a pass


def numbers(widths, batch, steps):
    """Parameters by layer, inputs, labels: learnable, and the same each time."""
    draw = random.Random(1)
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        limit = (6 / inputs) ** 0.5
        layers.append((array.array("f", (draw.uniform(-limit, limit) for _ in range(inputs * outputs))), array.array("f", [0.0] * outputs)))
    rows = batch * steps
    block = array.array("f", (draw.gauss(0, 1) for _ in range(min(rows, 4096) * widths[0])))
    inputs = array.array("f", block * -(-rows * widths[0] // len(block)))[: rows * widths[0]]
    labels = array.array("I", (int(abs(inputs[row * widths[0]] * 7 + inputs[row * widths[0] + 1] * 3)) % widths[-1] for row in range(rows)))
    return layers, inputs, labels


def packscope(widths, batch, steps, layers, inputs, labels):
    with tempfile.NamedTemporaryFile() as file:
        for weight, bias in layers:
            weight.tofile(file)
            bias.tofile(file)
        inputs.tofile(file)
        labels.tofile(file)
        file.flush()
        command = [BENCH, arguments.backend, ",".join(map(str, widths)), str(batch), str(steps), str(arguments.rounds), file.name]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr.strip() or f"{BENCH}: exit {done.returncode}")
    return json.loads(done.stdout)


def pytorch(torch, way, widths, batch, steps, layers, inputs, labels):
    device = torch.device("cuda")
    modules = []
    for i, (weight, bias) in enumerate(layers):
        linear = torch.nn.Linear(widths[i], widths[i + 1])
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(weight).view(widths[i + 1], widths[i]))
            linear.bias.copy_(torch.tensor(bias))
        modules += [linear] + ([torch.nn.ReLU()] if i + 1 < len(layers) else [])
    model = torch.nn.Sequential(*modules).to(device)
    x = torch.tensor(inputs).view(steps, batch, widths[0]).to(device)
    y = torch.tensor(labels.tolist(), dtype=torch.long).view(steps, batch).to(device)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, capturable=way == "graph")
    loss_of = torch.nn.CrossEntropyLoss()

    def step(one, label):
        adam.zero_grad(set_to_none=way != "graph")
        loss = loss_of(model(one), label)
        loss.backward()
        adam.step()
        return loss.detach()

    if way == "compile":
        forward = torch.compile(model)

        def step(one, label): # noqa: F811: the same, compiled
            adam.zero_grad(set_to_none=True)
            loss = loss_of(forward(one), label)
            loss.backward()
            adam.step()
            return loss.detach()
    run = step
    if way == "graph":
        static_x, static_y = x[0].clone(), y[0].clone()
        kept = [p.detach().clone() for p in model.parameters()]
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                step(static_x, static_y)
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            static_loss = step(static_x, static_y)
        with torch.no_grad(): # the warm-up's steps are undone: weights, moments and the count of steps
            for p, before in zip(model.parameters(), kept):
                p.copy_(before)
            for state in adam.state.values():
                for value in state.values():
                    value.zero_()

        def run(one, label):
            static_x.copy_(one)
            static_y.copy_(label)
            graph.replay()
            return static_loss.clone()
    losses, seconds = [], []
    for _ in range(arguments.rounds):
        torch.cuda.synchronize()
        begin = time.perf_counter()
        passed = [run(x[i], y[i]) for i in range(steps)]
        torch.cuda.synchronize()
        seconds.append((time.perf_counter() - begin) / steps)
        losses.append(statistics.fmean(float(loss) for loss in passed))
    return {"losses": losses[:5], "step_seconds": statistics.median(seconds)}


def main():
    torch = None
    try:
        import torch
        if not torch.cuda.is_available():
            torch = None
            print("PyTorch sees no GPU: its side is not measured")
    except ImportError:
        print("PyTorch is not installed: its side is not measured")
    if arguments.backend == "cuda" and torch is not None:
        print(torch.cuda.get_device_name(0), "PyTorch", torch.__version__)
    failed = False
    for widths, batch, steps in NETWORKS:
        data = numbers(widths, batch, steps)
        name = "-".join(map(str, widths))
        own = packscope(widths, batch, steps, *data)
        print(f"{name} at batch {batch:,}: packscope {own['backend']}: {own['step_seconds'] * 1e6:.1f} us a step, losses {own['losses']}")
        if torch is None or arguments.backend == "cpu":
            continue
        for way in ("eager", "compile", "graph"):
            theirs = pytorch(torch, way, widths, batch, steps, *data)
            apart = max(abs(a - b) / abs(b) for a, b in zip(own["losses"], theirs["losses"]))
            equal = apart <= 1e-3
            failed = failed or not equal
            print(f"  PyTorch {way:8s} {theirs['step_seconds'] * 1e6:10.1f} us a step   {theirs['step_seconds'] / own['step_seconds']:6.2f} x"
                  f"   losses {'agree' if equal else 'DIFFER'} ({apart:.1e})")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
