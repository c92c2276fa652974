"""A peer of another make that speaks to a provider, and means harm: it knows nothing but what is on the wire."""
import json
import os
import pathlib
import random
import sys
import threading
import time

sys.path.append(str(pathlib.Path(__file__).parent.parent / "Interop"))
from checks_inference import Village
from checks_load import resident
from encoding import message, split_address, varint
from go_peer import Failed, GoPeer
from harness import Failure, alone, await_true, expect
from random_model import random_model

P2PD = pathlib.Path(__file__).resolve().parent.parent.parent / ".tools/interop/p2pd"
INFERENCE, AUDIT = "/banyan/inference/1", "/banyan/audit/1"
# Longer runs by hand: BANYAN_HOSTILE_SECONDS=300 Tests/EndToEnd/run BINARY a_hostile_peer_leaves_a_provider_small_and_at_work
SECONDS = float(os.environ.get("BANYAN_HOSTILE_SECONDS", "10"))
# Above what the provider held before, in MiB.
GROWTH = 64
# Numbers of the messages of /banyan/inference/1.
REQUEST, TOKENS, FINAL, VOUCHER, PAID, CANCEL = 3, 5, 6, 7, 8, 9


def frame(data):
    return varint(len(data)) + data


class Stranger(threading.Thread):
    """Opens one stream after the other to do one kind of harm."""

    def __init__(self, kind, peer, target, request, over):
        super().__init__(daemon=True)
        self.kind, self.peer, self.target, self.request, self.over = kind, peer, target, request, over
        self.dice, self.count = random.Random(kind), 0

    def run(self):
        while not self.over.is_set():
            protocol = AUDIT if self.kind.endswith("audit") else INFERENCE
            try:
                pipe = self.peer.open(self.target, protocol)
                try:
                    pipe.socket.settimeout(1)
                    self.count += 1
                    getattr(self, self.kind.removesuffix("_audit"))(pipe)
                finally:
                    pipe.close()
            except (OSError, Failed):
                pass
            self.over.wait(0.02)

    def garbage(self, pipe):
        pipe.socket.sendall(self.dice.randbytes(1 << 16))
        pipe.read(1)

    def long_frame(self, pipe):
        """A frame that claims a terabyte, and one that is a little too long."""
        length = self.dice.choice([1 << 40, (704 << 10) + 1])
        pipe.socket.sendall(varint(length) + b"x" * (1 << 16))
        pipe.read(1)

    def half_open(self, pipe):
        """Says nothing, and waits to be thrown out."""
        self.over.wait(3)

    def trickle(self, pipe):
        """The longest frame that is allowed, a few bytes at a time."""
        pipe.socket.sendall(varint(700 << 10))
        for _ in range(200):
            pipe.socket.sendall(b"\x1a" * 16)
            if self.over.wait(0.05):
                return

    def deaf(self, pipe):
        """Asks for quotes, for ever, and reads none."""
        quote = frame(message((1, message((1, bytes(32)), (2, 1)))))
        while not self.over.is_set():
            pipe.socket.sendall(quote * 1000)

    def out_of_turn(self, pipe):
        """What only a provider says, or what has no sense before a request."""
        said = self.dice.choice([
            (TOKENS, message((1, 5), (2, b"\x01"))), (FINAL, b""), (VOUCHER, b"money"), (PAID, b""), (REQUEST, b"\x00" * 99)])
        pipe.socket.sendall(frame(message(said)) * 3)
        pipe.read(1)

    def forged(self, pipe):
        """A real request of another's, with one bit turned: not signed any more, or not the same."""
        changed = bytearray(self.request)
        changed[self.dice.randrange(len(changed))] ^= 1 << self.dice.randrange(8)
        pipe.socket.sendall(frame(message((REQUEST, bytes(changed)))))
        pipe.read_message()

    def replay(self, pipe):
        """A real request of another's, again and again: the same answer, no second charge."""
        pipe.socket.sendall(frame(message((REQUEST, self.request))) * 2)
        pipe.read_message()

    def unknown(self, pipe):
        """Questions about jobs that nobody knows."""
        pipe.socket.sendall(frame(b"\x00" + self.dice.randbytes(32)))
        expect(pipe.read_message() == b"\x00", "an unknown job is known")


@alone
def check_a_hostile_peer_leaves_a_provider_small_and_at_work(directory):
    expect(P2PD.is_file(), f"there is no {P2PD}; Scripts/setup test installs it")
    model = directory / "models/random.gguf"
    model.parent.mkdir()
    model.write_bytes(random_model())
    village = Village(directory, ["--log-level", "debug"], model=model)
    provider = village.providers[0]
    _, output, _ = village.ask("--tokens", 8, "--verify", "none")
    expected = json.loads(output)["tokens"]
    saved = directory / "answer.receipt"
    village.tool("receipt", "show", json.loads(output)["finished"]["receipt"][:12], "--save", saved)

    address = provider.ready["addresses"][0]
    _, target = split_address(address)
    peer = GoPeer(str(P2PD))
    try:
        peer.connect(address)
        over = threading.Event()
        kinds = ["garbage", "long_frame", "half_open", "half_open", "trickle", "deaf", "out_of_turn", "forged", "replay"]
        kinds += [kind + "_audit" for kind in ("garbage", "long_frame", "half_open", "trickle", "unknown")]
        # A receipt is saved behind the signed request and the answer's tokens.
        request, behind, _ = saved.read_bytes().rpartition(varint(len(expected)) + b"".join(map(varint, expected)))
        expect(behind, "the saved receipt does not hold the answer's tokens")
        strangers = [Stranger(kind, peer, target, request, over) for kind in kinds * 2]
        before, largest, answers, start = resident(provider), 0, 0, time.monotonic()
        for stranger in strangers:
            stranger.start()
        while time.monotonic() - start < SECONDS:
            _, output, _ = village.ask("--tokens", 8, "--verify", "full")
            expect(json.loads(output)["tokens"] == expected, f"another answer under attack: {output}")
            answers += 1
            largest = max(largest, resident(provider))
        over.set()
        for stranger in strangers:
            stranger.join(10)
    finally:
        peer.stop()
    streams = {kind: sum(s.count for s in strangers if s.kind == kind) for kind in kinds}
    log = (provider.directory / "stderr").read_text(errors="replace")
    print(
        f"      {SECONDS:.0f} s, {sum(streams.values())} hostile streams: {answers} answers checked, {before:.0f} MiB before, "
        f"{largest:.0f} MiB at most, {len(log) >> 10} KiB of log", flush=True)
    expect(all(streams.values()), f"a kind of harm never reached the provider: {streams}")
    expect(largest - before < GROWTH, f"the provider grew from {before:.0f} to {largest:.0f} MiB, by more than {GROWTH}")
    expect(answers >= SECONDS / 5, f"only {answers} answers in {SECONDS:.0f} s")
    for words in ("/banyan/inference/1", "/banyan/audit/1", "frameTooLong"):
        expect(words in log, f"the log does not name {words}")
    village.stop()
    served = [event["request"] for event in provider.events() if event["event"] == "served"]
    expect(len(served) == len(set(served)) == answers + 1, f"{len(served)} requests served, {answers + 1} were asked")
