"""Many questions at a time, while the providers that answer them are killed."""
import collections
import http.client
import json
import os
import random
import threading
import time
import urllib.parse

from checks_inference import LOOPBACK, Village
from harness import Failure, Node, alone, await_true, banyan, expect, get
from random_model import random_model

# Longer runs by hand: BANYAN_CHAOS_QUESTIONS=20000 Tests/EndToEnd/run BINARY no_answer_is_lost_while_providers_are_killed
QUESTIONS = int(os.environ.get("BANYAN_CHAOS_QUESTIONS", "300"))
IN_FLIGHT = 100
PROVIDERS = 10
TOKENS = 64
PAID_QUESTIONS = int(os.environ.get("BANYAN_PAID_QUESTIONS", "300"))
# At most so many are gone at the same time: somebody has to answer.
GONE = 4
WORDS = ["mango", "fig", "kola", "pine", "date", "plum", "lime", "pear"]


class Killer(threading.Thread):
    """Kills one provider after the other, at random, and starts it again."""

    def __init__(self, providers, seed, gone=GONE):
        super().__init__(daemon=True)
        self.gone = gone
        self.providers, self.dice, self.over = providers, random.Random(seed), threading.Event()
        self.kills, self.failure = 0, None

    def run(self):
        gone = collections.deque()
        try:
            while not self.over.wait(self.dice.uniform(0.1, 0.4)):
                if len(gone) == self.gone:
                    gone.popleft().start()
                alive = [node for node in self.providers if node not in gone]
                victim = self.dice.choice(alive)
                victim.kill()
                self.kills += 1
                gone.append(victim)
            for node in gone:
                node.start()
        except Exception as error:
            self.failure = error


class Client(threading.Thread):
    """Asks one question after the other until none is left, and notes every answer."""

    def __init__(self, asker, model, questions, expected):
        super().__init__(daemon=True)
        self.asker, self.model, self.questions, self.expected = asker, model, questions, expected
        self.answers, self.faults = [], []

    def run(self):
        while True:
            try:
                number = self.questions.popleft()
            except IndexError:
                return
            try:
                self.answers.append(self.ask(WORDS[number % len(WORDS)]))
            except Exception as error:
                self.faults.append(f"question {number}: {error}")

    def ask(self, word):
        """(receipt, seconds, times that another provider went on)"""
        api = urllib.parse.urlparse(self.asker.api)
        start = time.monotonic()
        connection = http.client.HTTPConnection(api.hostname, api.port, timeout=60)
        body = {"model": self.model, "messages": [{"role": "user", "content": word}], "maximumTokens": TOKENS, "check": "none"}
        connection.request("POST", "/v1/inference/answers", json.dumps(body), {"Content-Type": "application/json"})
        events = [json.loads(line) for line in connection.getresponse().read().splitlines()]
        connection.close()
        tokens = []
        for event in events:
            if event["event"] == "text":
                tokens += event["tokens"]
            elif event["event"] == "retracted":
                del tokens[event["keptTokens"]:]
        last = events[-1] if events else {}
        expect(last.get("event") == "finished", f"it ended with {last}")
        expect(tokens == self.expected[word], f"{tokens} came in place of {self.expected[word]}")
        return last["receipt"], time.monotonic() - start, len([event for event in events if event["event"] == "chosen"]) - 1


def served(provider):
    """How often the provider, in all its lives, answered each request."""
    lines = provider.events_path.read_text(errors="replace").split("\n")
    events = [json.loads(line) for line in lines if line.startswith('{"') and line.endswith("}")]
    return collections.Counter(event["request"] for event in events if event["event"] == "served")


def expected_answers(model, mode):
    answers = {}
    for word in WORDS:
        _, output, _ = banyan("generate", "--model", model, "--chat", "--prompt", word, "--tokens", TOKENS, "--mode", mode, "--json")
        answers[word] = json.loads(output)["ids"]
    return answers


def write_model(directory):
    model = directory / "models/random.gguf"
    model.parent.mkdir()
    model.write_bytes(random_model())
    return model


