"""A go-libp2p node: the daemon p2pd, driven over its control socket (one protobuf request a connection)."""
import os
import queue
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from encoding import (address_bytes, address_text, base58, fields, identify_fields, message, split_address, unbase58,
                      varint)

IDENTIFY, CONNECT, STREAM_OPEN, LIST_PEERS, DISCONNECT, PUBSUB = 0, 1, 2, 5, 7, 8
PUBSUB_PEERS, PUBSUB_PUBLISH, PUBSUB_SUBSCRIBE = 1, 2, 3
PATIENCE = 20  # Seconds that any single answer may take.


class Failed(Exception):
    pass


class Pipe:
    """A unix socket that carries messages with a varint length, and raw bytes after them."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)

    def read(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(min(count - len(data), 1 << 18))
            if not part:
                raise Failed(f"the stream ended {count - len(data)} bytes early")
            data += part
        return data

    def read_message(self):
        length = shift = 0
        while True:
            byte = self.read(1)[0]
            length |= (byte & 0x7F) << shift
            if byte < 0x80:
                return self.read(length)
            shift += 7

    def write_message(self, data):
        self.socket.sendall(varint(len(data)) + data)

    def close(self):
        self.socket.close()


class GoPeer:
    name = "go-libp2p"

    def __init__(self, program):
        self.directory = tempfile.mkdtemp(prefix="banyan-go-")
        self.control = os.path.join(self.directory, "control")
        self.messages = queue.Queue()
        command = [program, "-listen", "/unix" + self.control, "-hostAddrs", "/ip4/127.0.0.1/tcp/0", "-pubsub"]
        log = open(os.path.join(self.directory, "log"), "wb")
        self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                own = fields(self.ask((1, IDENTIFY))[4][0])
                break
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise Failed("p2pd did not start")
                time.sleep(0.05)
        self.peer = base58(own[1][0])
        path = next(text for text in map(address_text, own[2]) if text)
        self.address = f"{path}/p2p/{self.peer}"

    def request(self, *request):
        pipe = Pipe(self.control)
        pipe.write_message(message(*request))
        answer = fields(pipe.read_message())
        if answer.get(1, [0])[0] != 0:
            pipe.close()
            raise Failed(fields(answer[2][0])[1][0].decode() if 2 in answer else "refused")
        return answer, pipe

    def ask(self, *request):
        answer, pipe = self.request(*request)
        pipe.close()
        return answer

    def connect(self, address):
        path, peer = split_address(address)
        target = message((1, unbase58(peer)), (2, address_bytes(path)), (3, PATIENCE))
        self.ask((1, CONNECT), (2, target))

    def disconnect(self, peer):
        self.ask((1, DISCONNECT), (7, message((1, unbase58(peer)))))

    def peers(self):
        return [base58(fields(raw)[1][0]) for raw in self.ask((1, LIST_PEERS)).get(6, [])]

    def open(self, peer, protocol):
        _, pipe = self.request((1, STREAM_OPEN), (3, message((1, unbase58(peer)), (2, protocol), (3, PATIENCE))))
        return pipe

    def identify(self, peer):
        pipe = self.open(peer, "/ipfs/id/1.0.0")
        try:
            return identify_fields(pipe.read_message())
        finally:
            pipe.close()

    def ping(self, peer, count):
        pipe = self.open(peer, "/ipfs/ping/1.0.0")
        times = []
        for _ in range(count):
            payload, start = os.urandom(32), time.perf_counter()
            pipe.socket.sendall(payload)
            if pipe.read(32) != payload:
                raise Failed("other bytes came back")
            times.append(time.perf_counter() - start)
        pipe.close()
        return times

    def echo(self, peer, size):
        pipe = self.open(peer, "/echo/1.0.0")
        payload = os.urandom(size)
        writer = threading.Thread(target=pipe.socket.sendall, args=(payload,))
        writer.start()
        back = pipe.read(size)
        writer.join()
        pipe.close()
        return back == payload

    def refuses(self, peer, protocol):
        """Whether the peer turns the protocol down."""
        try:
            pipe = self.open(peer, protocol)
            pipe.read(1)
        except Failed:
            return True
        return False

    def subscribe(self, topic):
        _, pipe = self.request((1, PUBSUB), (8, message((1, PUBSUB_SUBSCRIBE), (2, topic))))
        pipe.socket.settimeout(None)

        def pump():
            try:
                while True:
                    found = fields(pipe.read_message())
                    self.messages.put((base58(found[1][0]), found.get(2, [b""])[0]))
            except (OSError, Failed):
                pass

        threading.Thread(target=pump, daemon=True).start()

    def publish(self, topic, data):
        self.ask((1, PUBSUB), (8, message((1, PUBSUB_PUBLISH), (2, topic), (3, data))))

    def topic_peers(self, topic):
        answer = self.ask((1, PUBSUB), (8, message((1, PUBSUB_PEERS), (2, topic))))
        return [base58(raw) for raw in fields(answer[7][0]).get(2, [])] if 7 in answer else []

    def next_message(self, patience):
        """(author, content) of the next message; None when none comes."""
        try:
            return self.messages.get(timeout=patience)
        except queue.Empty:
            return None

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.directory, ignore_errors=True)
