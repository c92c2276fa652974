"""Answers that cost something, among real processes: who is paid, how much, and what a crash changes."""
import collections
import json
import pathlib
import signal
import subprocess
import time

import harness
from checks_chaos import WORDS, Client, expected_answers, write_model
from checks_inference import LOOPBACK, QUESTION, Village
from checks_models import installed_model
from harness import Node, await_true, banyan, expect, get

SEEDS = 1_000_000_000
FEE = 1_000
# FIG for 1,000 tokens, and the same in seeds for each.
PRICE = "10"
PER_TOKEN = 10_000_000


class Market(Village):
    """A village with one provider that asks a price and has a stake."""

    def __init__(self, directory, price=PRICE, model=None):
        super().__init__(directory, ["--price", price, "--stake", "200"], model=model)
        self.provider = self.providers[0]
        self.tool("send", self.provider.ready["account"], "300", "--data", self.asker.directory)
        await_true(lambda: int(self.account(self.provider)["stake"]) == 200 * SEEDS, 60, "the provider's stake")
        self.before = self.balance(self.provider)

    def account(self, node):
        return get(self.asker.api + "/v1/accounts/" + node.ready["account"])

    def balance(self, node):
        return int(self.account(node)["balance"])

    def channel(self):
        """The asker's only channel."""
        channels = self.account(self.asker).get("channels", [])
        expect(len(channels) <= 1, f"one provider, and these channels: {channels}")
        return channels[0] if channels else None

    def claimed(self):
        channel = self.channel()
        return int(channel["claimed"]) if channel else 0

    def expect_paid(self, price):
        """The provider has claimed exactly `price`, of which 70 per cent are its own."""
        await_true(lambda: self.claimed() >= price, 90, f"the provider claims {price}; the channel: {self.channel()}")
        expect(self.claimed() == price, f"claimed {self.claimed()}, not {price}")
        gained = self.balance(self.provider) - self.before
        # Out of it the provider pays the fees of its claims and of its record.
        fees = price * 7 // 10 - gained
        expect(fees in (FEE, 2 * FEE, 3 * FEE, 4 * FEE), f"the provider gained {gained} for {price}")

    def begin(self, *more):
        """A question whose answer is still being checked when the provider has signed it."""
        tokens = 160
        body = {
            "model": self.model.stem, "messages": [{"role": "user", "content": QUESTION}], "maximumTokens": tokens, "check": "full", "temperature": 1,
        }
        served = len(self.served())
        asking = subprocess.Popen(
            ["curl", "--silent", "--no-buffer", "--header", "Content-Type: application/json", "--data", json.dumps(body), self.asker.api + "/v1/inference/answers"],
            stdout=subprocess.PIPE, text=True,
        )
        await_true(lambda: len(self.served()) > served, 60, "the provider has answered")
        return asking

    def served(self):
        return [event for event in self.provider.events() if event["event"] == "served"]


def check_an_answer_is_paid_by_the_token_and_split_as_the_ledger_says(directory):
    market = Market(directory)
    _, output, _ = market.ask("--tokens", 24, "--max-price", "0.24")
    report = json.loads(output)
    finished = report["finished"]
    price = int(finished["price"])
    expect(price == PER_TOKEN * len(report["tokens"]) and price > 0, f"the price: {finished}")
    market.expect_paid(price)
    channel = market.channel()
    expect(finished["channel"] == channel["channel"] and finished["channelRest"] == channel["rest"], f"{finished} {channel}")
    _, text, _ = market.tool("account")
    expect(channel["channel"][:16] in text and "pays" in text, text)
    # The same request again is the same answer, and costs nothing more.
    for _ in range(2):
        _, output, _ = market.ask("--tokens", 8, "--seed", 7)
        expect(json.loads(output)["finished"]["price"] == str(8 * PER_TOKEN), output)
    market.expect_paid(price + 8 * PER_TOKEN)
    supply = get(market.asker.api + "/v1/status")["supply"]
    expect(supply["conserved"], f"the supply: {supply}")
    market.stop()


def check_what_costs_too_much_is_refused_before_anybody_is_asked(directory):
    market = Market(directory)
    code, output, error = market.ask("--tokens", 24, "--max-price", "0.23", check=False)
    expect(code == 2 and "0.24 FIG" in error and "0.23 FIG" in error, f"{code} {output} {error}")
    _, output, _ = market.tool("quote", QUESTION, "--model", market.model.stem, "--tokens", 24, "--json")
    expect([quote["maximumPrice"] for quote in json.loads(output)] == [str(24 * PER_TOKEN)], output)
    expect(market.channel() is None and not market.served(), "a refused question opened a channel, or was answered")
    market.stop()


