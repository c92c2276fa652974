"""A py-libp2p node: `py_driver.py` in its own virtual environment, told what to do by lines of JSON."""
import json
import os
import queue
import subprocess
import threading

from go_peer import PATIENCE, Failed


class PyPeer:
    name = "py-libp2p"

    def __init__(self, python, *arguments):
        """`arguments`: the address to listen on, and "mdns" to discover peers."""
        driver = os.path.join(os.path.dirname(os.path.abspath(__file__)), "py_driver.py")
        self.process = subprocess.Popen(
            [python, driver, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.answers, self.messages = queue.Queue(), queue.Queue()
        threading.Thread(target=self.pump, daemon=True).start()
        started = self.answer(60)
        self.peer, self.address = started["peer"], started["address"]

    def pump(self):
        for line in self.process.stdout:
            entry = json.loads(line)
            if "author" in entry:
                self.messages.put((entry["author"], bytes.fromhex(entry["data"])))
            else:
                self.answers.put(entry)
        self.answers.put({"error": "py-libp2p ended"})

    def answer(self, patience):
        try:
            entry = self.answers.get(timeout=patience)
        except queue.Empty:
            raise Failed("py-libp2p does not answer") from None
        if "error" in entry:
            raise Failed(entry["error"])
        return entry.get("value", entry)

    def ask(self, do, **arguments):
        self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self.process.stdin.flush()
        return self.answer(2 * PATIENCE)

    def connect(self, address):
        self.ask("connect", address=address)

    def disconnect(self, peer):
        self.ask("disconnect", peer=peer)

    def peers(self):
        return self.ask("peers")

    def identify(self, peer):
        return self.ask("identify", peer=peer)

    def ping(self, peer, count):
        return self.ask("ping", peer=peer, count=count)

    def echo(self, peer, size):
        return self.ask("echo", peer=peer, size=size)

    def refuses(self, peer, protocol):
        return self.ask("refuses", peer=peer, protocol=protocol)

    def subscribe(self, topic):
        self.ask("subscribe", topic=topic)

    def publish(self, topic, data):
        self.ask("publish", topic=topic, data=data.hex())

    def discovered(self):
        return self.ask("discovered")

    def topic_peers(self, topic):
        return self.ask("topic_peers", topic=topic)

    def next_message(self, patience):
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
