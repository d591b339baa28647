"""Muon: momentum whose update is made orthogonal by Newton-Schulz steps. For matrices; it needs fewer tokens than Adam."""
from collections import defaultdict

import torch


def orthogonal(update, steps=5):
    """The nearest (roughly) orthogonal matrix, for a batch of matrices; bfloat16 is precise enough and fast here."""
    x = update.bfloat16()
    tall = x.shape[1] > x.shape[2]
    x = x.transpose(1, 2) if tall else x
    x = x / (x.float().norm(dim=(1, 2), keepdim=True) + 1e-7).bfloat16()
    for _ in range(steps):
        square = torch.bmm(x, x.transpose(1, 2))
        x = 3.4445 * x + torch.bmm(-4.7750 * square + 2.0315 * torch.bmm(square, square), x)
    return (x.transpose(1, 2) if tall else x).float()


class Muon(torch.optim.Optimizer):
    def __init__(self, matrices, lr=0.02, momentum=0.95, weight_decay=0.01):
        super().__init__(list(matrices), dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            same_shape = defaultdict(list)
            for weight in group["params"]:
                state = self.state[weight]
                if not state:
                    state["velocity"] = torch.zeros_like(weight)
                state["velocity"].lerp_(weight.grad, 1 - group["momentum"])
                same_shape[tuple(weight.shape)].append((weight, weight.grad.lerp(state["velocity"], group["momentum"])))
            for (rows, columns), pairs in same_shape.items():
                updates = orthogonal(torch.stack([update for _, update in pairs]))
                for (weight, _), update in zip(pairs, updates):
                    weight.mul_(1 - group["lr"] * group["weight_decay"])
                    weight.add_(update, alpha=-group["lr"] * max(1, rows / columns) ** 0.5)
