"""Providers that answer wrongly, each in a process of its own that really does what `banyan lab provider --list` says."""
import json
import re
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from checks_inference import LOOPBACK, Village
from harness import Node, await_true, banyan, expect

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
    "forgedReceipt": "did not sign this receipt|seed is not the one|counts other positions|names another provider",
    "forgedTree": "the states of the model have another root",
    "stolenReceipt": "did not sign this receipt",
    "targeted": OTHER_MODEL,
    "numericEdge": r"position \d+: the model cannot compute this",
}
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

    def provider(self, kind):
        asker, models = self.village.asker, ["--models", self.village.model.parent]
        node = Node(
            self.directory / kind, "--listen", LOOPBACK, "--join", asker.ready["addresses"][0], "--serve", self.village.model,
            *models, "--cheat-inference", kind,
        )
        account = node.ready["account"]
        await_true(lambda: any(known["provider"] == account for known in self.village.known()), 60, f"the asker knows {kind}")
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

    def stop(self):
        self.village.stop()


def checked(lines):
    return [line for line in lines if line["event"] == "checked"]


def deceptions(node, kind):
    """Answers of which the node says itself that they are false."""
    return [event["request"] for event in node.events() if event["event"] == "deceived" and event["kind"] == kind]


def expect_fault(suspects, node, kind, check, pattern):
    before = len(deceptions(node, kind))
    lines = suspects.ask(node, check, question=SHORT if kind == "padding" else LONG, temperature=DRAWN.get(kind, 0.0))
    false = deceptions(node, kind)[before:]
    expect(len(false) == 1, f"{kind} says that it cheated {len(false)} times in one question: {lines[-3:]}")
    found = checked(lines)
    expect(found and found[-1]["receipt"] == false[0], f"{kind} was not checked ({check}): {lines[-3:]}")
    expect(re.search(pattern, found[-1].get("fault", "")), f"{kind}: {check} found '{found[-1].get('fault')}' instead of {pattern}")
    expect(lines[-1]["event"] == "failed", f"the false answer of {kind} was taken: {lines[-1]}")


def try_kind(suspects, kind):
    node = suspects.provider(kind)
    if kind == "withholding":
        lines = suspects.ask(node, "full")
        expect(lines[-1]["event"] == "failed" and "silent after 16 tokens" in lines[-1]["detail"], f"{kind}: {lines[-1]}")
        expect(len(deceptions(node, kind)) == 1, f"{kind} does not say that it cheated")
    else:
        expect_fault(suspects, node, kind, "full", FULL[kind])
        if kind in SLICE:
            expect_fault(suspects, node, kind, "merkle", SLICE[kind])
    if kind == "selective":
        lines = suspects.ask(node, "merkle")
        expect(lines[-1]["event"] == "failed" and "does not open its answer" in lines[-1]["detail"], f"{kind}: {lines[-1]}")
    if kind == "targeted":
        suspects.expect_honest(node, "full", tokens=8)
        expect(len(deceptions(node, kind)) == 2, "a short answer was not honest")
    suspects.expect_honest(suspects.honest, "full", temperature=0.7, tokens=20)
    node.stop()


def check_every_way_of_cheating_is_found_and_no_honest_answer_is_rejected(directory):
    kinds = [entry["kind"] for entry in json.loads(banyan("lab", "provider", "--list", "--json")[1])]
    expect(set(kinds) == {*FULL, "withholding"}, f"kinds without an expectation, or the other way round: {kinds}")
    suspects = Suspects(directory)
    # The one that keeps others waiting first.
    with ThreadPoolExecutor(3) as pool:
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
