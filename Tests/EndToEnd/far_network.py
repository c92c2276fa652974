"""A network that is far away: a link that holds every IP packet back, and can lose some, as netem does where the kernel has it.

The other end is a namespace of its own. A TUN interface stands at each end, and a thread carries packets between them; TCP is the kernel's at both
ends, so connecting, acknowledging and sending again take the round trips that they take.
"""
import collections
import fcntl
import os
import random
import select
import struct
import subprocess
import threading
import time

import own_network

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
NAMES = ("here", "far")
TCP, SYN = 6, 2


def lack():
    """What this machine lacks to have one; None when it lacks nothing."""
    if own_network.is_inside():
        return None
    tried = own_network.command("ip", "tuntap", "add", "probe", "mode", "tun")
    if tried is None:
        return "network namespaces (unshare --map-root-user --net)"
    done = subprocess.run(tried, capture_output=True, text=True)
    return None if done.returncode == 0 else f"TUN interfaces (ip tuntap: {done.stderr.strip()})"


class FarNetwork:
    """This network has the address `here`, the other one `far`; `prefix` runs a command over there. Needs to be inside an `own_network`."""

    here, far = "10.78.0.1", "10.78.0.2"

    def __init__(self, delay, loss=0.0, seed=1):
        """`delay`: seconds, each way. `loss`: share of packets."""
        self.delay, self.loss, self.random, self.dropped = delay, loss, random.Random(seed), 0
        self.latest, self.flights = set(), []
        hold = ["unshare", "--net", "sh", "-c", "ip link set lo up && echo ready && exec cat"]
        self.holder = subprocess.Popen(hold, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if not self.holder.stdout.readline():
            raise OSError("the system refuses a second network namespace (unshare --net)")
        self.prefix = ("nsenter", f"--net=/proc/{self.holder.pid}/ns/net")
        self.ends = [tunnel(name) for name in NAMES]
        ip("link", "set", NAMES[1], "netns", self.holder.pid)
        for name, address, other, prefix in zip(NAMES, (self.here, self.far), (self.far, self.here), ((), self.prefix)):
            ip("addr", "add", address, "peer", other, "dev", name, prefix=prefix)
            ip("link", "set", name, "up", prefix=prefix)
        self.wake = os.pipe()
        self.carrier = threading.Thread(target=self.carry, daemon=True)
        self.carrier.start()

    def carry(self):
        """Packets in the order they came, each when its time has come."""
        under_way, (here, far), stop = collections.deque(), self.ends, self.wake[0]
        while True:
            wait = max(0, under_way[0][0] - time.monotonic()) if under_way else None
            readable, _, _ = select.select([here, far, stop], [], [], wait)
            if stop in readable:
                return
            for end in readable:
                packet = os.read(end, 1 << 16)
                if self.random.random() < self.loss:
                    self.dropped += 1
                    continue
                self.note(packet, "dialler" if end == here else "listener")
                under_way.append((time.monotonic() + self.delay, far if end == here else here, packet))
            while under_way and under_way[0][0] <= time.monotonic():
                _, end, packet = under_way.popleft()
                os.write(end, packet)

    def note(self, packet, side):
        """What the two sides of the connection that was made last have said in turn."""
        if packet[0] >> 4 != 4 or packet[9] != TCP:
            return
        header = 4 * (packet[0] & 15)
        ports, flags = {packet[header:header + 2], packet[header + 2:header + 4]}, packet[header + 13]
        said = "SYN" if flags & SYN else len(packet) - header - 4 * (packet[header + 12] >> 4)
        if side == "dialler" and said == "SYN":
            self.latest, self.flights = ports, []
        if ports != self.latest or not said:
            return
        if self.flights and self.flights[-1][0] == side and "SYN" not in (said, self.flights[-1][1]):
            self.flights[-1][1] += said
        else:
            self.flights.append([side, said])

    def cut(self):
        """Resets every connection over the link."""
        subprocess.run(["ss", "--kill", "dst", self.far], check=True, capture_output=True)

    def close(self):
        os.write(self.wake[1], b"0")
        self.carrier.join()
        self.holder.stdin.close()
        self.holder.wait()
        for end in (*self.ends, *self.wake):
            os.close(end)


def tunnel(name):
    end = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return end


def ip(*arguments, prefix=()):
    done = subprocess.run([*prefix, "ip", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(f"ip {' '.join(map(str, arguments))}: {done.stderr.strip()}")
