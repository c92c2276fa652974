"""A network of its own for a check that speaks to everybody who listens: a namespace with one interface that can multicast.

Needs no rights where the system lets a user make namespaces. Elsewhere the check runs on the machine's own network.
"""
import os
import socket
import subprocess
import sys

INTERFACE = "ip link set lo up multicast on && ip addr add 10.77.0.1/24 dev lo && ip route add 224.0.0.0/4 dev lo"
MARK = "BANYAN_OWN_NETWORK"


def is_inside():
    return bool(os.environ.get(MARK))


def command(*arguments):
    """The command that runs `arguments` inside a new network; None when it is inside, or the system refuses."""
    prefix = ["unshare", "--map-root-user", "--net", "sh", "-c", INTERFACE + ' && exec "$@"', "sh"]
    if is_inside():
        return None
    try:
        if subprocess.run([*prefix, "true"], capture_output=True).returncode != 0:
            return None
    except FileNotFoundError:
        return None
    return [*prefix, "env", MARK + "=1", *arguments]


def address():
    """The IPv4 address from which multicast leaves; None when there is no way out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("224.0.0.251", 5353))
            found = probe.getsockname()[0]
        except OSError:
            return None
    return None if found.startswith("127.") or found == "0.0.0.0" else found


def again_inside(*arguments):
    """Runs this program anew inside a network of its own.

    Returns its output, or None when this process is where the check has to run.
    """
    inside = command(sys.executable, *sys.argv[:1], *map(str, arguments))
    if inside is None:
        return None
    done = subprocess.run(inside, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout
