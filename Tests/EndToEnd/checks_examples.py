"""The programs of Examples/ against real nodes."""
import json
import pathlib
import subprocess

import harness
from harness import Node, await_true, banyan, expect

LOOPBACK = "/ip4/127.0.0.1/tcp/0"
PROGRAMS = pathlib.Path(__file__).resolve().parents[2] / ".build/examples/debug"


def program(name):
    path = PROGRAMS / name
    expect(path.exists(), f"no example at {path}; build them with: make examples")
    return path


def run(name, *arguments):
    done = subprocess.run([program(name), *map(str, arguments)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def reader(name, *arguments):
    return subprocess.Popen([program(name), *map(str, arguments)], stdout=subprocess.PIPE, text=True)


def check_the_examples_work_with_real_nodes(directory):
    peer = subprocess.Popen([harness.BANYAN, "lab", "peer", "--listen", LOOPBACK], stdout=subprocess.PIPE, text=True)
    server = reader("echo", "serve", LOOPBACK)
    try:
        address = peer.stdout.readline().split()[1]
        code, output, error = run("echo", "send", address, "hello, tree")
        expect(code == 0 and output == "hello, tree\n", f"echo of a lab peer: {code} {output} {error}")
        served = server.stdout.readline().strip()
        code, output, error = run("echo", "send", served, "hello again")
        expect(code == 0 and output == "hello again\n", f"echo of the example: {code} {output} {error}")
        _, seen, _ = banyan("lab", "dial", served, "--json", "--count", "1")
        expect("/echo/1.0.0" in json.loads(seen)["protocols"], seen)
        stranger = served[: served.rindex("/") + 1] + address[address.rindex("/") + 1 :]
        code, _, _ = run("echo", "send", stranger, "x")
        expect(code != 0, "another peer than the one that was named answered")
    finally:
        for process in (peer, server):
            process.kill()
            process.wait()

    node = Node(directory / "a", "--listen", LOOPBACK)
    await_true(lambda: node.status()["height"] >= 2, 60, "two blocks")
    watcher = reader("watch-node", node.api)
    try:
        lines = [watcher.stdout.readline() for _ in range(3)]
        expect(node.status()["chain"] in lines[0] and lines[1].startswith("block "), f"{lines}")
        first, second = (int(line.split()[1].rstrip(",")) for line in lines[1:])
        expect(second == first + 1, f"{lines}")
    finally:
        watcher.kill()
        watcher.wait()

    account = node.ready["account"]
    proof, genesis = directory / "proof", node.directory / "genesis"
    banyan("proof", "account", account, "--output", proof, "--node", node.api, "--data", node.directory)
    node.stop()
    code, output, _ = run("verify-proof", proof, genesis)
    expect(code == 0 and output.startswith(f"{account} has 990000000000000 seeds"), f"{code} {output}")
    forged = bytearray(proof.read_bytes())
    forged[-200] ^= 1
    (directory / "forged").write_bytes(forged)
    code, output, _ = run("verify-proof", directory / "forged", genesis)
    expect(code == 1 and output.startswith("not proven: "), f"a forged proof: {code} {output}")
