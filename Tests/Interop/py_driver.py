"""Runs inside the virtual environment of py-libp2p: obeys lines of JSON on standard input, answers on standard output."""
import json
import logging
import os
import socket
import sys
import time
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import multiaddr
import trio
from libp2p import create_new_x25519_key_pair, new_host
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.custom_types import TProtocol
from libp2p.discovery.events.peerDiscovery import peerDiscovery
from libp2p.io.utils import read_exactly
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import info_from_p2p_addr
from libp2p.pubsub.gossipsub import GossipSub
from libp2p.pubsub.pubsub import Pubsub
from libp2p.security.noise.transport import PROTOCOL_ID as NOISE, Transport as Noise
from libp2p.stream_muxer.yamux.yamux import PROTOCOL_ID as YAMUX, Yamux
from libp2p.tools.anyio_service import background_trio_service

from encoding import identify_fields

PATIENCE = 20


def say(**entry):
    print(json.dumps(entry), flush=True)


def innermost(error):
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"


async def read_message(stream):
    length = shift = 0
    while True:
        byte = (await read_exactly(stream, 1))[0]
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            return await read_exactly(stream, length)
        shift += 7


class Driver:
    def __init__(self, host, pubsub, nursery):
        self.host, self.pubsub, self.nursery = host, pubsub, nursery

    async def open(self, peer, protocol):
        return await self.host.new_stream(ID.from_base58(peer), [TProtocol(protocol)])

    async def connect(self, address):
        await self.host.connect(info_from_p2p_addr(multiaddr.Multiaddr(address)))

    async def disconnect(self, peer):
        await self.host.disconnect(ID.from_base58(peer))

    async def peers(self):
        return [str(peer) for peer in self.host.get_connected_peers()]

    async def identify(self, peer):
        stream = await self.open(peer, "/ipfs/id/1.0.0")
        found = identify_fields(await read_message(stream))
        await stream.close()
        return found

    async def ping(self, peer, count):
        stream = await self.open(peer, "/ipfs/ping/1.0.0")
        times = []
        for _ in range(count):
            payload, start = os.urandom(32), time.perf_counter()
            await stream.write(payload)
            if await read_exactly(stream, 32) != payload:
                raise ValueError("other bytes came back")
            times.append(time.perf_counter() - start)
        await stream.close()
        return times

    async def echo(self, peer, size):
        """Writes, half-closes, and reads to the end: this implementation can do what p2pd's pipe cannot."""
        stream = await self.open(peer, "/echo/1.0.0")
        payload, back = os.urandom(size), bytearray()

        async def write():
            for start in range(0, size, 32768):
                await stream.write(payload[start:start + 32768])
            await stream.close_write()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(write)
            while True:
                try:
                    part = await stream.read(65536)
                except Exception:
                    part = b""
                if not part:
                    break
                back += part
        await stream.close()
        return bytes(back) == payload

    async def refuses(self, peer, protocol):
        try:
            await self.open(peer, protocol)
        except Exception:
            return True
        return False

    async def subscribe(self, topic):
        subscription = await self.pubsub.subscribe(topic)

        async def pump():
            while True:
                message = await subscription.get()
                say(author=str(ID(message.from_id)), data=message.data.hex())

        self.nursery.start_soon(pump)

    async def publish(self, topic, data):
        await self.pubsub.publish(topic, bytes.fromhex(data))

    async def discovered(self):
        """Ids of the peers heard of by mDNS."""
        return sorted(heard)

    async def topic_peers(self, topic):
        return [str(peer) for peer in self.pubsub.peer_topics.get(topic, ())]


heard = set()


async def main():
    ip = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
    discovers = "mdns" in sys.argv[2:]
    keys = create_new_key_pair()
    with socket.socket() as probe:
        probe.bind((ip, 0))
        port = probe.getsockname()[1]
    listen = [multiaddr.Multiaddr(f"/ip4/{ip}/tcp/{port}")]
    host = new_host(
        key_pair=keys, sec_opt={NOISE: Noise(keys, noise_privkey=create_new_x25519_key_pair().private_key)},
        muxer_opt={TProtocol(YAMUX): Yamux}, listen_addrs=listen, enable_mDNS=discovers)
    peerDiscovery.register_peer_discovered_handler(lambda found: heard.add(str(found.peer_id)))

    async def echo(stream):
        try:
            while part := await stream.read(65536):
                await stream.write(part)
        except Exception:
            pass
        await stream.close()

    host.set_stream_handler(TProtocol("/echo/1.0.0"), echo)
    router = GossipSub(
        protocols=[TProtocol("/meshsub/1.2.0"), TProtocol("/meshsub/1.1.0")], degree=6, degree_low=4, degree_high=12,
        heartbeat_interval=1)
    pubsub = Pubsub(host, router)
    async with host.run(listen_addrs=listen), trio.open_nursery() as nursery:
        async with background_trio_service(pubsub), background_trio_service(router):
            await pubsub.wait_until_ready()
            driver = Driver(host, pubsub, nursery)
            peer = str(host.get_id())
            say(peer=peer, address=f"/ip4/{ip}/tcp/{port}/p2p/{peer}")
            while line := await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True):
                request = json.loads(line)
                try:
                    with trio.fail_after(PATIENCE):
                        say(value=await getattr(driver, request.pop("do"))(**request))
                except Exception as error:
                    say(error=innermost(error))
            nursery.cancel_scope.cancel()


trio.run(main)