@alone
def check_no_answer_is_lost_while_providers_are_killed(directory):
    model = write_model(directory)
    village = Village(directory, *[[]] * PROVIDERS, model=model)
    second = Node(directory / "second", "--listen", LOOPBACK, "--join", village.asker.ready["addresses"][0], "--models", model.parent)
    await_true(lambda: len(get(second.api + "/v1/inference/providers")) == PROVIDERS, 60, "the second asker knows every provider")
    expected = expected_answers(model, village.known()[0]["offers"][0]["arithmetic"])

    questions = collections.deque(range(QUESTIONS))
    clients = [Client([village.asker, second][index % 2], model.stem, questions, expected) for index in range(IN_FLIGHT)]
    seed = random.randrange(1 << 32)
    killer = Killer(village.providers, seed)
    start = time.monotonic()
    for thread in [*clients, killer]:
        thread.start()
    for client in clients:
        client.join()
    seconds = time.monotonic() - start
    killer.over.set()
    killer.join()

    faults = [fault for client in clients for fault in client.faults]
    expect(not faults, f"seed {seed}: {len(faults)} of {QUESTIONS} questions failed, the first: {faults[:3]}")
    expect(killer.failure is None, f"a provider did not start again: {killer.failure}")
    answers = [answer for client in clients for answer in client.answers]
    receipts = [receipt for receipt, _, _ in answers]
    expect(len(receipts) == QUESTIONS == len(set(receipts)), f"{len(receipts)} answers, {len(set(receipts))} receipts")
    # What an asker pays for is what it keeps a receipt of: one for each question, and none beside.
    for asker in (village.asker, second):
        _, output, _ = banyan("receipt", "list", "--json", "--node", asker.api)
        kept = [entry["id"] for entry in json.loads(output)]
        expect(len(kept) == len(set(kept)) and set(kept) <= set(receipts), "a receipt of no question, or one twice")
    counts = sum((served(provider) for provider in village.providers), collections.Counter())
    expect(all(counts[receipt] <= 1 for receipt in receipts), "a request was answered and charged twice")
    times = sorted(seconds for _, seconds, _ in answers)
    moved = sum(1 for _, _, changes in answers if changes)
    print(
        f"      {QUESTIONS} answers of {TOKENS} tokens, {IN_FLIGHT} in flight, {PROVIDERS} providers, {killer.kills} killed: {seconds:.1f} s; "
        f"p50 {times[len(times) // 2]:.2f} s, p95 {times[int(len(times) * 0.95)]:.2f} s, slowest {times[-1]:.2f} s; "
        f"{moved} went on with another provider, {sum(counts.values()) - len(set(receipts) & set(counts))} answers nobody waited for; seed {seed}", flush=True)
    second.stop()
    village.stop()


@alone
def check_every_answer_is_paid_once_to_the_seed_while_providers_are_killed(directory):
    model, price, asked = write_model(directory), 10_000_000, PAID_QUESTIONS
    village = Village(directory, *[["--price", "10", "--stake", "200"]] * PROVIDERS, model=model)
    asker = village.asker

    def account(node):
        return get(f"{asker.api}/v1/accounts/{node.ready['account']}")

    def wealth(node):
        return int(account(node)["balance"]) + int(account(node)["stake"])

    def own_channels(node):
        """As the node's own book has them."""
        return get(f"{node.api}/v1/accounts/{node.ready['account']}").get("channels", [])

    def books():
        """(what the asker's vouchers say, what was claimed of it) over all channels."""
        channels = own_channels(asker)
        return tuple(sum(int(channel[field]) for channel in channels) for field in ("promised", "claimed"))

    for provider in village.providers:
        village.tool("send", provider.ready["account"], "300", "--data", asker.directory)
    await_true(lambda: all(entry["stake"] == str(200 * 10**9) for entry in village.known()), 60, "the providers' stakes")
    expected = expected_answers(model, village.known()[0]["offers"][0]["arithmetic"])
    before = sum(wealth(provider) for provider in village.providers)
    questions = collections.deque(range(asked))
    clients = [Client(asker, model.stem, questions, expected) for _ in range(IN_FLIGHT)]
    seed = random.randrange(1 << 32)
    killer = Killer(village.providers, seed)
    start = time.monotonic()
    for thread in [*clients, killer]:
        thread.start()
    for client in clients:
        client.join()
    seconds = time.monotonic() - start
    killer.over.set()
    killer.join()
    faults = [fault for client in clients for fault in client.faults]
    expect(not faults and killer.failure is None, f"seed {seed}: {killer.failure} {faults[:3]}")
    owed = price * sum(len(expected[WORDS[number % len(WORDS)]]) for number in range(asked))
    start = time.monotonic()
    try:
        await_true(lambda: books() == (owed, owed), 120, "every answer is paid, and every voucher claimed")
    except Failure as failure:
        promised, claimed = books()
        open_channels = [channel for node in [asker, *village.providers] for channel in own_channels(node) if channel["promised"] != channel["claimed"]]
        raise Failure(f"seed {seed}: {failure}; owed {owed}, by vouchers {promised}, claimed {claimed}; {open_channels}")
    settled = time.monotonic() - start
    # Seven tenths are the providers'; out of them they pay the fees of their claims and records.
    fees = owed * 7 // 10 - (sum(wealth(provider) for provider in village.providers) - before)
    print(
        f"      {asked} answers in {seconds:.1f} s, {killer.kills} kills: {owed} seeds owed, {books()[1]} claimed {settled:.1f} s after the last answer, "
        f"{fees} of fees; seed {seed}", flush=True)
    expect(0 < fees < 1_000 * 10 * (asked + killer.kills), f"seed {seed}: {fees} seeds of fees")
    expect(get(asker.api + "/v1/status")["supply"]["conserved"], "the supply is not conserved")
    village.stop()
