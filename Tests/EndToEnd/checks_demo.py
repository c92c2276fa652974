"""`banyan demo`, seen from outside."""
import json
import os
import random
import signal
import subprocess

import harness
from harness import alone, await_true, banyan, expect, processes_in


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def expect_sound(summary, rounds):
    expect(summary["event"] == "summary", f"the last line is no summary: {summary}")
    expect(summary["rounds"] == rounds, f"{summary['rounds']} rounds instead of {rounds}")
    expect(summary["cheats"] >= rounds - 1, f"the cheater cheated only {summary['cheats']} times in {rounds} rounds")
    expect(summary["cheatsRejected"] == summary["cheats"], f"only {summary['cheatsRejected']} of {summary['cheats']} cheats were rejected")
    expect(summary["honestRejected"] == 0, f"{summary['honestRejected']} honest updates were rejected")
    expect(summary["supplyConserved"], "the supply is not conserved")
    expect(len(summary["modelDigests"]) == 5, f"{len(summary['modelDigests'])} nodes instead of 5")
    expect(len(set(summary["modelDigests"])) == 1, f"the nodes have different models: {summary['modelDigests']}")


def expect_sound_answers(summary, cheaters=2):
    answers = summary["inference"]
    expect(answers["answers"] >= 3, f"only {answers['answers']} answers of three providers")
    expect(answers["cheats"] == cheaters, f"{answers['cheats']} cheats of {cheaters} cheaters")
    expect(answers["cheatsRejected"] == answers["cheats"], f"only {answers['cheatsRejected']} of {answers['cheats']} false answers were rejected")
    expect(answers["honestRejected"] == 0, f"{answers['honestRejected']} honest answers were rejected")
    expect(answers["slashes"] == answers["cheats"], f"{answers['slashes']} slashes for {answers['cheats']} false answers")
    expect(len(answers["cheatKinds"]) == cheaters, f"the kinds: {answers['cheatKinds']}")
    expect(answers["generationSeconds"] > 0 and answers["auditSeconds"] > 0, f"no time was measured: {answers}")
    expect(summary["supplyConserved"], "the supply is not conserved")


@alone
def check_demo_rejects_every_cheat_and_nothing_honest(directory):
    _, output, _ = banyan("demo", "--json", "--rounds", 4, "--seed", 1, "--directory", directory, timeout=400)
    events = lines(output)
    expect_sound(events[-1], 4)
    expect_sound_answers(events[-1])
    expect(events[-1]["accuracy"] > 0.75, f"accuracy after four rounds is {events[-1]['accuracy']}")
    faults = [event for event in events if event["event"] == "audited" and event.get("fault")]
    expect(faults, "no auditor named a fault")
    expect(not processes_in(directory), "processes are left after the demo")


def check_honest_answers_of_a_demo_all_stand(directory):
    _, output, _ = banyan("demo", "--only", "inference", "--honest", "--json", "--seed", 3, "--directory", directory, timeout=400)
    expect_sound_answers(lines(output)[-1], cheaters=0)
    expect(not processes_in(directory), "processes are left after the demo")


def check_demo_survives_kill_minus_nine_of_random_nodes(directory):
    dice = random.Random(4)
    demo = subprocess.Popen(
        [harness.BANYAN, "demo", "--only", "training", "--json", "--rounds", "4", "--seed", "2", "--directory", str(directory)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1,
    )
    kept = []
    settled = 0
    kills = 0
    for line in demo.stdout:
        event = json.loads(line)
        kept.append(event)
        # One kill after each round that node 1 settles, and one in the middle of each round.
        if event["event"] in ("roundSettled", "trained") and event["node"] == 1 and kills < 8:
            victims = [process for process in processes_in(directory) if process != demo.pid]
            if victims:
                os.kill(dice.choice(victims), signal.SIGKILL)
                kills += 1
    code = demo.wait(60)
    expect(code == 0, f"the demo ended with {code}: {demo.stderr.read()[-600:]}")
    expect(kills >= 4, f"only {kills} kills happened")
    summary = kept[-1]
    expect(summary["event"] == "summary" and summary["rounds"] == 4, f"no summary of four rounds: {summary}")
    expect(summary["honestRejected"] == 0, f"{summary['honestRejected']} honest updates were rejected")
    expect(summary["cheatsRejected"] == summary["cheats"], "a cheat was not rejected")
    expect(summary["supplyConserved"], "the supply is not conserved")
    expect(len(set(summary["modelDigests"])) == 1, f"the nodes have different models: {summary['modelDigests']}")
    expect(not processes_in(directory), "processes are left after the demo")


def check_interrupting_the_demo_leaves_no_process(directory):
    demo = subprocess.Popen(
        [harness.BANYAN, "demo", "--json", "--rounds", "10", "--directory", str(directory)], stdout=subprocess.PIPE, text=True
    )
    await_true(lambda: len(processes_in(directory)) >= 6, 60, "five nodes run")
    demo.send_signal(signal.SIGINT)
    expect(demo.wait(30) == 130, f"the demo ended with {demo.returncode} instead of 130")
    expect(not processes_in(directory), "processes are left after Ctrl-C")


def check_interrupting_the_answers_of_the_demo_leaves_no_process(directory):
    demo = subprocess.Popen(
        [harness.BANYAN, "demo", "--only", "inference", "--json", "--directory", str(directory)], stdout=subprocess.PIPE, text=True
    )
    # In the middle of the first answer.
    for line in demo.stdout:
        if json.loads(line)["event"] == "answer":
            break
    expect(len(processes_in(directory)) == 9, "five nodes and three providers run")
    demo.send_signal(signal.SIGINT)
    expect(demo.wait(30) == 130, f"the demo ended with {demo.returncode} instead of 130")
    expect(not processes_in(directory), "processes are left after Ctrl-C")


def check_a_killed_demo_leaves_no_process(directory):
    demo = subprocess.Popen(
        [harness.BANYAN, "demo", "--json", "--rounds", "10", "--directory", str(directory)], stdout=subprocess.DEVNULL
    )
    await_true(lambda: len(processes_in(directory)) >= 6, 60, "five nodes run")
    demo.kill()
    demo.wait()
    await_true(lambda: not processes_in(directory), 30, "every node has ended with the demo")
