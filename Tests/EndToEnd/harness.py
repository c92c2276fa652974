"""Processes, files and the last line 'N passed, N failed'."""
import collections
import concurrent.futures
import io
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.error
import urllib.request

BANYAN = ""
# Checks that are named with their times at the end of a long run.
SLOWEST = 10
# Checks that run side by side: most of their time they wait for blocks.
AT_ONCE = int(os.environ.get("BANYAN_CHECKS_AT_ONCE", min(4, os.cpu_count() or 1)))


class Failure(Exception):
    pass


class Skipped(Exception):
    """A check that this machine cannot run; says what it lacks."""


def expect(condition, message):
    if not condition:
        raise Failure(message)


def banyan(*arguments, check=True, timeout=120, environment=None, prefix=()):
    """Runs one command to its end, behind `prefix`, and returns (exit code, stdout, stderr)."""
    done = subprocess.run(
        [*prefix, BANYAN, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, env={**os.environ, **(environment or {})}
    )
    if check and done.returncode != 0:
        raise Failure(f"banyan {' '.join(map(str, arguments))} ended with {done.returncode}: {done.stderr.strip()[-600:]}")
    return done.returncode, done.stdout, done.stderr


def processes_in(directory):
    """Process ids of every banyan process that works in `directory`."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if command and b"banyan" in command[0] and any(str(directory).encode() in part for part in command[1:]):
                found.append(int(entry.name))
    return sorted(found)


def await_true(condition, seconds, what):
    """Asks again and again until `condition()` is true; a Failure after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"still not after {seconds} s: {what}")
        time.sleep(0.1)


def get(url, expected=200, headers=None):
    request = urllib.request.Request(url, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            status, body = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read()
    expect(status == expected, f"{url} answered {status}, not {expected}: {body[:300]!r}")
    return json.loads(body)


def free_port():
    """A port of loopback that nobody has, below those that the system gives to outgoing connections."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Failure("every port is taken")


def operations(node, name):
    """The senders of all transactions with this operation, the first one first."""
    found, height = [], node.status()["height"]
    while height > 0:
        blocks = get(f"{node.api}/v1/blocks?from={height}&limit=200")
        found += [item["sender"] for block in blocks for item in reversed(block["transactions"]) if item["operation"] == name]
        height = blocks[-1]["height"] - 1
    return found[::-1]


class Node:
    """One `banyan up` started by hand."""

    def __init__(self, directory, *arguments, discovers=False, data=None, prefix=()):
        """`data`: where the node keeps its files, when not beside what it prints. `prefix`: the command that runs it."""
        self.directory, self.prefix = pathlib.Path(directory), prefix
        self.directory.mkdir(parents=True, exist_ok=True)
        discovery = "--mdns" if discovers else "--no-mdns"
        self.arguments = ["up", "--json", discovery, "--data", str(data or directory), "--api", "127.0.0.1:0", *map(str, arguments)]
        self.process = None
        self.events_path = self.directory / "events"
        self.start()

    def start(self):
        self.offset = self.events_path.stat().st_size if self.events_path.exists() else 0
        self.process = subprocess.Popen(
            [*self.prefix, BANYAN, *self.arguments],
            stdin=subprocess.DEVNULL,
            stdout=open(self.events_path, "ab"),
            stderr=open(self.directory / "stderr", "ab"),
        )
        self.ready = await_true(self._ready_event, 60, f"node in {self.directory} is ready; {self.stderr_tail()}")

    def _ready_event(self):
        if self.process.poll() is not None:
            raise Failure(f"the node in {self.directory} ended with {self.process.returncode}: {self.stderr_tail()}")
        return next((event for event in self.events() if event["event"] == "ready"), None)

    def events(self):
        text = self.events_path.read_bytes()[self.offset :].decode()
        return [json.loads(line) for line in text.split("\n")[:-1] if line.startswith("{")]

    def stderr_tail(self):
        path = self.directory / "stderr"
        return path.read_text(errors="replace")[-800:] if path.exists() else ""

    @property
    def api(self):
        return self.ready["api"]

    def status(self):
        return get(self.api + "/v1/status")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=20):
        """SIGTERM, and the exit code must be 0."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure(f"the node in {self.directory} did not end within {seconds} s of SIGTERM")
        expect(code == 0, f"the node in {self.directory} ended with {code}: {self.stderr_tail()}")


def alone(check):
    """Marks a check that measures what a machine can do: no other runs beside it."""
    check.runs_alone = True
    return check


class WordsTogether:
    """A standard output that keeps what each check says in one piece, while several run."""

    def __init__(self, output):
        self.output, self.local, self.lock = output, threading.local(), threading.Lock()

    def begin(self):
        self.local.words = io.StringIO()

    def end(self):
        words, self.local.words = self.local.words.getvalue(), None
        with self.lock:
            self.output.write(words)
            self.output.flush()

    def write(self, text):
        return (getattr(self.local, "words", None) or self.output).write(text)

    def __getattr__(self, name):
        return getattr(self.output, name)


def run(check, output):
    """("passed", "failed" or "skipped", seconds, name)"""
    output.begin()
    name, directory = check.__name__.removeprefix("check_"), pathlib.Path(tempfile.mkdtemp(prefix="banyan-e2e-"))
    start, outcome = time.monotonic(), "failed"
    try:
        check(directory)
        outcome = "passed"
        print(f"ok    {name}  ({time.monotonic() - start:.1f} s)")
    except Skipped as lack:
        outcome = "skipped"
        print(f"skip  {name}: {lack}")
    except Exception as error:
        print(f"FAIL  {name}: {error}\n      files in {directory}")
        if not isinstance(error, Failure):
            traceback.print_exc(file=sys.stdout)
    finally:
        for process in processes_in(directory):
            os.kill(process, signal.SIGKILL)
        output.end()
    if outcome != "failed":
        shutil.rmtree(directory, ignore_errors=True)
    return outcome, time.monotonic() - start, name


def main(arguments, modules):
    global BANYAN
    checks = {
        name.removeprefix("check_"): value for module in modules for name, value in vars(module).items() if name.startswith("check_")}
    binary, wanted = shutil.which(arguments[0]) if arguments else None, arguments[1:]
    if binary is None:
        print("usage: Tests/EndToEnd/run BANYAN_BINARY [CHECK…]; the checks:", *checks, sep="\n  ", file=sys.stderr)
        return 2
    if unknown := [name for name in wanted if name not in checks]:
        print(f"no check of this name: {', '.join(unknown)}", file=sys.stderr)
        return 2
    BANYAN = str(pathlib.Path(binary).resolve())
    checks = [checks[name] for name in wanted or checks]
    together = [check for check in checks if not hasattr(check, "runs_alone")]
    output = sys.stdout = WordsTogether(sys.stdout)
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as workers:
        results = list(workers.map(lambda check: run(check, output), together))
    results += [run(check, output) for check in checks if check not in together]
    count = collections.Counter(outcome for outcome, _, _ in results)
    if len(results) > SLOWEST:
        print(f"{time.monotonic() - start:.0f} s, {AT_ONCE} at once; the slowest:")
        for _, seconds, name in sorted(results, key=lambda result: -result[1])[:SLOWEST]:
            print(f"{seconds:8.1f} s  {name}")
    skipped = f", {count['skipped']} skipped" if count["skipped"] else ""
    print(f"{count['passed']} passed, {count['failed']} failed{skipped}")
    return 1 if count["failed"] else 0
