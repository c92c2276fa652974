"""Questions and answers among real processes."""
import json
import os
import pathlib
import shutil
import subprocess

import harness
from checks_models import installed_model
from harness import Node, await_true, banyan, expect, get

LOOPBACK = "/ip4/127.0.0.1/tcp/0"
QUESTION = "Name three things that grow on trees."


class Village:
    """One validator, which also asks, and providers that have joined it."""

    def __init__(self, directory, *providers, model=None):
        self.model = pathlib.Path(model or installed_model())
        models = ["--models", self.model.parent]
        self.asker = Node(directory / "asker", "--listen", LOOPBACK, *models)
        self.providers = [
            Node(directory / f"provider{index}", "--listen", LOOPBACK, "--join", self.asker.ready["addresses"][0], "--serve", self.model, *models, *more)
            for index, more in enumerate(providers)
        ]
        await_true(lambda: len(self.known()) == len(self.providers), 90, "the asker knows every provider")

    def known(self):
        return get(self.asker.api + "/v1/inference/providers")

    def tool(self, *arguments, **options):
        return banyan(*arguments, "--node", self.asker.api, **options)

    def ask(self, *arguments, question=QUESTION, **options):
        return self.tool("ask", question, "--model", self.model.stem, "--json", *arguments, **options)

    def stop(self):
        for node in [*self.providers, self.asker]:
            node.stop()


def check_an_answer_is_computed_again_and_its_receipt_verified_offline(directory):
    village = Village(directory, [])
    _, output, _ = village.ask("--tokens", 24, "--verify", "full")
    report = json.loads(output)
    expect(report["text"].strip(), f"an empty answer: {output}")
    expect(report["checked"]["check"] == "full" and "fault" not in report["checked"], f"the check: {report['checked']}")
    expect(report["providers"] == [village.providers[0].ready["account"]], f"who answered: {report['providers']}")
    # The same tokens as this machine computes alone.
    offers = village.known()[0]["offers"]
    _, alone, _ = banyan("generate", "--model", village.model, "--chat", "--prompt", QUESTION, "--tokens", 24, "--mode", offers[0]["arithmetic"], "--json")
    expect(json.loads(alone)["ids"] == report["tokens"], f"another answer than alone: {alone} {output}")

    saved = directory / "answer.receipt"
    village.tool("receipt", "show", report["finished"]["receipt"][:12], "--save", saved)
    _, output, _ = village.tool("receipt", "list", "--json")
    expect([entry["id"] for entry in json.loads(output)] == [report["finished"]["receipt"]], output)
    village.stop()

    banyan("receipt", "verify", saved)
    _, output, _ = banyan("receipt", "verify", saved, "--model", village.model, "--json")
    verdict = json.loads(output)
    expect(verdict["check"] == "full" and "fault" not in verdict and verdict["text"].strip() == report["text"].strip(), output)
    whole = saved.read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 12)):
        forged = bytearray(whole)
        forged[place] ^= 1
        (directory / "forged").write_bytes(forged)
        code, output, error = banyan("receipt", "verify", directory / "forged", check=False)
        expect(code == 1, f"a receipt with bit {place * 8} turned passed: {output} {error}")


def check_a_provider_killed_in_the_middle_of_an_answer_is_replaced(directory):
    village = Village(directory, [], [])
    _, output, _ = village.ask("--tokens", 160)
    undisturbed = json.loads(output)
    body = json.dumps({"model": village.model.stem, "messages": [{"role": "user", "content": QUESTION}], "maximumTokens": 160, "check": "full"})
    asking = subprocess.Popen(
        ["curl", "--silent", "--no-buffer", "--header", "Content-Type: application/json", "--data", body, village.asker.api + "/v1/inference/answers"],
        stdout=subprocess.PIPE, text=True, bufsize=1,
    )
    events, killed = [], None
    for line in asking.stdout:
        events.append(json.loads(line))
        texts = [event for event in events if event["event"] == "text"]
        if killed is None and len(texts) >= 3:
            account = next(event for event in events if event["event"] == "chosen")["provider"]
            killed = next(node for node in village.providers if node.ready["account"] == account)
            killed.kill()
    asking.wait(10)
    expect(killed is not None, f"no text came: {events[:3]}")
    last = events[-1]
    expect(last["event"] == "finished", f"the last line: {last}")
    survivor = next(node for node in village.providers if node is not killed)
    expect(last["provider"] == survivor.ready["account"], "the killed provider finished the answer")
    tokens = [token for event in events if event["event"] == "text" for token in event["tokens"]]
    expect(tokens == undisturbed["tokens"], "the answer differs from the undisturbed one")
    survivor.stop()
    village.asker.stop()


def check_impossible_questions_are_refused_by_name(directory):
    model = directory / "models" / "copy.gguf"
    model.parent.mkdir(parents=True)
    shutil.copy(installed_model(), model)
    village = Village(directory, [], model=model)
    for arguments, question, words in (
        (["--verify", "zk"], QUESTION, ["zero knowledge", "merkle"]),
        (["--tokens", "131072"], QUESTION, ["context of 8192", "at most"]),
        (["--model", "nosuch"], QUESTION, ["nosuch"]),
        (["--temperature", "11"], QUESTION, ["11"]),
        (["--provider", "ban1nonsense"], QUESTION, ["ban1nonsense"]),
    ):
        code, output, error = village.ask(*arguments, question=question, check=False)
        expect(code != 0 and all(word in error for word in words), f"banyan ask {arguments}: {code} {output} {error}")
    long = subprocess.run(
        [harness.BANYAN, "ask", "--model", model.stem, "--node", village.asker.api], input="tree " * 200_000, capture_output=True, text=True, timeout=120
    )
    expect(long.returncode != 0 and "takes 1 to 8191" in long.stderr, f"a prompt of a million characters: {long.returncode} {long.stderr[-400:]}")
    _, output, _ = village.ask("--tokens", "4")
    expect(json.loads(output)["tokens"], "no answer after the refusals")
    # The file is cut under the provider: a clear refusal or the answer from memory, and the node lives.
    os.truncate(model, 1000)
    code, output, error = village.ask("--tokens", "4", check=False)
    expect(code == 0 or "copy.gguf" in error or "changed" in error, f"after the cut: {code} {output} {error}")
    expect(village.providers[0].status()["height"] >= 0, "the provider does not answer any more")
    code, _, error = banyan("generate", "--model", model, "--prompt", "x", check=False)
    expect(code == 1 and "copy.gguf" in error, f"a model cut short: {code} {error}")
    village.stop()
