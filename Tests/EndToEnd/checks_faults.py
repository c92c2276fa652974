"""What the machine of a provider does to it: full disks, model files that are cut, models that mean harm."""
import errno
import json
import os
import pathlib
import shutil
import subprocess
import urllib.request

import harness
from checks_inference import LOOPBACK
from checks_models import installed_model
from harness import Failure, Node, await_true, banyan, expect, free_port, get
from random_model import random_model

QUESTION = "figs"


def ask(asker, *arguments, check=True):
    code, output, error = banyan("ask", QUESTION, "--model", "random", "--json", "--tokens", 12, "--node", asker.api, *arguments, check=check)
    return code, json.loads(output) if output else None, error


def write_model(directory, **changes):
    path = directory / "random.gguf"
    directory.mkdir(parents=True)
    path.write_bytes(random_model(**changes))
    return path


class SmallDisk:
    """A file system of `size` bytes at `directory`, which only processes that run behind `prefix` see."""

    def __init__(self, directory, size):
        directory.mkdir()
        command = f'mount -t tmpfs -o size={size} none "{directory}" && echo ready && exec sleep 600'
        self.holder = subprocess.Popen(["unshare", "--map-root-user", "--mount", "sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        # Some systems let no user have namespaces.
        self.works = self.holder.stdout.readline() == "ready\n"
        self.prefix = ["nsenter", "--target", str(self.holder.pid), "--user", "--mount", "--preserve-credentials"]
        # The same files as others see them.
        self.path = pathlib.Path(f"/proc/{self.holder.pid}/root{directory}")

    def close(self):
        self.holder.kill()
        self.holder.wait()


def fill(path):
    """Writes until nothing more fits."""
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError as error:
                expect(error.errno == errno.ENOSPC, f"{path}: {error}")


def balance(node):
    """Of the node's own account; None before anybody has paid it."""
    try:
        return get(f"{node.api}/v1/accounts/{node.ready['account']}")["balance"]
    except Failure:
        return None


def check_a_full_disk_stops_what_a_node_cannot_promise_and_nothing_else(directory):
    """The validator's disk is full: the network stands still, everybody lives, and goes on when there is room."""
    model = write_model(directory / "models")
    disk = SmallDisk(directory / "disk", 8 << 20)
    if not disk.works:
        print("      skipped: no mount namespaces for users here", flush=True)
        return disk.close()
    # At the same place after a restart.
    listen = f"/ip4/127.0.0.1/tcp/{free_port()}"
    validator = Node(directory / "validator", "--listen", listen, "--models", model.parent, data=directory / "disk/data", prefix=disk.prefix)
    provider = Node(directory / "provider", "--listen", LOOPBACK, "--join", validator.ready["addresses"][0], "--models", model.parent, "--serve", model)
    await_true(lambda: len(get(validator.api + "/v1/inference/providers")) == 1, 30, "the validator knows the provider")
    await_true(lambda: validator.status()["height"] >= 2, 30, "two blocks")
    process = validator.process.pid
    for turn in range(2):
        fill(disk.path / "filler")
        trouble = await_true(lambda: validator.status()["troubles"], 30, "the node says that its disk is full")[0]
        expect("No space left on device" in trouble["detail"] and "Free some room" in trouble["remedy"], f"the trouble: {trouble}")
        get(validator.api + "/v1/health", expected=503)
        _, text, _ = banyan("status", "--node", validator.api)
        expect("TROUBLE" in text and "Free some room" in text, f"banyan status: {text}")
        # Reading goes on, for users and for peers; what would have to be written down is refused with a reason.
        height = validator.status()["height"]
        expect(get(f"{validator.api}/v1/blocks/{height}")["height"] == height, "the last block cannot be read")
        late = Node(directory / f"late{turn}", "--listen", LOOPBACK, "--join", validator.ready["addresses"][0])
        await_true(lambda: late.status()["height"] == height, 30, "another node gets the chain from the one with the full disk")
        code, _, error = banyan("send", late.ready["account"], "1", "--data", directory / "disk/data", "--node", validator.api, check=False, prefix=disk.prefix)
        expect(code != 0 and "No space left on device" in error, f"a payment on a full disk: {code} {error}")
        expect(validator.status()["height"] == height, "a block that cannot be written was made")
        if turn == 1:
            # Killed while it waits, it comes up again on the full disk and waits again.
            validator.kill()
            validator.start()
            process = validator.process.pid
            await_true(lambda: validator.status()["troubles"], 30, "the node says again that its disk is full")
            expect(validator.status()["height"] == height, "the height after a start on a full disk")
        (disk.path / "filler").unlink()
        await_true(lambda: validator.status()["height"] >= height + 3, 30, "blocks again when there is room")
        expect(get(validator.api + "/v1/health")["healthy"] and validator.process.pid == process and validator.process.poll() is None, "the same process is well")
        banyan("send", late.ready["account"], "1", "--data", directory / "disk/data", "--node", validator.api, prefix=disk.prefix)
        # With it the node may have paid its first fees already.
        await_true(lambda: balance(late), 30, "the payment arrives")
        late.stop()
    log = (validator.directory / "stderr").read_text()
    expect(log.count("takes no writes") == 3 and log.count("takes writes again") == 2, f"said more than once, or never: {log[-2000:]}")
    # What was written between is whole: the node starts from it.
    height = validator.status()["height"]
    validator.kill()
    validator.start()
    await_true(lambda: validator.status()["height"] > height, 60, "the chain goes on after a kill")
    provider.stop()
    validator.stop()
    disk.close()


def check_a_full_disk_costs_a_provider_answers_until_there_is_room(directory):
    model = write_model(directory / "models")
    disk = SmallDisk(directory / "disk", 8 << 20)
    if not disk.works:
        print("      skipped: no mount namespaces for users here", flush=True)
        return disk.close()
    asker = Node(directory / "asker", "--listen", LOOPBACK, "--models", model.parent)
    join = ["--listen", LOOPBACK, "--join", asker.ready["addresses"][0], "--models", model.parent, "--serve", model]
    provider = Node(directory / "provider", *join, data=directory / "disk/data", prefix=disk.prefix)
    await_true(lambda: len(get(asker.api + "/v1/inference/providers")) == 1, 30, "the asker knows the provider")
    _, before, _ = ask(asker)
    kept = {path.name for path in (disk.path / "data/answers").iterdir()}
    fill(disk.path / "filler")
    code, _, error = ask(asker, check=False)
    expect(code != 0 and "Every provider failed" in error, f"an answer from a full disk: {code} {error}")
    await_true(lambda: provider.status()["troubles"], 30, "the provider says that its chain waits")
    behind = provider.status()["height"]
    await_true(lambda: asker.status()["height"] > behind + 2, 30, "the network goes on without it")
    expect("an answer could not be kept" in provider.stderr_tail() and provider.process.poll() is None, f"the log: {provider.stderr_tail()}")
    (disk.path / "filler").unlink()
    height = asker.status()["height"]
    await_true(lambda: provider.status()["height"] >= height and not provider.status()["troubles"], 60, "the provider follows the chain again")
    _, after, _ = ask(asker, "--verify", "full")
    expect(after["tokens"] == before["tokens"], "another answer after the disk was full")
    expect(kept < {path.name for path in (disk.path / "data/answers").iterdir()}, "an answer is gone, or was not kept")
    provider.stop()
    asker.stop()
    disk.close()


def check_a_model_file_cut_before_it_is_loaded_is_named_and_the_node_lives(directory):
    ours, theirs = write_model(directory / "ours"), write_model(directory / "theirs")
    asker = Node(directory / "asker", "--listen", LOOPBACK, "--models", ours.parent)
    provider = Node(
        directory / "provider", "--listen", LOOPBACK, "--join", asker.ready["addresses"][0], "--models", theirs.parent, "--serve", theirs)
    await_true(lambda: len(get(asker.api + "/v1/inference/providers")) == 1, 30, "the asker knows the provider")
    # For a quote the asker reads the tokeniser and maps the weights; it loads them for a check only.
    banyan("quote", QUESTION, "--model", "random", "--node", asker.api)
    os.truncate(ours, 100_000)
    code, report, error = ask(asker, "--verify", "full", check=False)
    expect(code == 1 and "random.gguf" in report["checked"]["fault"], f"a check with half a model: {code} {report} {error}")
    expect(ask(asker, "--verify", "none")[0] == 0, "an answer that needs no check")
    # The provider could compute from memory, but not show in a dispute what it has computed.
    os.truncate(theirs, 100_000)
    code, _, error = ask(asker, "--verify", "none", check=False)
    expect(code != 0 and "changed on this provider's disk" in error, f"an answer without a file: {code} {error}")
    await_true(lambda: asker.status()["troubles"] and provider.status()["troubles"], 30, "both say that their files were cut")
    provider.stop()
    asker.stop()


def check_a_model_file_cut_or_changed_under_an_answer_changes_no_answer(directory):
    """What a provider has loaded it computes from memory; what it has not, it names."""
    original = installed_model()
    files = [directory / f"models{index}" / original.name for index in range(2)]
    for file in files:
        file.parent.mkdir()
        shutil.copy(original, file)
    asker = Node(directory / "asker", "--listen", LOOPBACK, "--models", original.parent)
    joining = ["--listen", LOOPBACK, "--join", asker.ready["addresses"][0]]
    providers = [
        Node(directory / f"provider{index}", *joining, "--models", file.parent, "--serve", file) for index, file in enumerate(files)
    ]
    await_true(lambda: len(get(asker.api + "/v1/inference/providers")) == 2, 60, "the asker knows both providers")
    undisturbed = streamed(asker, original.stem, lambda events: None)
    damaged = []

    def damage(events):
        texts = [event for event in events if event["event"] == "text"]
        if len(texts) < 3 or len(damaged) == 2:
            return
        account = next(event for event in events if event["event"] == "chosen")["provider"]
        index = next(index for index, node in enumerate(providers) if node.ready["account"] == account)
        if not damaged:
            # A part of it becomes something else, of the same length.
            with open(files[index], "r+b") as file:
                file.seek(20_000_000)
                file.write(b"banyan" * 1_000_000)
        elif len(texts) > 20:
            os.truncate(files[index], 1_000)
        else:
            return
        damaged.append(index)

    events = streamed(asker, original.stem, damage)
    expect(len(damaged) == 2, f"the answer was over before its file was cut: {len(events)} lines")
    # The asker has computed all of it again, with a whole model.
    expect([event["fault"] for event in events if event["event"] == "checked" and "fault" in event] == [], f"a wrong answer: {events}")
    expect(tokens_of(events) == tokens_of(undisturbed), "another answer while the file was damaged")
    victim, other = providers[damaged[0]], providers[1 - damaged[0]]
    expect(victim.status()["height"] >= 0, "the provider of the damaged file does not answer any more")
    # From a damaged file no provider starts, and the question goes to the other one.
    victim.kill()
    try:
        victim.start()
        raise AssertionError("a provider has started with a model that was cut")
    except Failure as failure:
        expect(original.name in str(failure) and victim.process.returncode == 1, f"how it ended: {failure}")
    events = streamed(asker, original.stem, lambda events: None)
    expect(events[-1]["provider"] == other.ready["account"] and tokens_of(events) == tokens_of(undisturbed), f"the other provider: {events[-1]}")
    # Cut as soon as it is opened, it ends the program with words, or it was read already.
    for _ in range(5):
        shutil.copy(original, files[damaged[0]])
        starting = subprocess.Popen(
            [harness.BANYAN, *victim.arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        maps = pathlib.Path(f"/proc/{starting.pid}/maps")
        await_true(lambda: starting.poll() is not None or str(files[damaged[0]]) in maps.read_text(), 30, "the model is opened")
        os.truncate(files[damaged[0]], 4096)
        await_true(lambda: starting.poll() is not None or original.stem in providers_text(asker, victim), 60, "it is up or has ended")
        if starting.poll() is None:
            starting.terminate()
        _, error = starting.communicate(timeout=40)
        expect(starting.returncode == 0 or (starting.returncode == 1 and original.name in error), f"it ended with {starting.returncode}: {error[-500:]}")
    other.stop()
    asker.stop()


def providers_text(asker, node):
    """What the asker knows of the offers of one provider, if it is reached now."""
    peers = [peer["peer"] for peer in get(asker.api + "/v1/peers")]
    return json.dumps(get(asker.api + "/v1/inference/providers")) if node.ready["peer"] in peers else ""


def streamed(asker, model, look):
    """Every line of an answer of 160 tokens that is computed again; `look` sees them as they come."""
    body = {"model": model, "messages": [{"role": "user", "content": "Name three things that grow on trees."}], "maximumTokens": 160, "check": "full"}
    request = urllib.request.Request(asker.api + "/v1/inference/answers", json.dumps(body).encode(), {"Content-Type": "application/json"})
    events = []
    with urllib.request.urlopen(request, timeout=120) as answer:
        for line in answer:
            events.append(json.loads(line))
            look(events)
    expect(events[-1]["event"] == "finished", f"the answer ended with {events[-1]}")
    return events


def tokens_of(events):
    return [token for event in events if event["event"] == "text" for token in event["tokens"]]


def check_a_model_with_a_hostile_template_is_served_as_plain_text(directory):
    loop = "{% for i in range(999999999) %}{{ cycler.__init__.__globals__.os.popen('false') }}{% endfor %}"
    model = write_model(directory / "models", template=loop * 1000)
    node = Node(directory / "node", "--listen", LOOPBACK, "--models", model.parent, "--serve", model)
    await_true(lambda: len(get(node.api + "/v1/inference/providers")) == 1, 30, "the node knows itself")
    code, _, error = ask(node, check=False)
    expect(code != 0 and "chat template" in error, f"a conversation in an unknown form: {code} {error}")
    body = json.dumps({"model": "random", "prompt": "figs", "maximumTokens": 4, "check": "full"})
    done = subprocess.run(
        ["curl", "--silent", "--header", "Content-Type: application/json", "--data", body, node.api + "/v1/inference/answers"],
        capture_output=True, text=True, timeout=30)
    expect(json.loads(done.stdout.splitlines()[-1])["event"] == "finished", f"plain text: {done.stdout[-500:]}")
    node.stop()
