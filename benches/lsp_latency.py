#!/usr/bin/env python3
"""How fast the language server is, through the real protocol.

Usage: lsp_latency.py BIN [--json]

Measures, each over a fresh server: start to the answer of `initialize`; one typed letter to published diagnostics in pages
of 2,000 and 10,000 lines (p50, p99); a burst of 20 letters (reports, time to the last one); resident memory with 22 files
open. Prints the figures beside their targets; nothing fails, figures depend on the machine.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from queue import Empty, Queue

PAGE = """Page({
  data: { list: [], phone: '', total: 0 },
  onLoad%(n)d(options) {
    const id = options.id || '0'
    wx.request({
      url: 'https://api.youpin.cn/v1/orders/%(n)d?id=' + id,
      success: (res) => {
        // 订单 %(n)d：只保留需要展示的字段 😀
        const list = res.data.list.map((item) => ({ id: item.id, title: item.title, price: item.price / 100 }))
        this.setData({ list, total: list.reduce((sum, item) => sum + item.price, 0) })
      },
      fail: (error) => { this.setData({ error: error.errMsg }) },
    })
  },
  onTap%(n)d(event) {
    const { index } = event.currentTarget.dataset
    const item = this.data.list[index]
    if (!item) { return }
    wx.navigateTo({ url: `/pages/order/detail?id=${item.id}` })
  },
})
"""


def page(lines):
    """A page of about so many lines, with an address to object to at its top."""
    size = PAGE.count("\n")
    parts = ["load('http://api.youpin.cn/v1')\n"]
    parts += [PAGE % {"n": n} for n in range(lines // size)]
    return "".join(parts)


class Server:
    """A server and its messages, with the times at which they came."""

    def __init__(self, binary, root=None):
        self.began = time.perf_counter()
        self.process = subprocess.Popen([binary, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.messages = Queue()
        self.next_id = 0
        threading.Thread(target=self.listen, daemon=True).start()
        params = {"processId": os.getpid(), "capabilities": {"general": {"positionEncodings": ["utf-16"]}}, "rootUri": root}
        answer = self.request("initialize", params)
        self.started = answer[0] - self.began
        self.notify("initialized", {})

    def listen(self):
        out = self.process.stdout
        while True:
            length = 0
            while True:
                line = out.readline()
                if not line:
                    return
                if line == b"\r\n":
                    break
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            body = out.read(length)
            self.messages.put((time.perf_counter(), json.loads(body)))

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def request(self, method, params):
        self.next_id += 1
        self.send({"id": self.next_id, "method": method, "params": params})
        return self.wait(lambda m: m.get("id") == self.next_id and "method" not in m)

    def wait(self, fits, timeout=60):
        end = time.perf_counter() + timeout
        while True:
            at, message = self.messages.get(timeout=max(0.001, end - time.perf_counter()))
            if "id" in message and "method" in message:
                self.send({"id": message["id"], "result": None})
            if fits(message):
                return at, message

    def open(self, uri, text):
        item = {"uri": uri, "languageId": "javascript", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return self.published(uri, 1)

    def type(self, uri, version, line, character, text):
        """Types at a place; returns when."""
        place = {"line": line, "character": character}
        change = {"range": {"start": place, "end": place}, "text": text}
        at = time.perf_counter()
        document = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        return at

    def published(self, uri, version):
        def fits(m):
            if m.get("method") != "textDocument/publishDiagnostics":
                return False
            return m["params"]["uri"] == uri and m["params"].get("version") == version

        return self.wait(fits)

    def memory(self):
        """Resident memory in MB (Linux)."""
        try:
            with open(f"/proc/{self.process.pid}/status") as status:
                for line in status:
                    if line.startswith("VmRSS"):
                        return int(line.split()[1]) / 1024
        except OSError:
            pass
        return float("nan")

    def stop(self):
        self.request("shutdown", None)
        self.notify("exit", None)
        self.process.wait(10)


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def letters(binary, lines, rounds=300):
    """Milliseconds from a typed letter to its diagnostics."""
    server = Server(binary)
    uri = f"file:///bench/page{lines}.js"
    text = page(lines)
    server.open(uri, text)
    line = text.count("\n") // 2
    out = []
    for n in range(rounds):
        # Letters in a comment line of their own, then in code.
        typed = "\n" if n == 0 else "a"
        sent = server.type(uri, n + 2, line, 0, typed)
        at, message = server.published(uri, n + 2)
        assert message["params"]["diagnostics"], "the address at the top is found"
        out.append((at - sent) * 1000)
        time.sleep(0.005)
    server.stop()
    return out[20:]


def burst(binary):
    """Reports after 20 letters at once, and milliseconds to the last."""
    server = Server(binary)
    uri = "file:///bench/burst.js"
    server.open(uri, page(2000))
    last = 0
    for n in range(20):
        last = server.type(uri, n + 2, 1000, 0, "a")
    reports, end = 0, 0
    while True:
        try:
            at, message = server.wait(lambda m: m.get("method") == "textDocument/publishDiagnostics", timeout=0.5)
        except Empty:
            break
        reports += 1
        if message["params"].get("version") == 21:
            end = at
    server.stop()
    return reports, (end - last) * 1000


def memory(binary):
    """MB with 22 files of 500 lines open, in a workspace of those files."""
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, f"page{n}.js") for n in range(22)]
        for name in names:
            with open(name, "w", encoding="utf-8") as file:
                file.write(page(500))
        server = Server(binary, f"file://{folder}")
        for name in names:
            server.open(f"file://{name}", page(500))
        time.sleep(1)
        out = server.memory()
        server.stop()
        return out


def main():
    binary = sys.argv[1]
    starts = []
    for _ in range(20):
        server = Server(binary)
        starts.append(server.started * 1000)
        server.stop()
    figures = {"start_ms": percentile(starts, 0.5)}
    for lines in (2000, 10000):
        values = letters(binary, lines)
        figures[f"letter_{lines}_p50_ms"] = percentile(values, 0.5)
        figures[f"letter_{lines}_p99_ms"] = percentile(values, 0.99)
    figures["burst_reports"], figures["burst_last_ms"] = burst(binary)
    figures["memory_22_files_mb"] = memory(binary)
    if "--json" in sys.argv:
        print(json.dumps(figures))
        return
    targets = {
        "start_ms": 40, "letter_2000_p50_ms": 6, "letter_2000_p99_ms": 15, "letter_10000_p50_ms": 15,
        "letter_10000_p99_ms": 50, "burst_reports": 2, "burst_last_ms": 80, "memory_22_files_mb": 40,
    }
    for name, value in figures.items():
        print(f"{name:24} {value:8.1f}   (at most {targets[name]})")


if __name__ == "__main__":
    main()
