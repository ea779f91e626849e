"""Trains the networks of `gradus bench` with PyTorch on the same GPU, and prints the same lines: python3 gpu-pytorch.py [--workloads W1,W4]
[--precisions fp32,bf16] [--modes eager,compiled] [--seconds 2] [--device cuda]; all of them unless told otherwise.

Each in float32 with and without TF32, in bfloat16 (autocast), and in float16 (autocast and GradScaler); eager, in channels_last, and in channels_last compiled with CUDA graphs
(mode "max-autotune-no-cudagraphs" is left out: it searches for minutes). A step copies the batch in from pinned memory, and does forward,
cross-entropy, backward and SGD with momentum; its end is waited for, as in `gradus bench`.
"""

import argparse
import contextlib
import statistics
import time

import torch
from torch import nn

PRECISIONS = ["fp32", "tf32", "bf16", "fp16"]
MODES = ["eager", "channels_last", "compiled"]
CLASSES = 10


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, CLASSES))


def simple_cnn():
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 8 * 8, CLASSES))


def convolution(inputs, outputs, kernel, stride):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            convolution(inputs, outputs, 3, stride), nn.BatchNorm2d(outputs), nn.ReLU(),
            convolution(outputs, outputs, 3, 1), nn.BatchNorm2d(outputs))
        plain = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if plain else nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet(blocks, channels):
    layers = [convolution(3, channels[0], 3, 1), nn.BatchNorm2d(channels[0]), nn.ReLU()]
    inputs = channels[0]
    for group, outputs in enumerate(channels):
        for i in range(blocks):
            layers.append(Block(inputs, outputs, 2 if group > 0 and i == 0 else 1))
            inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, CLASSES))


def resnet20():
    return resnet(3, [16, 32, 64])


def resnet18():
    return resnet(2, [64, 128, 256, 512])


# label, network, channels, side, batch: as in gradus.examples.bench.Workload, and larger batches.
WORKLOADS = [
    ("W1", lenet, 1, 28, 64),
    ("W2", simple_cnn, 3, 32, 64),
    ("W4", resnet20, 3, 32, 128),
    ("W4", resnet20, 3, 32, 512),
    ("W5", resnet18, 3, 32, 32),
    ("W5", resnet18, 3, 32, 128),
]


def some_of(names):
    """What reads a comma-separated choice of them."""

    def parse(text):
        chosen = text.split(",")
        for name in chosen:
            if name not in names:
                raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(names)}")
        return chosen

    return parse


def measure(make, channels, side, batch, precision, mode, options):
    torch.manual_seed(1)
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.benchmark = True
    layout = torch.contiguous_format if mode == "eager" else torch.channels_last
    net = make().to(options.device, memory_format=layout)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    forward = torch.compile(net, mode="reduce-overhead") if mode == "compiled" else net
    images = torch.rand(batch, channels, side, side) * 2 - 1
    labels = torch.randint(CLASSES, (batch,))
    if options.device.type == "cuda":
        images, labels = images.pin_memory(), labels.pin_memory()
    rounded = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(precision)
    rounding = torch.autocast(options.device.type, rounded) if rounded else contextlib.nullcontext()
    scaler = torch.amp.GradScaler(options.device.type) if precision == "fp16" else None

    def step():
        x = images.to(options.device, non_blocking=True).contiguous(memory_format=layout)
        y = labels.to(options.device, non_blocking=True)
        with rounding:
            loss = nn.functional.cross_entropy(forward(x), y)
        optimizer.zero_grad(set_to_none=True)
        if scaler:
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
        else:
            loss.backward()
            optimizer.step()
        return loss.item()

    def run(seconds):
        times = []
        end = time.perf_counter() + seconds
        while len(times) < 5 or time.perf_counter() < end:
            start = time.perf_counter()
            step()
            times.append(time.perf_counter() - start)
        return statistics.median(times)

    run(options.seconds / 3)
    return run(options.seconds)


def main():
    labels = list(dict.fromkeys(label for label, *_ in WORKLOADS))
    parser = argparse.ArgumentParser()
    parser.add_argument("--workloads", type=some_of(labels), default=labels)
    parser.add_argument("--precisions", type=some_of(PRECISIONS), default=PRECISIONS)
    parser.add_argument("--modes", type=some_of(MODES), default=MODES)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--device", type=torch.device, default=torch.device("cuda"))
    options = parser.parse_args()
    for precision in options.precisions:
        for label, make, channels, side, batch in WORKLOADS:
            for mode in options.modes if label in options.workloads else []:
                seconds = measure(make, channels, side, batch, precision, mode, options)
                print(
                    f"peer=pytorch-{mode} workload={label} mode=train batch={batch} img_per_s={batch / seconds:.0f}"
                    f" ms_per_step={seconds * 1e3:.3f} precision={precision} torch={torch.__version__}",
                    flush=True)


main()
