"""Questions that are taken back in the middle of their answer: whoever computes it must stop, and is not paid."""
import http.client
import json
import os
import pty
import re
import signal
import subprocess
import urllib.parse

import harness
from checks_inference import QUESTION, Village
from harness import await_true, expect

LONG = 4000
# So hot that the token which ends an answer comes once in tens of thousands.
HOT = 10
# Tokens that may be computed while the word travels from the asker to the provider.
AHEAD = 16


def abandoned(provider):
    return [event for event in provider.events() if event["event"] == "abandoned"]


def streaming(village, **more):
    """An open answer, after its first lines."""
    api = urllib.parse.urlparse(village.asker.api)
    connection = http.client.HTTPConnection(api.hostname, api.port, timeout=60)
    body = {"model": village.model.stem, "messages": [{"role": "user", "content": QUESTION}], "maximumTokens": LONG, "temperature": HOT, **more}
    connection.request("POST", "/v1/inference/answers", json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    count = 0
    while count < 5:
        event = json.loads(answer.readline())
        count += len(event.get("tokens", []))
    return connection, answer, count


def expect_abandoned(provider, number, seconds=30):
    await_true(lambda: len(abandoned(provider)) == number, seconds, f"the provider gives up answer {number}")
    last = abandoned(provider)[-1]
    expect(last["outputTokens"] < LONG // 2, f"the provider went on: {last}")
    expect(not [event for event in provider.events() if event["event"] == "served"], "the provider has finished an answer")
    return last["outputTokens"]


def check_a_question_that_is_taken_back_stops_its_provider(directory):
    village = Village(directory, [])
    [provider] = village.providers
    api = urllib.parse.urlparse(village.asker.api)

    # By its id.
    connection, answer, count = streaming(village, id="question-1")
    other = http.client.HTTPConnection(api.hostname, api.port, timeout=10)
    other.request("DELETE", "/v1/inference/answers/question-1")
    expect(other.getresponse().status == 204, "DELETE of a question under way")
    events = [json.loads(line) for line in answer.read().splitlines()]
    count += sum(len(event.get("tokens", [])) for event in events)
    expect(events[-1]["event"] == "failed" and events[-1]["type"] == "taken-back", f"the last line: {events[-1]}")
    computed = expect_abandoned(provider, 1)
    expect(count <= computed <= count + AHEAD, f"{count} tokens came and {computed} were computed")

    # By closing the connection.
    connection, answer, count = streaming(village)
    answer.close()
    connection.close()
    expect_abandoned(provider, 2)

    # By Ctrl-C in both commands; after it a chat goes on, and 'ask' says that it was interrupted.
    number = 2
    for command, answers, code in ((["ask", QUESTION], 1, 130), (["chat"], 2, 0)):
        terminal = Terminal(*command, "--model", village.model.stem, "--tokens", LONG, "--temperature", HOT, "--node", village.asker.api)
        for _ in range(answers):
            if command == ["chat"]:
                terminal.type(QUESTION)
            terminal.read_until(r"answers with \S+, free\s[\s\S]{20}")
            terminal.process.send_signal(signal.SIGINT)
            number += 1
            expect_abandoned(provider, number)
            if command == ["chat"]:
                terminal.read_until(r"\(stopped\)")
        if command == ["chat"]:
            terminal.type("/exit")
        expect(terminal.process.wait(20) == code, f"{command} ended with {terminal.process.returncode}, not {code}: {terminal.text[-500:]}")
        terminal.close()
    village.stop()


class Terminal:
    """A command that has a terminal."""

    def __init__(self, *arguments):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [harness.BANYAN, *map(str, arguments)], stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env={**os.environ, "NO_COLOR": "1"})
        os.close(slave)
        self.text = ""

    def type(self, line):
        os.write(self.master, line.encode() + b"\n")

    def read_until(self, pattern):
        """Reads what the command prints until it matches; what came before is forgotten."""
        while not re.search(pattern, self.text):
            expect(self.process.poll() is None, f"ended with {self.process.returncode}: {self.text[-500:]}")
            self.text += os.read(self.master, 4096).decode(errors="replace")
        self.text = ""

    def close(self):
        os.close(self.master)
