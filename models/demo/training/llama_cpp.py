"""Talk to llama.cpp (llama-cpp.mjs, a Node process) from Python."""
import json
import os
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent


class LlamaCpp:
    def __init__(self, gguf, node_modules_in=None):
        """`node_modules_in`: the folder whose node_modules holds node-llama-cpp."""
        environment = {**os.environ, "NODE_LLAMA_CPP_FROM": str(node_modules_in or HERE)}
        self.process = subprocess.Popen(["node", str(HERE / "llama-cpp.mjs"), str(gguf)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment)

    def _ask(self, job):
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def tokenize(self, text):
        reply = self._ask({"tokenize": text})
        return reply["ids"], reply["text"]

    def render(self, messages, tools, add_generation_prompt):
        job = {"messages": messages, "add_generation_prompt": add_generation_prompt}
        return self._ask({"render": {**job, "tools": tools} if tools else job})["text"]

    def complete(self, prompt, max_tokens=320):
        """Greedy."""
        reply = self._ask({"prompt": prompt, "max": max_tokens})
        return reply["text"], reply["tokens"], reply["ended"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()
