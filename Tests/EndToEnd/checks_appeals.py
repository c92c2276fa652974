"""Committees of which more than two thirds agree on something that is wrong, and clients and members that have the ledger compute it."""
import http.client
import json
import urllib.parse

from checks_audits import Court, FIG
from checks_inference import QUESTION
from checks_models import installed_model
from harness import await_true, banyan, expect, get

ALLY = (150, "--cheat-audit", "allied")
"""Finds, with its allies, one fault in every answer that none of them has, and says of right numbers that they are wrong."""
SLANDERER = (150, "--cheat-audit", "slander", "--cheat-dispute", "griefing")
CHEAT = ["--cheat-inference", "quantisedModel"]
"""Every answer is audited; what a client says about it still counts long after."""
RULES = ["--answer-rules", "auditShare=10000,committee=7,commitWindow=60,revealWindow=20"]


def ask_unchecked(court):
    """For an answer that can be disputed, which the client itself does not check."""
    question = {"model": court.model.stem, "messages": [{"role": "user", "content": QUESTION}], "maximumTokens": 24, "verification": "fraud", "check": "none"}
    address = urllib.parse.urlsplit(court.asker.api)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=120)
    connection.request("POST", "/v1/inference/answers", json.dumps(question), {"Content-Type": "application/json"})
    events = [json.loads(line) for line in connection.getresponse().read().splitlines()]
    expect(events and events[-1]["event"] == "finished", f"the answer: {events[-1:]}")


def all_judged(court, request=None):
    return [event for event in court.asker.events() if event["event"] == "judged" and request in (None, event["request"])]


def judgements(court, count, seconds=240):
    """The first `count` decisions of the ledger about the one answer of this court."""
    return await_true(lambda: len(all_judged(court)) >= count and all_judged(court)[:count], seconds, f"{count} judgements: {all_judged(court)}")


def accounts(nodes):
    return {node.ready["account"] for node in nodes}


def wealth(court, node):
    """In seeds. A node that has lost stake puts as much there again as it was told to have, so that the stake alone says nothing."""
    # Of one block: between two requests the same seeds could be missed, or counted twice.
    account = get(court.asker.api + "/v1/accounts/" + node.ready["account"])
    return int(account["stake"]) + int(account["balance"])


def expect_conserved(court):
    blocks = [event for event in court.asker.events() if event["event"] == "block"]
    expect(blocks and all(event["supplyConserved"] for event in blocks), "the supply is not conserved")


def expect_appeals_won(court, judged, members):
    """Each of the members has lost one appeal against it, and nothing else was lost in them."""
    expect({event["member"] for event in judged} == accounts(members), f"whom the client has appealed against: {judged}")
    for event in judged:
        expect(event["outcome"] == "rejected" and "the member of the committee" in event["reason"], f"{event}")
        expect(event["slashes"] == [{"account": event["member"], "amount": str(FIG)}], f"who pays: {event}")


