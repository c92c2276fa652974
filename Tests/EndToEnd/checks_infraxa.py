"""A router of the older protocol /infraxa/inference/1.0.0, with its own hashing, asks and audits a provider."""
import base64
import hashlib
import hmac
import json
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parent.parent / "Interop"))
from checks_hostile import P2PD
from checks_inference import Village
from encoding import split_address
from go_peer import GoPeer
from harness import banyan, expect
from random_model import random_model

PROTOCOL = "/infraxa/inference/1.0.0"
VECTORS = pathlib.Path(__file__).resolve().parent.parent.parent / "Fixtures/infraxa/poi.json"


def digest(value):
    """SHA-256 as that protocol takes it: texts and bytes as they are, everything else as sorted JSON."""
    if not isinstance(value, bytes):
        value = (value if isinstance(value, str) else json.dumps(value, sort_keys=True)).encode()
    return hashlib.sha256(value).hexdigest()


def drawn(seed, total, count):
    """Steps to challenge."""
    steps, counter = set(), 0
    while len(steps) < min(count, total):
        steps.add(int.from_bytes(hmac.new(seed.encode(), str(counter).encode(), hashlib.sha256).digest()[:4], "big") % total)
        counter += 1
    return sorted(steps)


def root_of(proof, tokens, prompt, nonce):
    """The root that one step's proof leads to."""
    step = proof["t"]
    logits = digest(base64.b64decode(proof["logits_q"]))
    node = digest({"step": step, "input_hash": proof["prestate_hash"], "logits_hash": logits, "token": proof["next_token"], "nonce": nonce})
    expect(proof["prestate_hash"] == digest(prompt + tokens[:step] + [nonce]), f"step {step} is of another prompt")
    for other, side in proof["auth_path"]:
        node = digest(f"{other}|{node}" if side == "left" else f"{node}|{other}")
    return node


def check_a_router_of_the_older_protocol_asks_and_audits(directory):
    vectors = json.loads(VECTORS.read_text())
    for case in vectors["audit_indices"]:
        expect(drawn(case["seed"], case["total"], case["k"]) == case["idx"], f"the router of this check draws otherwise: {case}")
    for case in vectors["should_audit"]:
        expect(int(digest("audit:" + case["nonce"])[:8], 16) / 2**32 == case["audit_value"], f"{case}")
    sample = vectors["sig_hmac"]
    expect(hmac.new(sample["key"].encode(), sample["message"].encode(), hashlib.sha256).hexdigest() == sample["sig"], "the signed text")

    model = directory / "models/random.gguf"
    model.parent.mkdir()
    model.write_bytes(random_model())
    village = Village(directory, [], model=model)
    address = village.providers[0].ready["addresses"][0]
    _, target = split_address(address)
    _, output, _ = banyan("generate", "--model", model, "--chat", "--prompt", "figs", "--tokens", 11, "--mode", "int8", "--json")
    alone = json.loads(output)
    peer = GoPeer(str(P2PD))
    try:
        peer.connect(address)

        def say(value):
            pipe = peer.open(target, PROTOCOL)
            pipe.socket.sendall(value if isinstance(value, bytes) else json.dumps(value).encode())
            data = b""
            while part := pipe.socket.recv(1 << 16):
                data += part
            pipe.close()
            return json.loads(data)

        found = say({"type": "PROVIDER_QUERY", "model": "random"})["providers"]
        expect([entry["peer_id"] for entry in found] == [target], f"providers: {found}")
        asked = {
            "type": "INFERENCE_REQUEST", "job_id": "job-1", "model": "random", "prompt": {"messages": [{"role": "user", "content": "figs"}]},
            "determinism": {"temperature": 0, "max_tokens": 11, "top_p": 1.0, "min_p": 0.0, "top_k": 0},
            "verification_mode": "merkle", "nonce": "nonce"}
        answer = say(asked)
        expect(answer["type"] == "INFERENCE_RESPONSE" and answer["job_id"] == "job-1", f"{answer}")
        tokens, data = answer["output_tokens"], answer["proof_data"]
        expect(tokens == alone["ids"], f"another answer than alone: {tokens}")
        expect(answer["output_hash"] == digest(tokens) and data["nonce"] == "nonce" and data["total_steps"] == len(tokens), f"{answer}")
        (directory / "receipt").write_bytes(bytes.fromhex(data["receipt"]))
        _, output, _ = banyan("receipt", "verify", directory / "receipt", "--model", model, "--json")
        expect("fault" not in json.loads(output), output)

        steps = drawn("nonce:job-1", len(tokens), 3)
        for challenge in (steps, [len(tokens) - 1]):
            proof = say({"type": "AUDIT_CHALLENGE", "job_id": "job-1", "challenge_steps": challenge, "vrf_proof": "nonce:job-1"})
            expect([step["t"] for step in proof["proofs"]] == challenge, f"{str(proof)[:300]}")
            for step in proof["proofs"]:
                expect(step["next_token"] == tokens[step["t"]], "a proof for another token")
                expect(root_of(step, tokens, alone["promptIDs"], "nonce") == answer["transcript_root"], f"step {step['t']} leads to another root")
        for wrong, code in (
            ({"type": "AUDIT_CHALLENGE", "job_id": "job-2", "challenge_steps": [0]}, "JOB_NOT_FOUND"),
            ({"type": "AUDIT_CHALLENGE", "job_id": "job-1", "challenge_steps": [len(tokens)]}, "AUDIT_FAILED"),
            ({**asked, "verification_mode": "zk_snark"}, "INFERENCE_FAILED"), ({**asked, "model": "nosuch"}, "INFERENCE_FAILED"),
            ({"type": "GREETING"}, "UNKNOWN_MESSAGE"), (b'{"type": "INFERENCE_REQUEST"}', "UNKNOWN_MESSAGE"), (b'{"a": 1]', "UNKNOWN_MESSAGE"),
        ):
            reply = say(wrong)
            expect(reply["type"] == "ERROR" and reply["error_code"] == code, f"{wrong}: {reply}")
    finally:
        peer.stop()
    village.stop()
