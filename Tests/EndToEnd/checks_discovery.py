"""Nodes that nobody tells of each other."""
import shutil

import harness
import own_network
from harness import Node, await_true, expect, get


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