def check_allies_that_confirm_a_wrong_answer_lose_member_after_member_and_then_the_provider_does(directory):
    court = Court(directory, ALLY, ALLY, ALLY, asker=RULES, provider=CHEAT)
    before = court.seeds(court.asker, "balance")
    had = {node: wealth(court, node) for node in court.auditors}
    court.ask("--verify", "full", check=False)
    first, *appeals, last = judgements(court, 5)
    # By lot, or because the client has accused it.
    expect(first["outcome"] == "accepted" and "member" not in first, f"the committee's word: {first}")
    expect_appeals_won(court, appeals, court.auditors)
    expect(last["outcome"] == "rejected" and "member" not in last, f"{last}")
    expect({movement["account"] for movement in last["slashes"]} == accounts([court.provider]), f"{last}")
    expect(int(last["slashes"][0]["amount"]) >= FIG // 10, f"{last}")
    for node in court.auditors:
        # Their wages are a thousandth of it.
        expect(had[node] - wealth(court, node) > FIG * 9 // 10, f"{node.directory.name} has lost {had[node] - wealth(court, node)} seeds")
    # Half of each FIG and of the provider's slash, without bond and fees.
    gain = court.seeds(court.asker, "balance") - before
    expect(gain > 3 * FIG // 2 - FIG - FIG // 10, f"the client has won {gain} seeds")
    expect_conserved(court)
    court.stop()


def check_one_honest_member_outvoted_by_allies_appeals_and_has_its_stake_back(directory):
    # The client does not check what it gets.
    court = Court(directory, (150,), *[ALLY] * 3, asker=RULES, provider=CHEAT)
    honest, *allies = court.auditors
    before = wealth(court, honest)
    ask_unchecked(court)
    first, *appeals, last = judgements(court, 5)
    expect(first["outcome"] == "accepted" and first["slashes"] == [{"account": honest.ready["account"], "amount": str(FIG)}], f"{first}")
    expect_appeals_won(court, appeals, allies)
    expect(last["outcome"] == "rejected" and {movement["account"] for movement in last["slashes"]} == accounts([court.provider]), f"{last}")
    gain = wealth(court, honest) - before
    expect(gain > 3 * FIG // 2 - FIG // 10, f"the honest member has {gain} seeds more than before")
    expect_conserved(court)
    court.stop()


def check_a_planted_fault_convicts_allies_and_spares_the_provider_that_was_asked_for_it(directory):
    court = Court(directory, ALLY, ALLY, ALLY, asker=["--plant-faults", *RULES], provider=CHEAT)
    request = court.ask()
    first, *appeals = judgements(court, 4)
    expect(first["outcome"] == "accepted" and first["request"] == request, f"the committee's word: {first}")
    expect_appeals_won(court, appeals, court.auditors)
    height = court.asker.status()["height"]
    await_true(lambda: court.asker.status()["height"] > height + 12, 60, "nothing else happens")
    expect(len(all_judged(court)) == 4 and court.seeds(court.provider, "stake") == 150 * FIG, f"the provider: {all_judged(court)}")
    expect_conserved(court)
    court.stop()


def check_a_planted_fault_costs_honest_members_nothing_and_a_lazy_one_its_stake(directory):
    court = Court(directory, (150,), (150,), (150,), (150,), ALLY, asker=["--plant-faults", *RULES], provider=CHEAT)
    *honest, ally = court.auditors
    before = {node: wealth(court, node) for node in honest}
    judged = court.judged(court.ask())
    expect(judged["outcome"] == "rejected" and "planted" in judged["reason"], f"the judgement: {judged}")
    expect(judged["slashes"] == [{"account": ally.ready["account"], "amount": str(FIG)}], f"who pays: {judged}")
    expect({movement["account"] for movement in judged["payments"]} == accounts(honest), f"who is paid: {judged}")
    expect(court.seeds(court.provider, "stake") == 150 * FIG, "the provider's stake")
    for node in honest:
        gain = wealth(court, node) - before[node]
        expect(gain > 0, f"{node.directory.name} has {gain} seeds more than before, fees off")
    expect_conserved(court)
    court.stop()


def check_an_honest_member_defends_what_it_has_found_and_earns_half_of_the_bond(directory):
    court = Court(directory, (150,), (150,), (150,), asker=["--cheat-dispute", "appealing", *RULES])
    court.ask()
    first, second = judgements(court, 2)
    expect(first["outcome"] == second["outcome"] == "accepted", f"the judgements: {first}, {second}")
    expect("computed the number" in second["reason"] and second["member"] in accounts(court.auditors), f"{second}")
    expect(second["slashes"] == [{"account": court.asker.ready["account"], "amount": str(FIG)}], f"who pays: {second}")
    expect(second["payments"] == [{"account": second["member"], "amount": str(FIG // 2)}], f"who is paid: {second}")
    expect(all(court.seeds(node, "stake") == 150 * FIG for node in [*court.auditors, court.provider]), "a stake was lost")
    court.stop()


def check_one_wrong_engine_everywhere_is_convicted_by_the_loops_of_the_ledger(directory):
    """Provider and committee compute with the same other weights, and take them for the right ones: they agree with each other to the bit."""
    wrong = (150, "--serve", installed_model(), *CHEAT, "--cheat-audit", "ownEngine", "--cheat-dispute", "lying")
    court = Court(directory, wrong, wrong, wrong, asker=RULES, provider=[*CHEAT, "--cheat-dispute", "lying"])
    provider = court.provider.ready["account"]
    court.ask("--verify", "full", "--provider", provider, check=False)
    first, *appeals, last = judgements(court, 5, seconds=400)
    expect(first["outcome"] == "accepted" and len(first["payments"]) in (0, 3), f"the committee's word: {first}")
    expect_appeals_won(court, appeals, court.auditors)
    expect(all("computed the number" in event["reason"] for event in [*appeals, last]), f"{appeals}, {last}")
    expect({movement["account"] for movement in last["slashes"]} == {provider}, f"{last}")
    expect_conserved(court)
    court.stop()


def check_a_provider_that_a_whole_committee_slanders_answers_each_member_and_has_its_stake_back(directory):
    court = Court(directory, *[SLANDERER] * 3, asker=RULES)
    provider = court.provider.ready["account"]
    before, had = wealth(court, court.provider), {node: wealth(court, node) for node in court.auditors}
    ask_unchecked(court)
    first, *appeals, last = judgements(court, 5)
    expect(first["outcome"] == "rejected" and first["payments"] == [], f"the committee's word: {first}")
    [slash] = first["slashes"]
    expect(slash["account"] == provider, f"{first}")
    expect({event["member"] for event in appeals} == accounts(court.auditors), f"whom the provider has answered: {appeals}")
    for event in appeals:
        expect(event["outcome"] == "accepted" and "the member of the committee was wrong" in event["reason"], f"{event}")
        expect(event["slashes"] == [{"account": event["member"], "amount": str(FIG)}], f"who pays: {event}")
        expect(event["payments"] == [{"account": provider, "amount": str(FIG // 2)}], f"who is paid: {event}")
    expect(last["outcome"] == "accepted" and last["payments"] == [slash], f"what comes back: {last}")
    gain = wealth(court, court.provider) - before
    # Half of each FIG, fees off.
    expect(3 * FIG // 2 - FIG // 100 < gain <= 3 * FIG // 2, f"the provider has {gain} seeds more than before")
    for node in court.auditors:
        lost = had[node] - wealth(court, node)
        expect(FIG <= lost < FIG + FIG // 100, f"{node.directory.name} has lost {lost} seeds")
    receipt = json.loads(banyan("receipt", "show", first["request"], "--json", "--node", court.asker.api)[1])
    expect(receipt["ledger"] == {"state": "upheld"}, f"how the answer stands: {receipt}")
    expect_conserved(court)
    court.stop()


def check_one_honest_member_outvoted_about_a_right_answer_shows_a_state_and_has_its_stake_back(directory):
    court = Court(directory, (150,), *[ALLY] * 3, asker=RULES)
    honest, *allies = court.auditors
    before, had = wealth(court, honest), {node: wealth(court, node) for node in allies}
    ask_unchecked(court)
    first, second = judgements(court, 2)
    expect(first["outcome"] == "accepted" and first["slashes"] == [{"account": honest.ready["account"], "amount": str(FIG)}], f"{first}")
    expect(second["outcome"] == "accepted" and second["member"] == honest.ready["account"], f"{second}")
    expect({movement["account"]: int(movement["amount"]) for movement in second["slashes"]} == {account: FIG for account in accounts(allies)}, f"who pays: {second}")
    [payment] = second["payments"]
    expect(payment["account"] == honest.ready["account"] and int(payment["amount"]) >= FIG, f"who is paid: {second}")
    gain = wealth(court, honest) - before
    expect(gain > -FIG // 1000, f"the honest member has {gain} seeds more than before")
    for node in allies:
        expect(had[node] - wealth(court, node) > FIG * 9 // 10, f"{node.directory.name} has lost {had[node] - wealth(court, node)} seeds")
    expect(court.seeds(court.provider, "stake") == 150 * FIG, "the provider lost stake")
    expect_conserved(court)
    court.stop()


def check_a_guilty_provider_that_appeals_loses_its_bond_to_one_member_and_stays_convicted(directory):
    court = Court(directory, (150,), (150,), (150,), asker=RULES, provider=[*CHEAT, "--cheat-dispute", "appealing"])
    provider = court.provider.ready["account"]
    ask_unchecked(court)
    first, appeal, last = judgements(court, 3)
    expect(first["outcome"] == appeal["outcome"] == last["outcome"] == "rejected", f"{first}, {appeal}, {last}")
    expect({movement["account"] for movement in first["slashes"]} == {provider} and first["payments"] == [], f"{first}")
    expect(appeal["member"] in accounts(court.auditors) and "the provider" in appeal["reason"], f"{appeal}")
    expect(appeal["slashes"] == [{"account": provider, "amount": str(FIG)}], f"who pays: {appeal}")
    expect(appeal["payments"] == [{"account": appeal["member"], "amount": str(FIG // 2)}], f"who is paid: {appeal}")
    expect({movement["account"] for movement in last["payments"]} == accounts(court.auditors) and last["slashes"] == [], f"the wages: {last}")
    expect(all(court.seeds(node, "stake") == 150 * FIG for node in court.auditors), "an honest stake was lost")
    expect_conserved(court)
    court.stop()


def check_many_small_accounts_of_one_owner_weigh_no_more_than_their_stake(directory):
    court = Court(directory, (1_300,), *[(100, "--cheat-audit", "allied")] * 6, asker=RULES)
    honest, *accounts_of_one = court.auditors
    judged = court.judged(court.ask())
    expect(judged["outcome"] == "accepted", f"the judgement: {judged}")
    expect({movement["account"] for movement in judged["slashes"]} == accounts(accounts_of_one), f"who pays: {judged}")
    expect(court.seeds(honest, "stake") == 1_300 * FIG and court.seeds(court.provider, "stake") == 150 * FIG, "an honest stake was lost")
    expect_conserved(court)
    court.stop()
