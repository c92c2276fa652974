"""Disputes about answers, decided by the ledger of a running chain. Each side is a process that plays by itself."""
import json

from checks_models import installed_model
from harness import Node, await_true, banyan, expect, get

LOOPBACK = "/ip4/127.0.0.1/tcp/0"
QUESTION = "Name three things that grow on trees."
STAKE = 150
FIG = 10**9


class Court:
    """A validator, which also asks, and one provider with a stake, which serves `serves`, the installed model without it."""

    def __init__(self, directory, asker=(), provider=(), listen=LOOPBACK, serves=None):
        self.model = installed_model()
        models = ["--models", self.model.parent]
        self.asker = Node(directory / "asker", "--listen", listen, *models, *asker)
        self.provider = Node(directory / "provider", "--listen", LOOPBACK, "--join", self.asker.ready["addresses"][0], "--serve", serves or self.model, "--stake", STAKE, "--models", (serves or self.model).parent, *provider)
        banyan("send", self.provider.ready["account"], STAKE + 10, "--data", directory / "asker", "--node", self.asker.api)
        await_true(lambda: self.account()[1] >= STAKE * FIG, 90, "the provider has its stake")
        await_true(lambda: len(get(self.asker.api + "/v1/inference/providers")) == 1, 90, "the asker knows the provider")

    def account(self, node=None):
        report = get(f"{self.asker.api}/v1/accounts/{(node or self.provider).ready['account']}")
        return int(report["balance"]), int(report["stake"])

    def ask(self, tokens=6):
        return banyan("ask", QUESTION, "--model", self.model.stem, "--tokens", tokens, "--json", "--verify", "fraud", "--node", self.asker.api, check=False)

    def judgement(self, seconds):
        """What the ledger decided, as the asker tells it."""

        def judged():
            return next((event for event in self.asker.events() if event["event"] == "judged"), None)

        return await_true(judged, seconds, "the dispute ends")

    def standing(self, request):
        return json.loads(banyan("receipt", "show", request, "--json", "--node", self.asker.api)[1])["ledger"]

    def stop(self):
        for node in (self.provider, self.asker):
            node.stop()


def check_a_client_that_disputes_an_honest_answer_loses_its_bond(directory):
    court = Court(directory, asker=["--cheat-dispute", "griefing"])
    before = sum(court.account())
    code, output, error = court.ask()
    expect(code == 0, f"the answer is right: {error}")
    judged = court.judgement(120)
    expect(judged["outcome"] == "accepted" and "computed the number" in judged["reason"], f"the judgement: {judged}")
    expect(judged["provider"] == court.provider.ready["account"], f"who was judged: {judged}")
    expect(judged["slashes"] == [{"account": court.asker.ready["account"], "amount": str(FIG)}], f"who pays: {judged}")
    expect(judged["payments"] == [{"account": court.provider.ready["account"], "amount": str(FIG // 2)}], f"who is paid: {judged}")
    gain = sum(court.account()) - before
    expect(FIG // 2 - FIG // 100 < gain <= FIG // 2, f"the provider got {gain} seeds, fees off")
    expect(court.standing(json.loads(output)["finished"]["receipt"]) == {"state": "upheld"}, "how the answer stands")
    court.stop()


def expect_conviction(court, judged, words):
    expect(judged["outcome"] == "rejected" and words in judged["reason"], f"the judgement: {judged}")
    [slash], [reward] = judged["slashes"], judged["payments"]
    expect(slash["account"] == court.provider.ready["account"] == judged["provider"], f"who pays: {judged}")
    expect(reward["account"] == court.asker.ready["account"], f"who is paid: {judged}")
    expect(int(slash["amount"]) >= FIG // 10 and int(reward["amount"]) == int(slash["amount"]) // 2, f"how much: {judged}")


def check_a_provider_of_another_model_that_bisects_its_own_states_loses_by_one_number(directory):
    court = Court(directory, provider=["--cheat-inference", "quantisedModel", "--cheat-dispute", "lying"])
    code, output, error = court.ask(tokens=12)
    expect(code != 0, f"the answer of another model passed: {output}")
    judged = court.judgement(180)
    expect_conviction(court, judged, "computed the number")
    expect(court.standing(judged["request"]) == {"state": "faulty"}, "how the answer stands")
    court.stop()


def check_a_provider_that_shows_logits_to_fit_its_token_loses_by_one_of_them(directory):
    court = Court(directory, provider=["--cheat-inference", "laundering", "--cheat-dispute", "lying"])
    code, output, error = court.ask(tokens=32)
    expect(code != 0, f"tokens of another model passed: {output}")
    expect_conviction(court, court.judgement(180), "computed the number")
    court.stop()


def check_a_provider_that_falls_silent_in_a_dispute_is_slashed(directory):
    court = Court(directory, asker=["--cheat-dispute", "griefing", "--answer-rules", "disputeBudget=12"], provider=["--cheat-dispute", "silent"])
    court.ask()
    expect_conviction(court, court.judgement(120), "in time")
    court.stop()
