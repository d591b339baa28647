"""The master weights: bfloat16 safetensors. Every export, quantised or not, starts from these very numbers."""
import json
import struct

import numpy as np


def to_bfloat16(array):
    """Round to nearest even, as uint16."""
    bits = np.ascontiguousarray(array, dtype=np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def from_bfloat16(raw):
    return (raw.astype(np.uint32) << 16).view(np.float32)


def write(path, state, dtype):
    """safetensors: a length, a JSON header, the arrays. `dtype` is BF16 or F32; `state` holds float32 arrays."""
    header, blobs, offset = {"__metadata__": {"format": "pt"}}, [], 0
    for name, array in state.items():
        blob = (to_bfloat16(array) if dtype == "BF16" else np.ascontiguousarray(array, dtype=np.float32)).tobytes()
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def read(path):
    raw = path.read_bytes()
    (size,) = struct.unpack_from("<Q", raw)
    header = json.loads(raw[8:8 + size])
    state = {}
    for name, info in header.items():
        if name != "__metadata__":
            a, b = info["data_offsets"]
            data = raw[8 + size + a:8 + size + b]
            array = from_bfloat16(np.frombuffer(data, np.uint16)) if info["dtype"] == "BF16" else np.frombuffer(data, np.float32)
            state[name] = array.reshape(info["shape"])
    return state
