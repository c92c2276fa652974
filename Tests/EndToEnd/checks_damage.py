"""A model file that is damaged while a provider runs, and comes back: nothing wrong is shown, no stake is lost, the node goes on by itself."""
import hashlib
import json
import os
import shutil
import urllib.error
import urllib.request

from checks_disputes import FIG, STAKE, Court
from checks_models import in_store, installed_model
from files_over_http import FileServer
from harness import Node, await_true, banyan, expect, get
from random_model import random_model


def damage(path):
    """Other bytes in the same place, among the weights."""
    with open(path, "r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"banyan" * 100_000)


def expect_no_answer(court):
    code, _, error = banyan("ask", "figs", "--model", court.model.stem, "--tokens", 4, "--verify", "none", "--node", court.asker.api, check=False)
    # It has refused, or has told the network already that it offers nothing.
    expect(code != 0 and ("changed on this provider's disk" in error or "Nobody offers" in error), f"an answer by who could not defend it: {code} {error}")


def expect_trouble(node, path):
    trouble = await_true(lambda: node.status()["troubles"], 30, "the node says that its file is damaged")[0]
    expect(str(path) in trouble["detail"] and "goes on by itself" in trouble["remedy"], f"the trouble: {trouble}")
    get(node.api + "/v1/health", expected=503)
    _, text, _ = banyan("status", "--node", node.api)
    expect("TROUBLE" in text and path.name in text, f"banyan status: {text}")


def moves(court, request):
    return court.standing(request).get("dispute", {}).get("moves")


def check_a_provider_whose_model_file_is_damaged_in_a_dispute_waits_for_it_and_wins(directory):
    """An honest answer is disputed. In the middle of it the provider's file is damaged; it comes back under another name."""
    original = installed_model()
    theirs = directory / "theirs" / original.name
    theirs.parent.mkdir()
    shutil.copy(original, theirs)
    court = Court(directory, asker=["--cheat-dispute", "griefing"], serves=theirs)
    code, output, error = court.ask()
    expect(code == 0, f"the answer is right: {error}")
    request = json.loads(output)["finished"]["receipt"]
    await_true(lambda: (moves(court, request) or 0) >= 2, 60, "the dispute is under way")
    damage(theirs)
    expect_trouble(court.provider, theirs)
    expect_no_answer(court)

    def stands():
        """The dispute, once it waits for the provider for so long that a move would have been made."""
        dispute = court.standing(request).get("dispute")
        expect(dispute, f"the dispute is over without the file: {court.standing(request)}")
        head = court.asker.status()["height"]
        waits = dispute["turn"] != "challenger" and dispute["moves"] == seen.get("moves") and head > seen["height"] + 5
        if dispute["moves"] != seen.get("moves"):
            seen.update(moves=dispute["moves"], height=head)
        return waits

    seen = {}
    await_true(stands, 60, "the provider does not move")
    log = (court.provider.directory / "stderr").read_text()
    expect("was changed while it was in use" in log, f"the log: {log[-800:]}")
    # The good file comes under another name, as 'banyan model pull --name' would bring it.
    fetched = theirs.with_suffix(".new")
    shutil.copy(original, fetched)
    os.rename(fetched, theirs.with_name("fetched.gguf"))
    await_true(lambda: not court.provider.status()["troubles"], 60, "the provider has found the file")
    get(court.provider.api + "/v1/health")
    judged = court.judgement(180)
    expect(judged["outcome"] == "accepted" and "computed the number" in judged["reason"], f"the judgement: {judged}")
    expect(judged["slashes"] == [{"account": court.asker.ready["account"], "amount": str(FIG)}], f"who pays: {judged}")
    expect(court.account()[1] == STAKE * FIG, "the provider's stake")
    # It answers again, and says so to the network.
    await_true(lambda: court.ask(tokens=2)[0] == 0, 60, "the provider answers again")
    court.stop()


def check_a_damaged_model_is_fetched_again_without_a_restart(directory):
    whole = random_model()
    server = FileServer({"/random.gguf": whole})
    pull = ["pull", server.address + "/random.gguf", "--sha256", hashlib.sha256(whole).hexdigest()]
    in_store(directory, *pull)
    path = directory / "models/random.gguf"
    node = Node(directory / "node", "--models", path.parent, "--serve", path)
    body = json.dumps({"model": "random", "prompt": "figs", "maximumTokens": 8, "check": "full"}).encode()

    def answer():
        request = urllib.request.Request(node.api + "/v1/inference/answers", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as lines:
                events = [json.loads(line) for line in lines]
        except urllib.error.HTTPError as error:
            return error.code
        finished = events[-1]["event"] == "finished"
        return [token for event in events if event["event"] == "text" for token in event["tokens"]] if finished else None

    await_true(lambda: len(get(node.api + "/v1/inference/providers")) == 1, 30, "the node knows itself")
    before = answer()
    expect(before, "no answer")
    # There is nothing to fetch while the file is whole.
    code, _, error = in_store(directory, *pull, check=False)
    expect(code != 0 and "already" in error, f"a whole model was fetched again: {error}")
    for harm in (damage, lambda path: os.truncate(path, 5000)):
        harm(path)
        expect_trouble(node, path)
        expect(not isinstance(answer(), list), "an answer from a damaged file")
        in_store(directory, *pull)
        await_true(lambda: not node.status()["troubles"], 30, "the node has its file again")
    # Bytes that are the same under another time are found to be the same.
    os.utime(path, (1, 1))
    await_true(lambda: not node.status()["troubles"] and isinstance(answer(), list), 30, "the node answers again")
    expect(answer() == before, "another answer from the file that was fetched again")
    expect(path.read_bytes() == whole and not list(path.parent.glob("*.new")), f"the store: {list(path.parent.iterdir())}")
    node.stop()
    server.close()
