"""Processes that are killed (SIGKILL) in the middle of what they have promised on the ledger, and go on where they were."""
import json
import os
import signal
import urllib.request

import checks_audits
import checks_disputes
from checks_audits import ACCUSER, FIG
from checks_disputes import expect_conviction
from checks_inference import QUESTION
from harness import await_true, expect, free_port, operations


def check_auditors_killed_between_commit_and_reveal_say_the_same_word(directory):
    rules = "auditShare=1,committee=3,commitWindow=400,revealWindow=400"
    court = checks_audits.Court(directory, (150,), (150,), (150,), asker=[*ACCUSER, rules])
    *quick, slow = court.auditors
    # Nobody reveals before everybody has committed, and this one does not for now.
    os.kill(slow.process.pid, signal.SIGSTOP)
    request = court.ask()
    accounts = {node.ready["account"] for node in quick}
    await_true(lambda: accounts <= set(operations(court.asker, "auditCommit")), 120, "two of three members have committed")
    for node in quick:
        node.kill()
    expect(operations(court.asker, "auditReveal") == [], "a member has revealed before all have committed")
    for node in quick:
        node.start()
    os.kill(slow.process.pid, signal.SIGCONT)
    await_true(lambda: slow.ready["account"] in operations(court.asker, "auditCommit"), 120, "the third member commits")
    slow.kill()
    slow.start()
    judged = court.judged(request, seconds=300)
    expect(judged["outcome"] == "accepted" and judged["slashes"] == [], f"the judgement: {judged}")
    everybody = {node.ready["account"] for node in court.auditors}
    expect({movement["account"] for movement in judged["payments"]} == everybody, f"who was paid: {judged}")
    expect(all(court.seeds(node, "stake") == 150 * FIG for node in court.auditors), "a member lost stake")
    court.stop()


def play_while_both_sides_are_killed(directory, asker=(), provider=()):
    """A dispute in which each side is killed once, when it is the other's turn or its own; returns court and judgement."""
    court = checks_disputes.Court(directory, asker=asker, provider=provider, listen=f"/ip4/127.0.0.1/tcp/{free_port()}")
    court.ask(tokens=12)

    def moves(count):
        return lambda: len(operations(court.asker, "disputeMove")) >= count

    await_true(moves(2), 120, "two moves")
    court.provider.kill()
    court.provider.start()
    await_true(moves(5), 180, "the provider goes on")
    court.asker.kill()
    court.asker.start()
    height = court.asker.status()["height"]
    await_true(lambda: court.asker.status()["height"] > height, 60, "the chain goes on")
    return court, court.judgement(300)


def check_an_honest_provider_wins_a_dispute_in_which_both_sides_are_killed(directory):
    court, judged = play_while_both_sides_are_killed(directory, asker=["--cheat-dispute", "griefing"])
    expect(judged["outcome"] == "accepted" and "computed the number" in judged["reason"], f"the judgement: {judged}")
    expect([movement["account"] for movement in judged["slashes"]] == [court.asker.ready["account"]], f"who pays: {judged}")
    court.stop()


def check_a_cheating_provider_loses_a_dispute_in_which_both_sides_are_killed(directory):
    cheat = ["--cheat-inference", "quantisedModel", "--cheat-dispute", "lying"]
    court, judged = play_while_both_sides_are_killed(directory, provider=cheat)
    expect_conviction(court, judged, "computed the number")
    court.stop()


def check_two_receipts_for_one_answer_cost_a_provider_its_stake(directory):
    # The client gets a cheap answer and believes it; auditors are shown an honest one, under another receipt.
    court = checks_audits.Court(
        directory, (150,), (150,), (150,), asker=["--answer-rules", "auditShare=10000"], provider=["--cheat-inference", "equivocation"])
    before = court.seeds(court.provider, "stake")
    # With the receipt of an answer that may be audited, and without a look of its own at it.
    body = {"model": court.model.stem, "messages": [{"role": "user", "content": QUESTION}], "maximumTokens": 24, "check": "none"}
    asking = urllib.request.Request(court.asker.api + "/v1/inference/answers", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(asking, timeout=60) as answer:
        last = json.loads(answer.read().splitlines()[-1])
    expect(last["event"] == "finished", f"the answer ended with {last}")
    request = last["receipt"]
    await_true(lambda: operations(court.asker, "reportEquivocation"), 150, "an auditor reports the two receipts")
    await_true(lambda: court.seeds(court.provider, "stake") <= before - before // 10, 60, "the provider loses a tenth of its stake")
    reporters = set(operations(court.asker, "reportEquivocation"))
    expect(reporters <= {node.ready["account"] for node in court.auditors}, f"who reported: {reporters}")
    judged = court.judged(request)
    expect(judged["outcome"] == "rejected", f"the audit that goes on beside it: {judged}")
    expect(court.seeds(court.provider, "stake") > before - before // 5, "it was punished for the two receipts more than once")
    court.stop()
