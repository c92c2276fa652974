"""A node under a load of strangers that mean harm."""
import json
import os
import pathlib
import random
import socket
import threading
import time
import urllib.parse

from harness import Node, alone, await_true, banyan, expect, get

LOOPBACK = "/ip4/127.0.0.1/tcp/0"
# Longer runs by hand: BANYAN_LOAD_SECONDS=300 Tests/EndToEnd/run BINARY a_hostile_load_leaves_a_node_small_and_at_work
SECONDS = float(os.environ.get("BANYAN_LOAD_SECONDS", "10"))
CONNECTIONS = 300
# Above what the node held before the load, in MiB.
GROWTH = 64
GREETING = b"\x13/multistream/1.0.0\n"
NOISE = GREETING + b"\x07/noise\n"


def resident(node):
    """MiB that the process holds now."""
    for line in pathlib.Path(f"/proc/{node.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024


class Attacker(threading.Thread):
    """Opens a connection, does one kind of harm, and comes again when it is thrown out."""

    def __init__(self, kind, port, over):
        super().__init__(daemon=True)
        self.kind, self.port, self.over, self.count, self.sent = kind, port, over, 0, 0
        self.dice = random.Random(f"{kind}")

    def run(self):
        while not self.over.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                    connection.settimeout(0.5)
                    self.count += 1
                    getattr(self, self.kind)(connection)
            except OSError:
                pass
            self.over.wait(0.05)

    def send(self, connection, data):
        self.sent += len(data)
        connection.sendall(data)

    def half_open(self, connection):
        """Says nothing, and waits to be thrown out."""
        while not self.over.is_set():
            try:
                if connection.recv(4096) == b"":
                    return
            except TimeoutError:
                pass

    def slow(self, connection):
        """A right greeting, one byte at a time."""
        for byte in NOISE * 100:
            self.send(connection, bytes([byte]))
            if self.over.wait(0.2):
                return

    def garbage(self, connection):
        self.send(connection, self.dice.randbytes(1 << 16))

    def long_lines(self, connection):
        """Multistream frames that claim two gigabytes."""
        self.send(connection, GREETING + b"\xff\xff\xff\xff\x07" + b"x" * (1 << 16))

    def long_handshakes(self, connection):
        """Noise frames of the greatest length, one after the other."""
        for _ in range(64):
            self.send(connection, NOISE + (b"\xff\xff" + self.dice.randbytes(65535)))

    def deaf(self, connection):
        """Asks for protocols that do not exist, for ever, and reads no answer."""
        for _ in range(10_000):
            self.send(connection, GREETING + b"\x05/abc\n" * 1000)

    def long_bodies(self, connection):
        """A request to the API whose body claims a gigabyte, and trickles."""
        self.send(connection, b"POST /v1/transactions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000000\r\n\r\n")
        for _ in range(600):
            self.send(connection, b"x" * 4096)
            if self.over.wait(0.05):
                return


@alone
def check_a_hostile_load_leaves_a_node_small_and_at_work(directory):
    node = Node(directory / "a", "--listen", LOOPBACK)
    await_true(lambda: node.status()["height"] >= 2, 60, "two blocks")
    friend = Node(directory / "b", "--listen", LOOPBACK, "--join", node.ready["addresses"][0])
    banyan("send", friend.ready["account"], "5000", "--node", node.api, "--data", node.directory)
    await_true(lambda: friend.status()["height"] >= node.status()["height"] - 1, 60, "the friend catches up")

    port = int(node.ready["addresses"][0].split("/tcp/")[1].split("/")[0])
    api = urllib.parse.urlparse(node.api).port
    over = threading.Event()
    kinds = [("half_open", port)] * (CONNECTIONS // 2) + [("slow", port)] * (CONNECTIONS // 4)
    kinds += [(kind, port) for kind in ("garbage", "long_lines", "long_handshakes", "deaf")] * (CONNECTIONS // 20)
    kinds += [("long_bodies", api)] * (CONNECTIONS // 20)
    attackers = [Attacker(kind, target, over) for kind, target in kinds]
    before, height = resident(node), node.status()["height"]
    start, largest, committed = time.monotonic(), before, 0
    for attacker in attackers:
        attacker.start()
    while time.monotonic() - start < SECONDS:
        _, output, _ = banyan("send", node.ready["account"], "1", "--node", friend.api, "--data", friend.directory, "--json")
        expect(json.loads(output)["outcome"] == "committed", output)
        committed += 1
        largest = max(largest, resident(node))
    over.set()
    for attacker in attackers:
        attacker.join(5)
    seconds = time.monotonic() - start
    connections, sent = sum(a.count for a in attackers), sum(a.sent for a in attackers)
    blocks = node.status()["height"] - height
    print(
        f"      {seconds:.0f} s, {connections} hostile connections, {sent / 1e6:.0f} MB: {committed} transfers, {blocks} blocks, "
        f"{before:.0f} MiB before, {largest:.0f} MiB at most, {resident(node):.0f} MiB after", flush=True)
    expect(largest - before < GROWTH, f"the node grew from {before:.0f} to {largest:.0f} MiB, by more than {GROWTH}")
    expect(blocks >= SECONDS / 2, f"only {blocks} blocks in {seconds:.0f} s")
    expect(committed >= SECONDS / 5, f"only {committed} transfers in {seconds:.0f} s")
    log = (node.directory / "stderr").read_text(errors="replace")
    expect("refused" in log or "too many" in log, f"no log line says that connections were refused: {log[-1500:]}")
    expect(len(log) < 1 << 20, f"{len(log)} bytes of log")
    # The door is open again for those who behave.
    late = Node(directory / "c", "--listen", LOOPBACK, "--join", node.ready["addresses"][0])
    await_true(lambda: late.status()["height"] >= node.status()["height"] - 1, 60, "a latecomer joins after the load")
    for each in (late, friend, node):
        each.stop()
