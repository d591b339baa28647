"""Train the demo model from random weights, for a given number of minutes of wall-clock time.

    /usr/bin/python3 train.py [--work DIR] [--minutes 44.5]

The learning rate falls to zero by the clock and not by steps, so the run ends on time on a busy machine too.
DIR/checkpoint.pt is replaced every two minutes. With Debian's libjemalloc2 preloaded it runs about a third faster:
LD_PRELOAD=libjemalloc.so.2 MALLOC_CONF=oversize_threshold:0,dirty_decay_ms:-1,muzzy_decay_ms:-1.
"""
import argparse
import multiprocessing
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from llama import Config, Llama
from muon import Muon

TOKENS_PER_STEP = 3584  # padding included, over all processes
POOL = 2048  # conversations sorted by length together, so that batches have little padding
ROUND = 16  # widths are multiples of this: few shapes, so that oneDNN compiles few kernels
HOLD = 0.35  # part of the run at full learning rate


class Batches:
    """Endless batches of (ids, targets); targets are -100 where the model is not the one who speaks.

    All processes draw the same order and each takes its own rows, so that their batches are alike in size.
    """

    def __init__(self, work, seed, rank, count):
        self.rank, self.count = rank, count
        self.tokens, self.answer = np.load(work / "tokens.npy"), np.load(work / "answer.npy")
        self.starts = np.load(work / "starts.npy")
        self.rng = np.random.default_rng(seed)
        self.epoch = 0.0

    def __iter__(self):
        total = len(self.starts) - 1
        lengths = np.diff(self.starts)
        while True:
            order = self.rng.permutation(total)
            for at in range(0, total, POOL):
                pool = order[at:at + POOL]
                pool = pool[np.argsort(-lengths[pool], kind="stable")]
                batches = []
                while len(pool):
                    width = -(-int(lengths[pool[0]]) // ROUND) * ROUND
                    rows = max(1, TOKENS_PER_STEP // width // self.count)
                    batches.append((width, rows, pool[self.rank:rows * self.count:self.count]))
                    pool = pool[rows * self.count:]
                self.rng.shuffle(batches)
                for batch in batches:
                    yield self._pad(*batch)
                self.epoch += POOL / total

    def _pad(self, width, rows, batch):
        ids = np.zeros((rows, width), dtype=np.int64)
        targets = np.full((rows, width), -100, dtype=np.int64)
        for row, index in enumerate(batch):
            a, b = self.starts[index], self.starts[index + 1]
            ids[row, : b - a - 1] = self.tokens[a:b - 1]
            targets[row, : b - a - 1] = np.where(self.answer[a + 1:b], self.tokens[a + 1:b], -100)
        return torch.from_numpy(ids), torch.from_numpy(targets)


def rate(part):
    """The learning rate's factor when `part` (0 to 1) of the time has passed."""
    return min(1.0, part / 0.01 + 0.02) if part < HOLD else max(0.0, (1 - part) / (1 - HOLD))


class Worker:
    """One process with one thread. All share the weights; each takes a batch, and updates its own part of the weights.

    Two processes that meet once a step lose far less to other work on the machine than two threads that meet at
    every operation.
    """

    def __init__(self, rank, count, model, shared, barrier, options):
        self.rank, self.count, self.model, self.shared, self.barrier, self.options = rank, count, model, shared, barrier, options
        self.parameters = [p for p in model.parameters()]
        # the matrices of the MLPs on one side, all others on the other: about equal work
        mine = [(name, p) for name, p in model.named_parameters() if count == 1 or (".mlp." in name) == (rank == 1)]
        mine = mine if rank < 2 else []
        self.muon = Muon([p for name, p in mine if p.dim() == 2 and "embed" not in name], lr=0.02) if mine else None
        rest = [p for name, p in mine if p.dim() != 2 or "embed" in name]
        self.adam = torch.optim.Adam(rest, lr=3e-3, betas=(0.9, 0.98)) if rest else None
        self.optimizers = [o for o in (self.muon, self.adam) if o]
        self.base = [group["lr"] for optimizer in self.optimizers for group in optimizer.param_groups]

    def gradients(self, ids, targets):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            hidden = self.model.hidden(ids)
            chosen = targets.flatten() != -100
            logits = self.model.logits(hidden.flatten(0, 1)[chosen])
        loss = F.cross_entropy(logits.float(), targets.flatten()[chosen], reduction="sum") / max(1, len(logits))
        self.model.zero_grad(set_to_none=True)
        loss.backward()
        at = 0
        for p in self.parameters:
            self.shared["gradients"][self.rank, at:at + p.numel()] = p.grad.flatten()
            at += p.numel()
        self.shared["loss"][self.rank] = loss.detach()

    def update(self, part):
        mean = self.shared["gradients"].mean(dim=0)
        at = 0
        for p in self.parameters:
            p.grad.copy_(mean[at:at + p.numel()].view_as(p))
            at += p.numel()
        for group, lr in zip((g for o in self.optimizers for g in o.param_groups), self.base):
            group["lr"] = lr * rate(part) * self.options.rate
        if self.adam:
            torch.nn.utils.clip_grad_norm_(self.adam.param_groups[0]["params"], 1.0)
        for optimizer in self.optimizers:
            optimizer.step()

    def run(self):
        torch.set_num_threads(1)
        began = saved = time.monotonic()
        batches = Batches(self.options.work, self.options.seed, self.rank, self.count)
        step = seen = 0
        losses = []
        for ids, targets in batches:
            self.gradients(ids, targets)
            self.barrier.wait()  # all gradients are there
            part = float(self.shared["part"])
            if part >= 1:
                break
            self.update(part)
            losses.append(float(self.shared["loss"].mean()))
            self.barrier.wait()  # all weights are new
            step, seen = step + 1, seen + ids.numel() * self.count
            if self.rank > 0:
                continue
            now = time.monotonic()
            self.shared["part"].fill_((now - began) / (60 * self.options.minutes))
            if step % 100 == 0:
                print(f"step {step} part {part:.3f} epoch {batches.epoch:.2f} loss {np.mean(losses[-100:]):.4f} tokens/s {seen / (now - began):.0f}", flush=True)
            if now - saved > 120:
                self.save(step, seen)
                saved = now
        if self.rank == 0:
            self.save(step, seen)
            print(f"done: {step} steps, {seen} tokens, {batches.epoch:.2f} epochs, loss {np.mean(losses[-100:]):.4f}", flush=True)

    def save(self, step, seen):
        path = self.options.work / "checkpoint.pt"
        torch.save({"config": self.model.config.as_dict(), "state": self.model.state_dict(), "tokens": seen, "steps": step}, str(path) + ".new")
        os.replace(str(path) + ".new", path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, default=Path(__file__).resolve().parent.parent / "build")
    parser.add_argument("--minutes", type=float, default=44.5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="start from DIR/checkpoint.pt")
    parser.add_argument("--rate", type=float, default=1.0, help="factor on the learning rates; below 1 for a resumed run")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    model = Llama(Config())
    if options.resume:
        model.load_state_dict(torch.load(options.work / "checkpoint.pt")["state"])
    model.share_memory()
    size = sum(p.numel() for p in model.parameters())
    print(f"{size} parameters", flush=True)
    shared = {"gradients": torch.zeros(options.processes, size), "loss": torch.zeros(options.processes), "part": torch.zeros(())}
    for tensor in shared.values():
        tensor.share_memory_()
    fork = multiprocessing.get_context("fork")
    barrier = fork.Barrier(options.processes)
    workers = [Worker(rank, options.processes, model, shared, barrier, options) for rank in range(options.processes)]
    others = [fork.Process(target=worker.run, daemon=True) for worker in workers[1:]]
    for process in others:
        process.start()
    workers[0].run()


if __name__ == "__main__":
    main()
