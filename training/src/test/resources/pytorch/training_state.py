# Wrote training_state.pth, with PyTorch 1.13 and NumPy: python3 training_state.py
#
# What training scripts save: the settings of the command line, a number of NumPy's, the optimizer, a random stream, a tensor beside the
# weights, and weights whose memory is laid out channels last.
import argparse

import numpy
import torch

torch.manual_seed(1)
net = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 2), torch.nn.BatchNorm2d(2), torch.nn.Flatten(), torch.nn.Linear(2, 2))
with torch.no_grad():
    for parameter in net.parameters():
        parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape) / 8)
net = net.to(memory_format=torch.channels_last)
optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
net(torch.ones(4, 3, 2, 2)).sum().backward()
torch.save(
    {
        "args": argparse.Namespace(lr=0.01, classes={"cat", "dog"}, sizes={(1, 2): None}),
        "best": numpy.float64(0.75),
        "loss": torch.tensor(0.5),
        "optimizer": optimizer.state_dict(),
        "rng_state": torch.get_rng_state()[:8].clone(),
        "model": net.state_dict(),
    },
    "training_state.pth",
)