def check_a_client_killed_between_answer_and_payment_pays_once(directory):
    market = Market(directory)
    asking = market.begin()
    market.asker.kill()
    asking.wait(10)
    expect('"finished"' not in asking.stdout.read(), "the answer was finished before the client was killed")
    price = int(market.served()[-1]["price"])
    # Where it was before: the provider finds it again.
    listen = market.asker.ready["addresses"][0].split("/p2p/")[0]
    market.asker.arguments = [listen if argument == LOOPBACK else argument for argument in market.asker.arguments]
    market.asker.start()
    market.expect_paid(price)
    # The receipt is there as well; nobody has to ask again.
    receipts = get(market.asker.api + "/v1/inference/receipts")
    expect([receipt["price"] for receipt in receipts] == [str(price)], f"{receipts}")
    market.stop()


def check_a_provider_killed_between_answer_and_payment_is_paid_once(directory):
    market = Market(directory)
    asking = market.begin()
    price = int(market.served()[-1]["price"])
    market.provider.kill()
    asking.wait(60)
    last = json.loads(asking.stdout.read().splitlines()[-1])
    expect(last["event"] == "finished" and last["price"] == str(price), f"{last}")
    expect(market.claimed() == 0, "a killed provider has claimed")
    market.provider.start()
    market.expect_paid(price)
    market.stop()


def check_a_provider_that_was_killed_claims_what_it_was_promised_however_little(directory):
    market = Market(directory, price="0.001")
    market.ask("--tokens", 24)
    price = 24 * 1_000
    market.provider.kill()
    expect(market.claimed() == 0, "what is worth less than 10,000 fees was claimed")
    market.provider.start()
    market.expect_paid(price)
    market.stop()


def check_a_provider_that_leaves_takes_what_it_was_promised(directory):
    market = Market(directory, price="0.001")
    market.ask("--tokens", 24)
    price = 24 * 1_000
    _, output, _ = banyan("account", "--node", market.provider.api, "--json")
    channel = json.loads(output)["channels"][0]
    expect(channel["direction"] == "earns" and channel["promised"] == str(price), output)
    expect(market.claimed() == 0, "what is worth less than 10,000 fees was claimed")
    market.provider.stop()
    market.expect_paid(price)
    market.asker.stop()


def check_a_client_that_asks_more_than_it_has_credit_for_waits_and_pays_for_all(directory):
    # A provider lends eight answers to a client that it does not know; thirty come at once.
    market = Market(directory, model=write_model(directory))
    questions = collections.deque(range(60))
    expected = expected_answers(market.model, market.known()[0]["offers"][0]["arithmetic"])
    clients = [Client(market.asker, market.model.stem, questions, expected) for _ in range(30)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    faults = [fault for client in clients for fault in client.faults]
    expect(not faults, f"{len(faults)} of 60 questions failed: {faults[:3]}")
    price = PER_TOKEN * sum(len(expected[WORDS[number % len(WORDS)]]) for number in range(60))
    await_true(lambda: market.claimed() >= price, 60, f"the provider claims {price}; the channel: {market.channel()}")
    expect(market.claimed() == price == int(market.channel()["promised"]), f"{market.channel()} for {price}")
    expect(len(market.served()) == 60, f"{len(market.served())} answers to 60 questions")
    market.stop()


def check_a_channel_that_opens_slowly_is_waited_for_and_no_second_one_opened(directory):
    root = Node(directory / "root", "--listen", LOOPBACK)
    models = pathlib.Path(installed_model())
    joining = ["--listen", LOOPBACK, "--join", root.ready["addresses"][0], "--models", models.parent]
    asker = Node(directory / "asker", *joining)
    providers = [Node(directory / f"provider{index}", *joining, "--serve", models, "--price", PRICE) for index in range(2)]
    banyan("send", asker.ready["account"], "100", "--data", root.directory, "--node", root.api)

    def account():
        return get(asker.api + "/v1/accounts/" + asker.ready["account"])

    await_true(lambda: account()["balance"] == str(100 * SEEDS), 60, "the asker has its money")
    await_true(lambda: len(get(asker.api + "/v1/inference/providers")) == 2, 60, "the asker knows both providers")
    log = asker.directory / "stderr"
    # Nobody makes blocks.
    root.process.send_signal(signal.SIGSTOP)
    asking = subprocess.Popen(
        [harness.BANYAN, "ask", QUESTION, "--model", models.stem, "--tokens", "8", "--json", "--node", asker.api],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    await_true(lambda: "a channel is opened" in log.read_text(), 30, f"the asker opens a channel; {asker.stderr_tail()}")
    # Longer than a provider may think before another is asked beside it.
    end = time.monotonic() + 4
    await_true(lambda: time.monotonic() > end, 5, "the hedge's clock has run out")
    root.process.send_signal(signal.SIGCONT)
    output, error = asking.communicate(timeout=60)
    expect(asking.returncode == 0, f"no answer: {error}")
    report = json.loads(output)
    channels = account()["channels"]
    expect(len(channels) == 1 and log.read_text().count("a channel is opened") == 1, f"one answer, and these channels: {channels}")
    expect(report["providers"] == [channels[0]["partner"]], f"who was asked: {report['providers']}")
    expect(channels[0]["promised"] == report["finished"]["price"] == str(len(report["tokens"]) * PER_TOKEN), f"{channels} {report}")
    for node in [*providers, asker, root]:
        node.stop()
