"""Nodes that nobody tells of each other."""
import shutil
import stat

import harness
import own_network
from checks_inference import LOOPBACK
from harness import Node, alone, await_true, expect, get


@alone
def check_two_nodes_find_each_other_by_multicast_alone(directory):
    inside = own_network.again_inside(harness.BANYAN, "two_nodes_find_each_other_by_multicast_alone")
    if inside:
        expect(inside[0] == 0, f"inside its own network: {inside[1].strip()[-1500:]}")
        return
    address = own_network.address()
    expect(address, "no interface can multicast, and the system refuses a network namespace (unshare --map-root-user --net)")
    listen = f"/ip4/{address}/tcp/0"
    first = Node(directory / "a", "--listen", listen, discovers=True)
    # The same network, and no address of anybody in it.
    genesis = shutil.copy(first.directory / "genesis", directory / "genesis")
    second = Node(directory / "b", "--listen", listen, "--genesis", genesis, discovers=True)

    def peers(node):
        return [peer["peer"] for peer in get(node.api + "/v1/peers")]

    for node, other in ((first, second), (second, first)):
        await_true(lambda: other.ready["peer"] in peers(node), 60, f"{node.directory} is connected to the other; {node.stderr_tail()}")
    height = first.status()["height"]
    await_true(lambda: second.status()["height"] > height, 60, "the second node follows the blocks of the first")
    # One that was away is found again.
    first.kill()
    first.start()
    await_true(lambda: second.ready["peer"] in peers(first), 60, "the two meet again after kill -9 of the first")
    second.stop()
    first.stop()


def check_a_node_that_is_started_again_without_addresses_finds_its_network(directory):
    first = Node(directory / "a", "--listen", LOOPBACK)
    second = Node(directory / "b", "--listen", LOOPBACK, "--join", first.ready["addresses"][0])

    def book(node):
        path = node.directory / "peers"
        return path.read_bytes() if path.exists() else b""

    def port(node):
        return int(node.ready["addresses"][0].split("/tcp/")[1].split("/")[0]).to_bytes(2, "big")

    def meet(node, other):
        await_true(lambda: other.ready["peer"] in [peer["peer"] for peer in get(node.api + "/v1/peers")], 60, f"they meet; {node.stderr_tail()}")
        height = first.status()["height"]
        await_true(lambda: second.status()["height"] > height, 60, "the second node follows the blocks of the first")
        for one, another in ((node, other), (other, node)):
            await_true(lambda: port(another) in book(one), 30, "each writes down where the other is")
            expect(stat.S_IMODE((one.directory / "peers").stat().st_mode) == 0o600, "others can read the addresses of peers")

    meet(second, first)
    place = second.arguments.index("--join")
    del second.arguments[place:place + 2]
    second.kill()
    second.start()
    meet(second, first)
    # The first one never called anybody; it knows who called.
    first.kill()
    first.start()
    meet(first, second)
    # A book that is none is told, and written anew.
    second.kill()
    (second.directory / "peers").write_bytes(b"\xff" * 1000)
    second.arguments += ["--join", first.ready["addresses"][0]]
    second.start()
    expect("collected anew" in second.stderr_tail(), second.stderr_tail())
    meet(second, first)
    second.stop()
    first.stop()
