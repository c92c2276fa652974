"""Checks one banyan binary against foreign peers. Each peer gets the same checks, in both directions.

Prints a line a check and at the end 'N passed, N failed'; the exit code is 0 only when all passed.
"""
import argparse
import json
import os
import pathlib
import queue
import signal
import subprocess
import sys
import threading
import time

from encoding import fields, split_address, unbase58
from go_peer import Failed, GoPeer
from py_peer import PyPeer

sys.path.append(str(pathlib.Path(__file__).parent.parent / "EndToEnd"))
import own_network

TOPIC = "interop"
STRANGER = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, body):
        """`body` returns a remark, or raises."""
        start = time.monotonic()
        try:
            remark = body()
            self.passed += 1
            print(f"pass  {name}  [{remark or ''}{time.monotonic() - start:5.1f} s]", flush=True)
        except Exception as error:
            self.failed += 1
            print(f"FAIL  {name}  [{type(error).__name__}: {error}]", flush=True)


def require(holds, what):
    if not holds:
        raise Failed(str(what))


def until(holds, what, patience=20):
    deadline = time.monotonic() + patience
    while not holds():
        require(time.monotonic() < deadline, what)
        time.sleep(0.1)


class Node:
    """`banyan lab peer`."""

    def __init__(self, binary, *arguments, ip="127.0.0.1"):
        command = [binary, "lab", "peer", "--listen", f"/ip4/{ip}/tcp/0", "--topic", TOPIC, *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        lines = queue.Queue()
        threading.Thread(target=lambda: [lines.put(line) for line in self.process.stdout], daemon=True).start()
        self.addresses = []
        while (line := lines.get(timeout=20).strip()) != "READY":
            kind, _, address = line.partition(" ")
            require(kind == "LISTEN", f"'{line}' in place of LISTEN")
            self.addresses.append(address)
        self.address = self.addresses[0]
        self.path, self.peer = split_address(self.address)

    def stop(self):
        """Asks it to end, as an operator would."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failed("not gone 15 seconds after SIGTERM") from None


def foreign_dials(report, binary, foreign):
    node = Node(binary, "--seed", "1", "--protocol-version", "interop/7")
    label = f"{foreign.name} -> banyan"

    def connect():
        foreign.connect(node.address)
        require(node.peer in foreign.peers(), "not among the peers")

    def identify():
        found = foreign.identify(node.peer)
        require(b"\x00\x24" + bytes.fromhex(found["key"]) == unbase58(node.peer), "the key is not that of the peer id")
        require(found["version"] == "interop/7" and found["agent"], found)
        require({"/ipfs/id/1.0.0", "/ipfs/ping/1.0.0", "/echo/1.0.0"} <= set(found["protocols"]), found["protocols"])
        require(node.path in found["listens"], found["listens"])
        require((found["observed"] or "").startswith("/ip4/127.0.0.1/tcp/"), found["observed"])
        envelope = fields(bytes.fromhex(found["record"]))
        require(envelope[2] == [b"\x03\x01"], "the signed record has another type")
        require(fields(envelope[3][0])[1] == [unbase58(node.peer)], "the signed record names another peer")

    def ping():
        times = sorted(foreign.ping(node.peer, 20))
        return f"median {times[10] * 1000:.1f} ms, "

    def gossip():
        foreign.subscribe(TOPIC)
        answered(foreign, node.peer)

    def reconnect():
        foreign.disconnect(node.peer)
        until(lambda: node.peer not in foreign.peers(), "still connected")
        time.sleep(1)  # py-libp2p refuses connections that follow each other too closely.
        foreign.connect(node.address)
        foreign.ping(node.peer, 1)

    report.check(f"{label}: a wrong peer id is refused", lambda: refused(foreign, f"{node.path}/p2p/{STRANGER}"))
    report.check(f"{label}: connect", connect)
    report.check(f"{label}: identify", identify)
    report.check(f"{label}: ping 20 times on one stream", ping)
    report.check(f"{label}: echo of 1 byte", lambda: require(foreign.echo(node.peer, 1), "differs"))
    report.check(f"{label}: echo of 4 MiB", lambda: require(foreign.echo(node.peer, 4 << 20), "differs"))
    report.check(f"{label}: an unknown protocol is refused",
                 lambda: require(foreign.refuses(node.peer, "/nobody/1.0.0"), "accepted"))
    report.check(f"{label}: the connection is good afterwards", lambda: foreign.ping(node.peer, 1) and None)
    report.check(f"{label}: gossip, ping and pong", gossip)
    report.check(f"{label}: disconnect and connect again", reconnect)
    report.check(f"{label}: SIGTERM ends the node", lambda: require(node.stop() == 0, "another exit code than 0"))


def refused(foreign, address):
    try:
        foreign.connect(address)
    except Failed:
        return
    raise Failed("connected")


def answered(foreign, peer):
    """Publishes until the node answers: the first message may come before its mesh is there."""
    until(lambda: peer in foreign.topic_peers(TOPIC), "the node does not announce the topic")
    for _ in range(10):
        word = os.urandom(6).hex()
        foreign.publish(TOPIC, f"ping:{word}".encode())
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            got = foreign.next_message(0.5)
            if got and got[1] == f"pong:{word}".encode():
                require(got[0] == peer, f"the answer is signed by {got[0]}")
                return
    raise Failed("no answer")


def banyan_dials(report, binary, foreign):
    label = f"banyan -> {foreign.name}"
    path, _ = split_address(foreign.address)

    def dial(address):
        command = [binary, "lab", "dial", address, "--json", "--count", "3", "--interval", "0.2"]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def identify():
        run = dial(foreign.address)
        require(run.returncode == 0, run.stderr.strip())
        seen = json.loads(run.stdout)
        require(seen["peer"] == foreign.peer, seen["peer"])
        require(seen["agent"] and "/ipfs/ping/1.0.0" in seen["protocols"], seen)
        require(path in seen["listenAddresses"], seen["listenAddresses"])
        require(len(seen["pingMilliseconds"]) == 3, seen["pingMilliseconds"])

    def wrong():
        run = dial(f"{path}/p2p/{STRANGER}")
        require(run.returncode != 0, "exit code 0")
        require(STRANGER in run.stderr, f"the message does not name the peer: {run.stderr.strip()}")

    def nobody():
        require(dial(f"/ip4/127.0.0.1/tcp/1/p2p/{STRANGER}").returncode != 0, "exit code 0")

    report.check(f"{label}: connect, identify, ping", identify)
    report.check(f"{label}: a wrong peer id is refused", wrong)
    report.check(f"{label}: nobody there is an error", nobody)

    node = Node(binary, "--seed", "2", "--dial", foreign.address)

    def inbound():
        until(lambda: node.peer in foreign.peers(), "the node does not connect")
        found = foreign.identify(node.peer)
        require(b"\x00\x24" + bytes.fromhex(found["key"]) == unbase58(node.peer), "the key is not that of the peer id")

    def again():
        foreign.disconnect(node.peer)
        until(lambda: node.peer in foreign.peers() and foreign.ping(node.peer, 1), "the node does not come back", 40)

    report.check(f"{label}: identify over the connection it made", inbound)
    report.check(f"{label}: ping over it", lambda: foreign.ping(node.peer, 20) and None)
    report.check(f"{label}: echo of 1 MiB over it", lambda: require(foreign.echo(node.peer, 1 << 20), "differs"))
    def gossip():
        foreign.subscribe(TOPIC)
        answered(foreign, node.peer)

    report.check(f"{label}: gossip over it", gossip)
    report.check(f"{label}: a lost bootstrap peer is dialled again", again)
    report.check(f"{label}: SIGTERM ends the node", lambda: require(node.stop() == 0, "another exit code than 0"))


def discovery(report, options):
    """By mDNS only. The foreign peer starts first: it hears what is announced from then on."""
    ip = own_network.address()
    require(ip, "no interface can multicast, and the system refuses a network namespace (unshare --map-root-user --net)")
    foreign = PyPeer(options.python, ip, "mdns")
    node = Node(options.banyan, "--seed", "3", "--mdns", ip=ip)
    report.check("mDNS: py-libp2p hears of banyan", lambda: until(lambda: node.peer in foreign.discovered(), "not heard of", 30))
    report.check("mDNS: banyan hears of py-libp2p and connects", lambda: until(lambda: node.peer in foreign.peers(), "not connected", 30))
    report.check("mDNS: ping over that connection", lambda: foreign.ping(node.peer, 3) and None)
    foreign.stop()
    report.check("mDNS: SIGTERM ends the node", lambda: require(node.stop() == 0, "another exit code than 0"))


def discovery_in_its_own_network(report, options):
    inside = own_network.again_inside(*sys.argv[1:], "--only-discovery")
    if inside is None:
        return discovery(report, options)
    lines = inside[1].splitlines()
    print("\n".join(lines[:-1]), flush=True)
    passed, failed = [int(part.split()[0]) for part in lines[-1].split(", ")]
    report.passed, report.failed = report.passed + passed, report.failed + failed


def connections(report, options):
    for start in (lambda: GoPeer(options.p2pd), lambda: PyPeer(options.python)):
        for suite in (foreign_dials, banyan_dials):
            foreign = None
            try:
                foreign = start()
                suite(report, options.banyan, foreign)
            except Exception as error:
                report.check(f"{suite.__name__} as a whole", lambda: require(False, repr(error)))
            finally:
                if foreign:
                    foreign.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--banyan", required=True)
    parser.add_argument("--p2pd", required=True)
    parser.add_argument("--python", required=True, help="of the virtual environment that has py-libp2p")
    parser.add_argument("--only-discovery", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    report = Report()
    if not options.only_discovery:
        connections(report, options)
    try:
        (discovery if options.only_discovery else discovery_in_its_own_network)(report, options)
    except Exception as error:
        report.check("mDNS as a whole", lambda: require(False, repr(error)))
    print(f"{report.passed} passed, {report.failed} failed", flush=True)
    return 0 if report.failed == 0 and report.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
