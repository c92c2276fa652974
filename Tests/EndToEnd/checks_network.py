"""Networks of nodes started by hand, and the commands that speak to them."""
import json
import os
import socket

from harness import Node, await_true, banyan, expect, get

LOOPBACK = "/ip4/127.0.0.1/tcp/0"


def tool(node, *arguments, **options):
    return banyan(*arguments, "--node", node.api, "--data", node.directory, **options)


def check_a_fresh_node_makes_blocks_and_ends_in_good_order(directory):
    node = Node(directory / "a", "--listen", LOOPBACK)
    await_true(lambda: node.status()["height"] >= 3, 60, "three blocks")
    status = node.status()
    expect(status["isValidator"] and status["supply"]["conserved"], f"status: {status}")
    node.stop()
    before = status["height"]
    node.start()
    await_true(lambda: node.status()["height"] > before, 60, "blocks after the restart")
    expect(node.status()["genesis"] == status["genesis"], "the restart made another network")
    node.stop()


def check_a_second_node_joins_receives_money_and_proves_its_balance(directory):
    first = Node(directory / "a", "--listen", LOOPBACK)
    await_true(lambda: first.status()["height"] >= 2, 60, "two blocks")
    second = Node(directory / "b", "--listen", LOOPBACK, "--join", first.ready["addresses"][0])
    await_true(lambda: second.status()["height"] >= first.status()["height"] - 2, 60, "the second node catches up")
    account = second.ready["account"]
    _, output, _ = tool(first, "send", account, "12.5", "--json")
    report = json.loads(output)
    expect(report["outcome"] == "committed", output)
    await_true(lambda: second.status()["height"] >= report["height"], 60, "the second node has the block")

    def balance():
        return int(get(f"{second.api}/v1/accounts/{account}")["balance"])

    # The second node then registers its key and pays the fee of 1,000 seeds.
    await_true(lambda: balance() == 12_499_999_000, 60, "12.5 FIG less a fee at the second node")

    proof = directory / "proof"
    tool(second, "proof", "account", account, "--output", proof)
    genesis = second.directory / "genesis"
    _, output, _ = banyan("proof", "verify", proof, "--genesis", genesis, "--json")
    expect(json.loads(output)["account"]["balance"] == "12499999000", output)
    forged = bytearray(proof.read_bytes())
    forged[len(forged) // 2] ^= 1
    (directory / "forged").write_bytes(forged)
    code, _, _ = banyan("proof", "verify", directory / "forged", "--genesis", genesis, check=False)
    expect(code != 0, "a forged proof passed")
    stranger = Node(directory / "c", "--listen", LOOPBACK)
    code, _, _ = banyan("proof", "verify", proof, "--genesis", stranger.directory / "genesis", check=False)
    expect(code != 0, "a proof passed for a foreign network")
    stranger.stop()

    code, _, error = tool(second, "send", account, "1000000", check=False)
    expect(code != 0 and "balance is 12.499999" in error and "1000000 FIG" in error, f"overdraft: {code} {error}")
    code, _, error = tool(second, "send", "ban1nonsense", "1", check=False)
    expect(code != 0 and "ban1nonsense" in error, f"bad account: {code} {error}")
    # The overdraft was refused at once and cost nothing.
    second.kill()
    second.start()
    expect(balance() == 12_499_999_000, f"after kill -9 the balance is {balance()}")
    second.stop()
    first.stop()


def check_hostile_bytes_do_not_disturb_a_node(directory):
    node = Node(directory / "a", "--listen", LOOPBACK)
    port = int(node.ready["addresses"][0].split("/tcp/")[1].split("/")[0])
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(50)]
    for garbage in (b"GET / HTTP/1.1\r\n\r\n", os.urandom(100_000), b"\xff" * 1000, b"\x13/multistream/1.0.0\n\xff\xff\x7f"):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            try:
                connection.sendall(garbage)
            except OSError:
                pass
    before = node.status()["height"]
    await_true(lambda: node.status()["height"] > before + 1, 60, "blocks after hostile bytes")
    for connection in silent:
        connection.close()
    get(node.api + "/v1/blocks/abc", expected=400)
    get(node.api + "/v1/blocks/999999", expected=404)
    get(node.api + "/v1/nothing", expected=404)
    get(node.api + "/v1/status", expected=403, headers={"Host": "evil.example"})
    get(node.api + "/v1/status", expected=403, headers={"Origin": "http://evil.example"})
    node.stop()


def check_wrong_settings_are_named(directory):
    for arguments, word in (
        (["up", "--api", "nonsense"], "nonsense"),
        (["up", "--api", "0.0.0.0:0", "--data", directory / "x"], "token"),
        (["up", "--listen", "/ip4/999.0.0.1/tcp/1"], "999.0.0.1"),
        (["up", "--log-level", "loud"], "loud"),
        (["status", "--node", "http://127.0.0.1:1"], "127.0.0.1:1"),
    ):
        code, _, error = banyan(*arguments, check=False)
        expect(code != 0 and word in error, f"banyan {arguments}: {code} {error}")
    settings = directory / "banyan.yaml"
    settings.write_text("nmae: attic\n")
    code, _, error = banyan("up", "--config", settings, check=False)
    expect(code != 0 and "nmae" in error, f"unknown setting: {error}")


def check_two_processes_never_share_a_data_directory(directory):
    node = Node(directory / "a", "--listen", LOOPBACK)
    code, _, error = banyan("up", "--data", node.directory, "--api", "127.0.0.1:0", "--listen", LOOPBACK, check=False)
    expect(code != 0 and str(node.process.pid) in error, f"a second process: {code} {error}")
    node.stop()
