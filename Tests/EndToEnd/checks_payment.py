"""Answers that cost something, among real processes: who is paid, how much, and what a crash changes."""
import json

from checks_inference import LOOPBACK, Village
from harness import await_true, expect, get

SEEDS = 1_000_000_000
FEE = 1_000
"""FIG for 1,000 tokens, and the same in seeds a token."""
PRICE = "10"
PER_TOKEN = 10_000_000


class Market(Village):
    """A village whose providers ask a price and have a stake."""

    def __init__(self, directory, count=1):
        super().__init__(directory, *[["--price", PRICE, "--stake", "200"]] * count)
        for provider in self.providers:
            self.tool("send", provider.ready["account"], "300", "--data", self.asker.directory)
        await_true(lambda: all(self.stake(provider) == 200 * SEEDS for provider in self.providers), 60, "the providers' stakes")

    def account(self, node):
        return get(self.asker.api + "/v1/accounts/" + node.ready["account"])

    def balance(self, node):
        return int(self.account(node)["balance"])

    def stake(self, node):
        return int(self.account(node)["stake"])


def check_an_answer_is_paid_by_the_token_and_split_as_the_ledger_says(directory):
    market = Market(directory)
    provider = market.providers[0]
    before = market.balance(provider)
    _, output, _ = market.ask("--tokens", 24, "--max-price", "0.24")
    report = json.loads(output)
    price = int(report["finished"]["price"])
    expect(price == PER_TOKEN * len(report["tokens"]) and price > 0, f"the price: {report['finished']}")
    await_true(lambda: market.balance(provider) != before, 60, "the provider has claimed")
    gained = market.balance(provider) - before
    # Out of it the provider pays the fees of the claim and of the record.
    expect(gained + 2 * FEE >= price * 7 // 10 >= gained, f"{gained} of {price}")
    provider.stop()
    market.asker.stop()


def check_a_price_above_the_maximum_is_refused_before_anybody_is_asked(directory):
    market = Market(directory)
    before = market.balance(market.asker)
    code, output, error = market.ask("--tokens", 24, "--max-price", "0.23", check=False)
    expect(code != 0 and "0.24" in error and "0.23" in error, f"{code} {output} {error}")
    expect(market.balance(market.asker) == before, "a refused question cost something")
    market.stop()
