"""The Llama architecture (RMSNorm, rotary positions, grouped queries, SwiGLU) in plain torch, for training."""
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Config:
    vocab_size: int = 2048
    hidden_size: int = 192
    intermediate_size: int = 512
    num_hidden_layers: int = 6
    num_attention_heads: int = 6
    num_key_value_heads: int = 3
    head_dim: int = 32
    max_position_embeddings: int = 1024
    rope_theta: float = 10000.0
    rms_norm_eps: float = 1e-5

    def as_dict(self):
        return asdict(self)


class _Normalise(torch.autograd.Function):
    """x / rms(x) * weight, with a backward pass of few sweeps over memory: such sweeps are half of the training time."""

    @staticmethod
    def forward(ctx, x, weight, eps):
        inverse = torch.rsqrt((x * x).mean(-1, keepdim=True) + eps)
        ctx.save_for_backward(x, weight, inverse)
        return (x * inverse).mul_(weight)

    @staticmethod
    def backward(ctx, grad):
        x, weight, inverse = ctx.saved_tensors
        unit = x * inverse
        grad_weight = (grad * unit).flatten(0, -2).sum(0)
        grad = grad * weight
        return grad.sub_(unit.mul_((grad * unit).mean(-1, keepdim=True))).mul_(inverse), grad_weight, None


class RMSNorm(nn.Module):
    def __init__(self, size, eps):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(size)), eps

    def forward(self, x):
        return _Normalise.apply(x.float(), self.weight, self.eps)


def _narrow(x):
    """Once to bfloat16 for all matrices that read it, where autocast would do so for each."""
    return x.bfloat16() if torch.is_autocast_cpu_enabled() else x


def rotary_table(config):
    half = config.head_dim // 2
    frequency = config.rope_theta ** (-torch.arange(half, dtype=torch.float32) / half)
    angle = torch.outer(torch.arange(config.max_position_embeddings, dtype=torch.float32), frequency)
    return angle.cos(), angle.sin()


def rotate(x, cos, sin):
    """Hugging Face's layout: the first half of a head pairs with its second half."""
    first, second = x.chunk(2, dim=-1)
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.q_proj = nn.Linear(c.hidden_size, c.num_attention_heads * c.head_dim, bias=False)
        self.k_proj = nn.Linear(c.hidden_size, c.num_key_value_heads * c.head_dim, bias=False)
        self.v_proj = nn.Linear(c.hidden_size, c.num_key_value_heads * c.head_dim, bias=False)
        self.o_proj = nn.Linear(c.num_attention_heads * c.head_dim, c.hidden_size, bias=False)

    def forward(self, x, cos, sin, mask):
        batch, length, _ = x.shape
        heads, kv, size = self.c.num_attention_heads, self.c.num_key_value_heads, self.c.head_dim
        fused = F.linear(x, torch.cat((self.q_proj.weight, self.k_proj.weight, self.v_proj.weight)))
        fused = fused.view(batch, length, heads + 2 * kv, size).transpose(1, 2)
        turned, v = rotate(fused[:, :heads + kv], cos, sin), fused[:, heads + kv:]
        # grouped queries without copying keys: fold the group into the query length
        q, k = (turned[:, :heads] * size ** -0.5).reshape(batch, kv, heads // kv * length, size), turned[:, heads:]
        scores = torch.matmul(q, k.transpose(2, 3)).view(batch, kv, heads // kv, length, length)
        weights = torch.softmax(scores + mask.to(scores.dtype), dim=-1)
        mixed = torch.matmul(weights.view(batch, kv, heads // kv * length, length), v)
        return self.o_proj(mixed.view(batch, heads, length, size).transpose(1, 2).reshape(batch, length, -1))


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.input_layernorm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.self_attn = Attention(c)
        self.post_attention_layernorm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.mlp = nn.ModuleDict({
            "gate_proj": nn.Linear(c.hidden_size, c.intermediate_size, bias=False),
            "up_proj": nn.Linear(c.hidden_size, c.intermediate_size, bias=False),
            "down_proj": nn.Linear(c.intermediate_size, c.hidden_size, bias=False),
        })

    def forward(self, x, cos, sin, mask):
        x = x + self.self_attn(_narrow(self.input_layernorm(x)), cos, sin, mask)
        y = _narrow(self.post_attention_layernorm(x))
        gate, up = F.linear(y, torch.cat((self.mlp["gate_proj"].weight, self.mlp["up_proj"].weight))).chunk(2, dim=-1)
        return x + self.mlp["down_proj"](F.silu(gate) * up)


class Llama(nn.Module):
    """Parameter names are Hugging Face's LlamaForCausalLM's, so the state dict is the checkpoint."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.model = nn.ModuleDict({
            "embed_tokens": nn.Embedding(config.vocab_size, config.hidden_size),
            "layers": nn.ModuleList(Block(config) for _ in range(config.num_hidden_layers)),
            "norm": RMSNorm(config.hidden_size, config.rms_norm_eps),
        })
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                deep = name.endswith(("o_proj.weight", "down_proj.weight"))
                nn.init.normal_(weight, std=0.02 if not deep else 0.02 / (2 * config.num_hidden_layers) ** 0.5)
        self.cos, self.sin = rotary_table(config)

    def hidden(self, ids):
        length = ids.shape[1]
        cos, sin = self.cos[:length], self.sin[:length]
        mask = torch.full((length, length), float("-inf")).triu(1)
        x = self.model["embed_tokens"](ids)
        for layer in self.model["layers"]:
            x = layer(x, cos, sin, mask)
        return self.model["norm"](x)

    def logits(self, hidden):
        return F.linear(hidden, self.model["embed_tokens"].weight)  # tied: input and output share one matrix

    def forward(self, ids):
        return self.logits(self.hidden(ids))
