"""Providers that break the protocol of answers, each in a process of its own, and an asker that must not suffer from it."""
import json
import re
import urllib.request

from checks_inference import LOOPBACK
from checks_load import resident
from harness import Node, await_true, banyan, expect, get
from random_model import random_model

TOKENS = 12
# How much the asker may grow by, in MiB, whatever a provider sends.
GROWTH = 48
UNSIGNED = r"the signature is not the provider's for this answer \(ban1"
# What the asker says of each.
NAMED = {
    "swappedTokens": "token 1 came where token 0 is next",
    "repeatedTokens": r"token 0 came where token \d+ is next",
    "endlessTokens": "more tokens came than the 12 that were asked for",
    "foreignReceipt": UNSIGNED,
    "earlyReceipt": UNSIGNED + "|an answer ended before it began",
    "oversizeFrame": r"frameTooLong\(length: 1073741824, limit: 16384\)",
    "emptyFrames": "a frame that does not decode",
    "garbage": "a frame that does not decode|malformedFrame|frameTooLong",
    "halfFrame": "the rest of a message",
    "repeatedAcceptance": "it takes the question twice",
}


class Asker:
    """A validator that asks, and one honest provider, which is the dearer one."""

    def __init__(self, directory):
        self.directory, self.model = directory, directory / "models/random.gguf"
        self.model.parent.mkdir()
        self.model.write_bytes(random_model())
        self.node = Node(directory / "asker", "--listen", LOOPBACK, "--models", self.model.parent)
        self.joining = ["--listen", LOOPBACK, "--join", self.node.ready["addresses"][0], "--models", self.model.parent, "--serve", self.model]
        self.honest = Node(directory / "honest", *self.joining, "--price", "100")
        self.knows(1)

    def knows(self, count):
        await_true(lambda: len(get(self.node.api + "/v1/inference/providers")) == count, 60, f"the asker knows {count} providers")

    def ask(self, word, **more):
        """Every line of the answer."""
        body = {"model": "random", "messages": [{"role": "user", "content": word}], "maximumTokens": TOKENS, "check": "none", "maximumPrice": "1200000000", **more}
        request = urllib.request.Request(
            self.node.api + "/v1/inference/answers", json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return [json.loads(line) for line in answer.read().splitlines()]

    def promised(self, provider):
        """Seeds that the asker owes a provider in all."""
        account = get(f"{self.node.api}/v1/accounts/{self.node.ready['account']}")
        return sum(int(channel["promised"]) for channel in account["channels"] if channel["partner"] == provider.ready["account"])


def tokens(events):
    found = []
    for event in events:
        if event["event"] == "text":
            found += event["tokens"]
        elif event["event"] == "retracted":
            del found[event["keptTokens"]:]
    return found


def check_a_provider_that_breaks_the_protocol_is_named_not_paid_and_replaced(directory):
    _, output, _ = banyan("lab", "provider", "--list", "--json")
    known = {entry["kind"] for entry in json.loads(output)}
    expect(set(NAMED) <= known, f"kinds that no provider knows: {set(NAMED) - known}")
    asker = Asker(directory)
    words = ["figs", "mango"]
    right = [tokens(asker.ask(word)) for word in words]
    before, largest = resident(asker.node), 0
    for kind, name in NAMED.items():
        hostile = Node(directory / kind, *asker.joining, "--price", "1", "--cheat-wire", kind)
        asker.knows(2)
        owed = 0
        if kind == "foreignReceipt":
            # Its first answer is good, and its receipt is what all others get.
            first = asker.ask(words[1], provider=hostile.ready["account"])
            expect(first[-1]["event"] == "finished", f"{kind}: the first answer ended with {first[-1]}")
            owed = int(first[-1]["price"])
        paid = asker.promised(asker.honest)
        # The dearer provider is asked second, and gives the answer.
        events = asker.ask(words[0])
        last = events[-1]
        expect(last["event"] == "finished" and last["provider"] == asker.honest.ready["account"], f"{kind}: it ended with {last}")
        expect(tokens(events) == right[0], f"{kind}: {tokens(events)} came in place of {right[0]}")
        chosen = [event for event in events if event["event"] == "chosen"]
        expect(len(chosen) <= 2, f"{kind}: {len(chosen)} times somebody was chosen")
        # Alone it is named.
        events = asker.ask(words[0], provider=hostile.ready["account"])
        detail = events[-1].get("detail", "")
        expect(events[-1]["event"] == "failed" and re.search(name, detail), f"{kind}: it ended with {events[-1]}")
        expect(asker.promised(hostile) == owed, f"{kind}: {asker.promised(hostile)} seeds are promised, {owed} are owed")
        expect(asker.promised(asker.honest) == paid + int(last["price"]), f"{kind}: the honest provider is owed something else")
        largest = max(largest, resident(asker.node))
        hostile.stop(40)
        asker.knows(1)
    print(f"      {len(NAMED)} kinds of harm: {before:.0f} MiB before, {largest:.0f} MiB at most", flush=True)
    expect(largest - before < GROWTH, f"the asker grew from {before:.0f} to {largest:.0f} MiB, by more than {GROWTH}")
    asker.honest.stop()
    asker.node.stop()
