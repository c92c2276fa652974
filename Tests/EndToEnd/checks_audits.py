"""Committees that compute answers again, and members of them that do not, among real processes."""
import json

from checks_inference import LOOPBACK, QUESTION
from checks_models import installed_model
from harness import Node, await_true, banyan, expect, get

FIG = 10**9
"""Accuses every right answer it gets; the rules of the network follow. A lot of one in ten thousand leaves the accusation alone."""
ACCUSER = ["--cheat-audit", "falseAccusation", "--answer-rules"]


class Court:
    """One validator, which also asks; one provider; and auditors, each a stake in FIG and more arguments."""

    def __init__(self, directory, *auditors, asker=(), provider=()):
        self.model = installed_model()
        models = ["--models", self.model.parent]
        self.asker = Node(directory / "asker", "--listen", LOOPBACK, *models, *asker)
        joining = ["--listen", LOOPBACK, "--join", self.asker.ready["addresses"][0], *models]
        self.provider = Node(directory / "provider", *joining, "--serve", self.model, "--stake", 150, *provider)
        self.auditors = [
            Node(directory / f"auditor{index}", *joining, "--audit", "--stake", stake, *more) for index, (stake, *more) in enumerate(auditors)
        ]
        stakes = {self.provider: 150, **{node: stake for node, (stake, *_) in zip(self.auditors, auditors)}}
        for node, stake in stakes.items():
            banyan("send", node.ready["account"], stake + 50, "--data", directory / "asker", "--node", self.asker.api)
        for node, stake in stakes.items():
            await_true(lambda: self.seeds(node, "stake") == stake * FIG, 60, f"the stake of {node.directory.name}")
        await_true(lambda: all("sent volunteer" in node.stderr_tail() for node in self.auditors), 60, "every auditor volunteers")
        height = self.asker.status()["height"]
        await_true(lambda: self.asker.status()["height"] > height + 1, 60, "they are on the list")
        await_true(lambda: any(known["provider"] == self.provider.ready["account"] for known in get(self.asker.api + "/v1/inference/providers")), 60, "the asker knows the provider")

    def seeds(self, node, field):
        return int(get(self.asker.api + "/v1/accounts/" + node.ready["account"])[field])

    def ask(self, *arguments, check=True):
        """Asks, and returns the name of the receipt; None when nobody gives an answer that stands, which is a failure if `check`."""
        code, output, _ = banyan("ask", QUESTION, "--model", self.model.stem, "--node", self.asker.api, "--json", "--tokens", 24, *arguments, check=check)
        return json.loads(output)["finished"]["receipt"] if code == 0 else None

    def judged(self, request, node=None, seconds=150):
        def found():
            return next((event for event in (node or self.asker).events() if event["event"] == "judged" and event["request"] == request), None)

        return await_true(found, seconds, f"the judgement of {request}")

    def stop(self):
        for node in [*self.auditors, self.provider, self.asker]:
            node.stop()


def check_a_false_accuser_pays_the_committee_and_the_provider(directory):
    court = Court(directory, (150,), (150,), (150,), asker=[*ACCUSER, "auditShare=1"])
    before = [court.seeds(court.provider, field) for field in ("stake", "balance")]
    request = court.ask()
    judged = court.judged(request)
    expect(judged["outcome"] == "accepted" and judged["slashes"] == [], f"the judgement: {judged}")
    paid = {movement["account"] for movement in judged["payments"]}
    expect(paid == {node.ready["account"] for node in court.auditors}, f"who was paid: {judged}")
    expect(court.judged(request, court.auditors[0]) == judged, "another node tells another judgement")
    for node in court.auditors:
        checked = [event for event in node.events() if event["event"] == "checked" and event["request"] == request]
        expect(len(checked) == 1 and "fault" not in checked[0] and checked[0]["positions"] > 24, f"what {node.directory.name} found: {checked}")
    wages = sum(int(movement["amount"]) for movement in judged["payments"])
    after = [court.seeds(court.provider, field) for field in ("stake", "balance")]
    # Fees of the provider's own transactions, a few thousand seeds each.
    expect(after[0] == before[0] and 0 <= before[1] + FIG - wages - after[1] < FIG // 100, f"the provider had {before}, has {after}")
    court.stop()
    # Who leaves in good order is on the list no more.
    left = [event for event in court.asker.events() if event["event"] == "block"]
    expect(all(event["supplyConserved"] for event in left), "the supply is not conserved")


def check_lazy_silent_and_copying_auditors_lose_stake_and_honest_ones_do_not(directory):
    bad = ["lazy", "silent", "copy"]
    court = Court(
        directory, *[(400,)] * 3, *[(100, "--cheat-audit", kind) for kind in bad],
        asker=[*ACCUSER, "auditShare=1,committee=6,commitWindow=30,revealWindow=10"],
    )
    judged = court.judged(court.ask())
    expect(judged["outcome"] == "accepted", f"the judgement: {judged}")
    lost = {movement["account"]: int(movement["amount"]) for movement in judged["slashes"]}
    names = {node.ready["account"]: kind for node, kind in zip(court.auditors[3:], bad)}
    expect({names.get(account, account): amount for account, amount in lost.items()} == {"lazy": FIG, "silent": FIG // 10, "copy": FIG // 10}, f"{judged}")
    expect({movement["account"] for movement in judged["payments"]} == {node.ready["account"] for node in court.auditors[:3]}, f"{judged}")
    expect(court.seeds(court.provider, "stake") == 150 * FIG, "the provider lost stake")
    court.stop()


def check_answers_drawn_by_lot_are_accepted_and_the_pool_pays_who_computed_them(directory):
    court = Court(directory, (150,), (150,), (150,), (150, "--cheat-audit", "lazy"), asker=["--answer-rules", "auditShare=10000"])
    *honest, lazy = [node.ready["account"] for node in court.auditors]
    # What the lazy one loses in the first audit pays the others in the second.
    for wages in (0, FIG // 1000):
        judged = court.judged(court.ask())
        expect(judged["outcome"] == "accepted", f"the judgement: {judged}")
        expect(judged["slashes"] == [{"account": lazy, "amount": str(FIG)}], f"who lost stake: {judged}")
        expect({movement["account"]: int(movement["amount"]) for movement in judged["payments"]} == {account: wages for account in honest if wages}, f"{judged}")
    expect(court.seeds(court.provider, "stake") == 150 * FIG, "the provider lost stake")
    court.stop()
