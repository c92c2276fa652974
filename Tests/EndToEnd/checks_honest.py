"""Honest providers and auditors that are stopped and killed at their work: nobody is ever accused, found wrong or slashed."""
import collections
import http.client
import json
import os
import random
import threading
import time
import urllib.parse

from checks_chaos import WORDS, write_model
from checks_inference import LOOPBACK
from harness import Node, await_true, banyan, expect, get

# The long run by hand: BANYAN_HONEST_ANSWERS=1000 Tests/EndToEnd/run BINARY honest_answers_are_never_found_wrong
ANSWERS = int(os.environ.get("BANYAN_HONEST_ANSWERS", "200"))
LONGEST = 200
IN_FLIGHT = 12
PROVIDERS, AUDITORS = 3, 3
STAKE = 400
FIG = 10**9
# Half of the answers are audited by lot. Who is started again has some time to give its word.
RULES = "auditShare=5000,committee=3,commitWindow=400,revealWindow=200"


class Restarter(threading.Thread):
    """Ends one node after the other, half of them in good order and half with kill -9, and starts it again at once."""

    def __init__(self, nodes, dice):
        super().__init__(daemon=True)
        self.nodes, self.dice, self.over = nodes, dice, threading.Event()
        self.stops, self.kills, self.failure = 0, 0, None

    def run(self):
        try:
            while not self.over.wait(self.dice.uniform(0.2, 1)):
                node = self.dice.choice(self.nodes)
                if self.dice.random() < 0.5:
                    node.stop(60)
                    self.stops += 1
                else:
                    node.kill()
                    self.kills += 1
                node.start()
        except Exception as error:
            self.failure = error


class Asker(threading.Thread):
    """Asks questions of all lengths, has every number of every answer computed again, and keeps what it is told."""

    def __init__(self, node, model, questions):
        super().__init__(daemon=True)
        self.node, self.model, self.questions = node, model, questions
        self.finished, self.faults = [], []

    def run(self):
        while True:
            try:
                question = self.questions.popleft()
            except IndexError:
                return
            try:
                self.ask(question)
            except Exception as error:
                self.faults.append(f"{question}: {error}")

    def ask(self, question):
        words, tokens, temperature = question
        api = urllib.parse.urlparse(self.node.api)
        connection = http.client.HTTPConnection(api.hostname, api.port, timeout=300)
        body = {
            "model": self.model, "messages": [{"role": "user", "content": words}], "maximumTokens": tokens, "temperature": temperature, "check": "full",
        }
        connection.request("POST", "/v1/inference/answers", json.dumps(body), {"Content-Type": "application/json"})
        events = [json.loads(line) for line in connection.getresponse().read().splitlines()]
        connection.close()
        for event in events:
            expect(event["event"] != "checked" or (event["check"] == "full" and "fault" not in event), f"a right answer was found wrong: {event}")
        finished = next((event for event in events if event["event"] == "finished"), None)
        expect(finished, f"it ended with {events[-1:]}")
        checked = [event for event in events if event["event"] == "checked"]
        expect(checked, f"nobody has checked the answer: {[event['event'] for event in events]}")
        self.finished.append((finished["receipt"], checked[-1]["positions"]))


def check_honest_answers_are_never_found_wrong(directory):
    model = write_model(directory)
    models = ["--models", model.parent]
    asker = Node(directory / "asker", "--listen", LOOPBACK, *models, "--answer-rules", RULES)
    joining = ["--listen", LOOPBACK, "--join", asker.ready["addresses"][0], "--stake", STAKE, *models]
    providers = [Node(directory / f"provider{index}", *joining, "--serve", model) for index in range(PROVIDERS)]
    auditors = [Node(directory / f"auditor{index}", *joining, "--audit") for index in range(AUDITORS)]
    workers = [*providers, *auditors]

    def stake(node):
        return int(get(f"{asker.api}/v1/accounts/{node.ready['account']}")["stake"])

    for node in workers:
        banyan("send", node.ready["account"], STAKE + 50, "--data", asker.directory, "--node", asker.api)
    await_true(lambda: all(stake(node) == STAKE * FIG for node in workers), 90, "every stake")
    await_true(lambda: all("sent volunteer" in node.stderr_tail() for node in auditors), 60, "every auditor volunteers")
    await_true(lambda: len(get(asker.api + "/v1/inference/providers")) == PROVIDERS, 60, "the asker knows every provider")

    seed = random.randrange(1 << 32)
    dice = random.Random(seed)
    questions = collections.deque(
        (" ".join(dice.choices(WORDS, k=dice.randint(1, 20))), dice.randint(1, LONGEST), dice.choice([0, 1])) for _ in range(ANSWERS))
    askers = [Asker(asker, model.stem, questions) for _ in range(IN_FLIGHT)]
    restarter = Restarter(workers, random.Random(seed + 1))
    start = time.monotonic()
    for thread in [*askers, restarter]:
        thread.start()
    for thread in askers:
        thread.join()
    seconds = time.monotonic() - start
    restarter.over.set()
    restarter.join()
    faults = [fault for thread in askers for fault in thread.faults]
    expect(not faults and restarter.failure is None, f"seed {seed}: {restarter.failure} {len(faults)} {faults[:3]}")
    answers = dict(answer for thread in askers for answer in thread.finished)
    expect(len(answers) == ANSWERS, f"seed {seed}: {len(answers)} receipts of {ANSWERS} answers")

    # Every answer comes to the ledger, and every audit to an end.
    waiting, states = set(answers), {}

    def settle():
        for receipt in list(waiting):
            states[receipt] = get(f"{asker.api}/v1/inference/receipts/{receipt}").get("ledger", {}).get("state", "unknown")
            if states[receipt] not in ("unknown", "audited"):
                waiting.discard(receipt)
        return not waiting

    def tally():
        return dict(collections.Counter(states.values()))

    await_true(settle, 120 + ANSWERS, f"seed {seed}: every answer is recorded and every audit over")
    judged = [event for event in asker.events() if event["event"] == "judged"]
    wrong = [event for event in judged if event["outcome"] != "accepted" or event["slashes"]]
    lost = {node.directory.name: STAKE * FIG - stake(node) for node in workers if stake(node) != STAKE * FIG}
    print(
        f"      {ANSWERS} answers of 1 to {LONGEST} tokens, {sum(answers.values())} positions computed again, {IN_FLIGHT} in flight, {seconds:.1f} s; "
        f"{restarter.stops} nodes stopped, {restarter.kills} killed; {len(judged)} audits, {len(wrong)} not accepted, {tally()}; seed {seed}", flush=True)
    expect(not wrong, f"seed {seed}: judged: {wrong[:3]}")
    expect(not lost, f"seed {seed}: stakes: {lost}")
    expect(len(judged) >= ANSWERS // 4, f"seed {seed}: only {len(judged)} audits")
    expect(set(states.values()) <= {"recorded", "confirmed", "correct", "unaudited"}, f"seed {seed}: {tally()}")
    for node in [*workers, asker]:
        node.stop(60)
