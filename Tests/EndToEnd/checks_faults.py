"""What the machine of a provider does to it: full disks, model files that are cut, models that mean harm."""
import errno
import json
import os
import pathlib
import subprocess

from checks_inference import LOOPBACK
from harness import Node, await_true, banyan, expect, get
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


def check_a_full_disk_costs_a_provider_its_answers_and_then_its_chain_and_nothing_that_was_kept(directory):
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
    kept = sorted(path.name for path in (disk.path / "data/answers").iterdir())
    fill(disk.path / "filler")
    code, _, error = ask(asker, check=False)
    expect(code != 0 and "Every provider failed" in error, f"an answer from a full disk: {code} {error}")
    # What cannot be written is not signed: the chain stops, and with it the node.
    await_true(lambda: provider.process.poll() is not None, 30, "the provider ends when its chain cannot be written")
    log = (provider.directory / "stderr").read_text()
    for words in ("an answer could not be kept", "the chain stops: write of journal", "No space left on device"):
        expect(words in log, f"the log does not say '{words}': {provider.stderr_tail()}")
    (disk.path / "filler").unlink()
    provider.start()
    _, after, _ = ask(asker, "--verify", "full")
    expect(after["tokens"] == before["tokens"], "another answer after the disk was full")
    expect(set(kept) <= {path.name for path in (disk.path / "data/answers").iterdir()}, "an answer is gone")
    height = asker.status()["height"]
    await_true(lambda: provider.status()["height"] >= height, 60, "the provider follows the chain again")
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
    _, before, _ = ask(asker, "--verify", "none", check=False)
    expect(asker.status()["height"] >= 0, "the asker does not answer any more")
    # The provider computes from memory.
    os.truncate(theirs, 100_000)
    _, after, _ = ask(asker, "--verify", "none")
    expect(after["tokens"] == before["tokens"], "another answer after the file was cut")
    provider.stop()
    asker.stop()


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
