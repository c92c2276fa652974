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


def small_disk(directory, size):
    """The command that gives a process a disk of its own, `size` bytes; None where the system lets no user do so."""
    directory.mkdir()
    prefix = ["unshare", "--map-root-user", "--mount", "sh", "-c", f'mount -t tmpfs -o size={size} none "{directory}" && exec "$@"', "sh"]
    return prefix if subprocess.run([*prefix, "true"], capture_output=True).returncode == 0 else None


def fill(path):
    """Writes until nothing more fits."""
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError as error:
                expect(error.errno == errno.ENOSPC, f"{path}: {error}")


def check_a_full_disk_costs_a_provider_its_answers_and_not_its_life(directory):
    model = write_model(directory / "models")
    disk = directory / "disk"
    prefix = small_disk(disk, 8 << 20)
    if prefix is None:
        print("      skipped: no mount namespaces for users here", flush=True)
        return
    asker = Node(directory / "asker", "--listen", LOOPBACK, "--models", model.parent)
    join = ["--listen", LOOPBACK, "--join", asker.ready["addresses"][0], "--models", model.parent, "--serve", model]
    provider = Node(directory / "provider", *join, data=disk / "data", prefix=prefix)
    await_true(lambda: len(get(asker.api + "/v1/inference/providers")) == 1, 30, "the asker knows the provider")
    _, before, _ = ask(asker)
    # The disk as the provider sees it.
    filler = pathlib.Path(f"/proc/{provider.process.pid}/root{disk}/filler")
    fill(filler)
    code, _, error = ask(asker, check=False)
    expect(code != 0 and "could not be kept" in error, f"an answer from a full disk: {code} {error}")
    expect(provider.process.poll() is None, f"the provider ended: {provider.stderr_tail()}")
    expect("No space left" in (provider.directory / "stderr").read_text(), f"the log does not say why: {provider.stderr_tail()}")
    filler.unlink()
    _, after, _ = ask(asker, "--verify", "full")
    expect(after["tokens"] == before["tokens"], "another answer after the disk was full")
    height = asker.status()["height"]
    await_true(lambda: provider.status()["height"] >= height, 60, "the provider follows the chain again")
    provider.stop()
    asker.stop()


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
