"""A file server that can break off, lie about lengths and serve a package index, on loopback."""
import hashlib
import http.server
import json
import struct
import threading


def small_model(filler=4096):
    """The bytes of a GGUF file (version 3) with one tensor: enough for the store, not for an answer."""

    def text(value):
        return struct.pack("<Q", len(value)) + value.encode()

    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 2)
    head += text("general.architecture") + struct.pack("<I", 8) + text("llama")
    head += text("llama.context_length") + struct.pack("<II", 4, 128)
    head += text("token_embd.weight") + struct.pack("<IQQIQ", 2, 32, filler, 0, 0)
    head += b"\0" * (-len(head) % 32)
    return head + bytes(index * 31 % 251 for index in range(32 * filler * 4))


class FileServer:
    """Serves `files`; each entry of `breaks` ends one answer after so many bytes."""

    def __init__(self, files, breaks=(), length=None, index=None):
        self.requests = []
        breaks = list(breaks)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.requests.append((self.path, self.headers.get("Range")))
                if index and self.path.startswith("/simple/"):
                    return self.answer(json.dumps(index(outer.address)).encode(), 200, {"Content-Type": "application/vnd.pypi.simple.v1+json"})
                body = files.get(self.path)
                if body is None:
                    return self.answer(b"no such file", 404, {})
                tag = '"%s"' % hashlib.sha256(body).hexdigest()[:16]
                start, wanted = 0, self.headers.get("Range")
                if wanted and self.headers.get("If-Range", tag) == tag:
                    start = int(wanted.removeprefix("bytes=").rstrip("-"))
                headers = {"ETag": tag, "Accept-Ranges": "bytes"}
                if start:
                    headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
                self.answer(body[start:], 206 if start else 200, headers, breaks.pop(0) if breaks else None)

            def answer(self, body, status, headers, cut=None):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(length or len(body)))
                self.end_headers()
                self.wfile.write(body if cut is None else body[:cut])
                if cut is not None or length:
                    self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
