"""A network whose other half is forty milliseconds away and loses packets."""
import contextlib
import json

import far_network
import harness
import own_network
from checks_inference import QUESTION
from checks_models import installed_model
from harness import Node, Skipped, await_true, banyan, expect, get


def check_answers_and_blocks_cross_a_long_link_that_loses_packets(directory):
    if lack := far_network.lack():
        raise Skipped(f"needs {lack}")
    inside = own_network.again_inside(harness.BANYAN, "answers_and_blocks_cross_a_long_link_that_loses_packets")
    if inside:
        expect(inside[0] == 0, f"inside its own network: {inside[1].strip()[-1500:]}")
        return
    model = installed_model()
    with contextlib.closing(far_network.FarNetwork(delay=0.020, loss=0.02)) as link:
        asker = Node(directory / "asker", "--listen", f"/ip4/{link.here}/tcp/0", "--models", model.parent)
        provider = Node(
            directory / "provider", "--listen", f"/ip4/{link.far}/tcp/0", "--join", asker.ready["addresses"][0], "--serve", model, "--models", model.parent,
            prefix=link.prefix)
        await_true(lambda: get(asker.api + "/v1/inference/providers"), 60, f"the asker knows the provider; {provider.stderr_tail()}")
        answers = []
        for number in range(6):
            if number == 3:
                link.cut()
            _, output, _ = banyan("ask", QUESTION, "--model", model.stem, "--tokens", 48, "--verify", "full", "--json", "--node", asker.api)
            answers.append(json.loads(output))
        expect(all(answer["tokens"] == answers[0]["tokens"] and "fault" not in answer["checked"] for answer in answers), f"{answers}")
        height = asker.status()["height"]

        def height_over_there():
            return json.loads(banyan("status", "--json", "--node", provider.api, prefix=link.prefix)[1])["height"]

        await_true(lambda: height_over_there() > height, 60, f"the provider follows the blocks of the other side; {provider.stderr_tail()}")
        expect(link.dropped > 0, "no packet was lost")
        provider.stop()
        asker.stop()
