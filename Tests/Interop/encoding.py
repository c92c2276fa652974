"""The few encodings the checks need: varints, protobuf fields, base58, and addresses of the form /ip4/…/tcp/…/p2p/…"""

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def take_varint(data, at):
    """The number at `at` and the place behind it."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7


def message(*fields):
    """A protobuf message of (number, value) pairs; lists repeat a field, None leaves it out."""
    out = b""
    for number, value in fields:
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, int):
                out += varint(number << 3) + varint(entry)
            elif entry is not None:
                raw = entry.encode() if isinstance(entry, str) else entry
                out += varint(number << 3 | 2) + varint(len(raw)) + raw
    return out


def fields(data):
    """{number: [values]} of a protobuf message; the fixed widths do not occur here."""
    found, at = {}, 0
    while at < len(data):
        tag, at = take_varint(data, at)
        value, at = take_varint(data, at)
        if tag & 7 == 2:
            value, at = data[at:at + value], at + value
        elif tag & 7 != 0:
            raise ValueError(f"wire type {tag & 7}")
        found.setdefault(tag >> 3, []).append(value)
    return found


def base58(data):
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def unbase58(text):
    number = 0
    for letter in text:
        number = number * 58 + ALPHABET.index(letter)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def split_address(text):
    """('/ip4/…/tcp/…', peer id) of an address that ends with /p2p/…"""
    path, _, peer = text.rpartition("/p2p/")
    return path, peer


def address_bytes(path):
    _, kind, host, transport, port = path.split("/")
    if (kind, transport) != ("ip4", "tcp"):
        raise ValueError(path)
    return b"\x04" + bytes(map(int, host.split("."))) + b"\x06" + int(port).to_bytes(2, "big")


def address_text(data):
    """The text of an IPv4 and TCP address; None for any other."""
    if len(data) != 8 or data[0] != 4 or data[5] != 6:
        return None
    return "/ip4/" + ".".join(map(str, data[1:5])) + f"/tcp/{int.from_bytes(data[6:8], 'big')}"


def identify_fields(data):
    found = fields(data)
    text = lambda number: found.get(number, [b""])[0].decode()
    return {
        "key": found.get(1, [b""])[0].hex(), "listens": [address_text(raw) for raw in found.get(2, [])],
        "protocols": [raw.decode() for raw in found.get(3, [])], "observed": address_text(found.get(4, [b""])[0]),
        "version": text(5), "agent": text(6), "record": found.get(8, [b""])[0].hex(),
    }
