"""Providers that answer wrongly, each in a process of its own that really does what `banyan lab provider --list` says."""
import itertools
import json
import re
import signal
import subprocess
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import harness
from checks_inference import LOOPBACK, Village
from harness import Node, await_true, banyan, expect, get

LONG = "Explain in a few sentences why leaves are green."
# A question whose answer ends soon, for those who gain by what comes after it.
SHORT = "What is 2+2?"
# As many as an audit of one layer checks the choice of.
TOKENS = 32
# Those whose lie is in the draw; the others are asked so that every run gives the same answer.
DRAWN = {"editedSampler": 0.7, "fishedSeed": 0.7}

WRONG_TOKEN = r"step \d+: the model chooses token \d+"
OTHER_MODEL = WRONG_TOKEN + "|the states of the model have another root"
LAYER = r"layer \d+ re-executed, bits differ"
# What computing the whole answer again must find.
FULL = {
    "smallerModel": OTHER_MODEL,
    "quantisedModel": OTHER_MODEL,
    "prunedModel": OTHER_MODEL,
    "laundering": WRONG_TOKEN,
    "editedSampler": WRONG_TOKEN,
    "fishedSeed": WRONG_TOKEN,
    "earlyStop": WRONG_TOKEN,
    "padding": WRONG_TOKEN,
    "editedPrompt": WRONG_TOKEN,
    "replay": WRONG_TOKEN + "|does not end where",
    "lateCommit": OTHER_MODEL,
    "grinding": OTHER_MODEL,
    "selective": OTHER_MODEL,
    "equivocation": OTHER_MODEL,
    "forgedTree": "the states of the model have another root",
    "targeted": OTHER_MODEL,
    "numericEdge": r"position \d+: the model cannot compute this",
}
# Those whose signature is for something else: there is no receipt to check, whatever the check.
UNSIGNED = {"forgedReceipt", "stolenReceipt"}
# What one audit of one layer finds as surely. The others are wrong in some layers only.
SLICE = {
    "quantisedModel": LAYER,
    "laundering": WRONG_TOKEN,
    "editedSampler": WRONG_TOKEN,
    "fishedSeed": WRONG_TOKEN,
    "earlyStop": WRONG_TOKEN,
    "padding": WRONG_TOKEN,
    "editedPrompt": WRONG_TOKEN,
    "lateCommit": "what was opened is not what was committed",
    "equivocation": LAYER,
    "forgedTree": "what was opened is not what was committed",
    "targeted": LAYER,
}


class Suspects:
    """A village in which cheaters come and go; its one honest provider must never be found wrong."""

    def __init__(self, directory):
        self.directory = directory
        self.village = Village(directory, [])
        self.honest = self.village.providers[0]

    def provider(self, kind, *more):
        asker, models = self.village.asker, ["--models", self.village.model.parent]
        node = Node(
            self.directory / kind, "--listen", LOOPBACK, "--join", asker.ready["addresses"][0], "--serve", self.village.model,
            *models, "--cheat-inference", kind, *more,
        )
        await_known(node, self.village.asker, f"the asker knows {kind}")
        if kind == "stolenReceipt":
            await_known(self.honest, node, f"{kind} knows whom to ask")
        return node

    def ask(self, node, check, question=LONG, tokens=TOKENS, temperature=0.0):
        """Every line of the answer of one provider, or of any."""
        body = {
            "model": self.village.model.stem, "messages": [{"role": "user", "content": question}], "maximumTokens": tokens,
            "temperature": temperature, "verification": "merkle", "check": check,
        }
        if node:
            body["provider"] = node.ready["account"]
        request = urllib.request.Request(
            self.village.asker.api + "/v1/inference/answers", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            return [json.loads(line) for line in answer]

    def expect_honest(self, node, *arguments, **more):
        lines = self.ask(node, *arguments, **more)
        found = checked(lines)
        expect(lines[-1]["event"] == "finished" and found and "fault" not in found[-1], f"an honest answer was rejected: {lines[-2:]}")
        return lines

    def stop(self):
        self.village.stop()


def await_known(provider, node, what):
    account = provider.ready["account"]
    await_true(lambda: any(known["provider"] == account for known in get(node.api + "/v1/inference/providers")), 60, what)


def checked(lines):
    return [line for line in lines if line["event"] == "checked"]


def deceptions(node, kind):
    """Answers of which the node says itself that they are false."""
    return [event["request"] for event in node.events() if event["event"] == "deceived" and event["kind"] == kind]


def expect_fault(suspects, node, kind, check, pattern):
    before = len(deceptions(node, kind))
    lines = suspects.ask(node, check, question=SHORT if kind == "padding" else LONG, temperature=DRAWN.get(kind, 0.0))
    false = deceptions(node, kind)[before:]
    # Cheaters that pass on the answers of others ask meanwhile, too.
    found = checked(lines)
    expect(len(found) == 1 and found[0]["receipt"] in false, f"{kind} was not checked once ({check}), or did not cheat: {lines[-3:]}")
    expect(re.search(pattern, found[-1].get("fault", "")), f"{kind}: {check} found '{found[-1].get('fault')}' instead of {pattern}")
    expect(lines[-1]["event"] == "failed", f"the false answer of {kind} was taken: {lines[-1]}")


def expect_unsigned(suspects, node, kind, check):
    before = len(deceptions(node, kind))
    lines = suspects.ask(node, check)
    name = f"the signature is not the provider's for this answer ({node.ready['account']})"
    expect(lines[-1]["event"] == "failed" and name in lines[-1]["detail"], f"{kind}: {lines[-1]}")
    expect(not checked(lines), f"{kind}: an answer without a receipt was checked ({check}): {checked(lines)}")
    expect(len(deceptions(node, kind)) == before + 1, f"{kind} did not cheat once ({check})")


def try_kind(suspects, kind):
    node = suspects.provider(kind)
    if kind == "withholding":
        lines = suspects.ask(node, "full")
        expect(lines[-1]["event"] == "failed" and "silent after 16 tokens" in lines[-1]["detail"], f"{kind}: {lines[-1]}")
        expect(deceptions(node, kind), f"{kind} does not say that it cheated")
    elif kind in UNSIGNED:
        for check in ("none", "full"):
            expect_unsigned(suspects, node, kind, check)
    else:
        expect_fault(suspects, node, kind, "full", FULL[kind])
        if kind in SLICE:
            expect_fault(suspects, node, kind, "merkle", SLICE[kind])
    if kind == "selective":
        lines = suspects.ask(node, "merkle")
        expect(lines[-1]["event"] == "failed" and "does not open its answer" in lines[-1]["detail"], f"{kind}: {lines[-1]}")
    if kind == "targeted":
        lines = suspects.expect_honest(node, "full", tokens=8)
        expect(checked(lines)[-1]["receipt"] not in deceptions(node, kind), "a short answer was not honest")
    suspects.expect_honest(suspects.honest, "full", temperature=0.7, tokens=20)
    node.stop()


def check_every_way_of_cheating_is_found_and_no_honest_answer_is_rejected(directory):
    kinds = [entry["kind"] for entry in json.loads(banyan("lab", "provider", "--list", "--json")[1]) if entry["breaks"] == "answer"]
    expect(set(kinds) == {*FULL, *UNSIGNED, "withholding"}, f"kinds without an expectation, or the other way round: {kinds}")
    suspects = Suspects(directory)
    # The one that keeps others waiting first. Most of the time is spent until a provider is known.
    with ThreadPoolExecutor(6) as pool:
        for attempt in [pool.submit(try_kind, suspects, kind) for kind in sorted(kinds, key=lambda kind: kind != "withholding")]:
            attempt.result()
    suspects.stop()


def check_a_false_answer_is_replaced_by_an_honest_one(directory):
    suspects = Suspects(directory)
    liars = [suspects.provider(kind) for kind in ("quantisedModel", "earlyStop")]
    accounts = {node.ready["account"] for node in liars}
    replaced = 0
    # Who is asked first among equals is drawn; a liar that was caught is asked last.
    for _ in range(12):
        lines = suspects.ask(None, "full", temperature=0.7)
        expect(lines[-1]["event"] == "finished" and lines[-1]["provider"] == suspects.honest.ready["account"], f"who answered: {lines[-1]}")
        retracted = [line for line in lines if line["event"] == "retracted"]
        expect(all(line["provider"] in accounts for line in retracted), f"an honest answer was taken back: {retracted}")
        replaced += len(retracted)
        if replaced:
            break
    expect(replaced, "no liar was ever asked first")
    for node in liars:
        node.stop()
    suspects.stop()


def check_odd_prompts_do_not_make_honest_nodes_disagree(directory):
    suspects = Suspects(directory)
    for question in ("<|endoftext|>" * 40, "\0\ufffd\u202e" * 20, "a" * 3000, " " * 2000, "<|im_start|><|im_end|>" * 30):
        suspects.expect_honest(suspects.honest, "full", question=question, tokens=6)
        suspects.expect_honest(suspects.honest, "merkle", question=question, tokens=6)
    suspects.stop()


def check_lab_provider_joins_a_network_and_says_when_it_cheats(directory):
    suspects = Suspects(directory)
    village = suspects.village
    lab = subprocess.Popen(
        [
            harness.BANYAN, "lab", "provider", "--cheat", "earlyStop", "--model", village.model, "--models", village.model.parent,
            "--join", village.asker.ready["addresses"][0], "--data", directory / "lab",
        ],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    lines = iter(lab.stdout.readline, "")
    before = list(itertools.takewhile(lambda line: line != "READY\n", lines))
    expect(before and all(line.startswith("LISTEN /ip4/127.0.0.1/tcp/") for line in before), f"before READY: {before}")
    ready = json.loads(next(lines))
    await_true(lambda: any(known["provider"] == ready["account"] for known in village.known()), 60, "the asker knows the provider")
    answer = village.ask("--tokens", 24, "--verify", "full", "--provider", ready["account"], check=False)
    expect(answer[0] == 1, f"a false answer was taken: {answer}")
    expect(any('"event":"deceived"' in line and '"kind":"earlyStop"' in line for line in lines), "the provider says nothing of its cheat")
    lab.send_signal(signal.SIGTERM)
    expect(lab.wait(30) == 0, f"the provider ended with {lab.returncode}")
    suspects.stop()


# Those that the signature of the provider proves, for every answer that they touch.
CONVICTABLE = (
    "smallerModel", "quantisedModel", "prunedModel", "laundering", "editedSampler", "fishedSeed", "earlyStop", "editedPrompt", "replay",
    "numericEdge",
)


def check_cheaters_are_accused_judged_by_a_committee_and_lose_stake(directory):
    suspects = Suspects(directory)
    asker = suspects.village.asker
    joining = ["--listen", LOOPBACK, "--join", asker.ready["addresses"][0], "--models", suspects.village.model.parent, "--stake", 150]
    with ThreadPoolExecutor(6) as pool:
        auditors = list(pool.map(lambda index: Node(directory / f"auditor{index}", *joining, "--audit"), range(3)))
        cheaters = list(pool.map(lambda kind: suspects.provider(kind, "--stake", 150), CONVICTABLE))
    for node in [*auditors, *cheaters]:
        banyan("send", node.ready["account"], 200, "--data", asker.directory, "--node", asker.api)

    def has_stake(node):
        return int(get(asker.api + "/v1/accounts/" + node.ready["account"])["stake"]) == 150 * 10**9

    await_true(lambda: all(map(has_stake, [*auditors, *cheaters])), 90, "every stake is on the ledger")
    await_true(lambda: all("sent volunteer" in (node.directory / "stderr").read_text() for node in auditors), 60, "every auditor volunteers")
    height = asker.status()["height"]
    await_true(lambda: asker.status()["height"] > height + 1, 60, "they are on the list")

    false = {}
    for kind, node in zip(CONVICTABLE, cheaters):
        lines = suspects.ask(node, "full", temperature=DRAWN.get(kind, 0.0))
        expect(checked(lines) and "fault" in checked(lines)[-1], f"{kind} was not found: {lines[-2:]}")
        false[checked(lines)[-1]["receipt"]] = (kind, node)
    suspects.expect_honest(suspects.honest, "full")

    def judged():
        # The committee's word; that it stands, and pays its members, is told when the provider's time to appeal is over.
        return {event["request"]: event for event in reversed(asker.events()) if event["event"] == "judged"}

    await_true(lambda: set(judged()) >= set(false), 180, "the ledger decides on every accusation")
    for request, event in judged().items():
        if request not in false:
            # Drawn by lot.
            expect(event["outcome"] == "accepted" and not event["slashes"], f"an honest answer: {event}")
            continue
        kind, node = false[request]
        expect(event["outcome"] == "rejected" and event["provider"] == node.ready["account"], f"{kind}: {event}")
        expect([slash["account"] for slash in event["slashes"]] == [event["provider"]], f"who lost stake for {kind}: {event}")
        expect(int(event["slashes"][0]["amount"]) > 0, f"{kind} lost nothing: {event}")
    expect(all(event["supplyConserved"] for event in asker.events() if event["event"] == "block"), "the supply is not conserved")
    for node in [*cheaters, *auditors]:
        node.stop()
    suspects.stop()
