"""Clients that are slow, rude, broken or gone.

Most may be treated as the server likes, as long as it stays whole. Those that only say something wrong, and
listen, must be told of it once and served as before.
"""
import asyncio
import contextlib
import json
import os
import socket
import struct
import uuid

from connections import (
    CLOSE,
    PING,
    HungUp,
    open_headers,
    open_lines,
    open_web_socket,
    reset_on_close,
    upgrade_request,
    web_socket_frame,
)
from processes import HANDSHAKE_SEC

INITIALIZE = '{"id":1,"method":"initialize","params":{"clientInfo":{"name":"bad","version":"1"}}}'
LIMITS = '{"id":2,"method":"account/rateLimits/read"}'
ACCOUNT = '{"id":3,"method":"account/read","params":{}}'
DISCOVER = '{"id":4,"method":"rpc.discover"}'
PATIENCE_SEC = 90
MIB = 1 << 20


@contextlib.asynccontextmanager
async def raw(place, receive_buffer=None):
    sock = await place.connect()
    try:
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        yield sock
    finally:
        sock.close()


def anywhere(world):
    return world.random.choice([world.server.tcp, world.server.unix])


async def send(sock, data):
    await asyncio.get_running_loop().sock_sendall(sock, data)


async def until_gone(sock, patience):
    """Reads until the server hangs up; whether it has."""

    async def read():
        while await asyncio.get_running_loop().sock_recv(sock, 65536):
            pass

    try:
        await asyncio.wait_for(read(), patience)
    except asyncio.TimeoutError:
        return False
    except OSError:
        pass
    return True


async def upgrade(sock):
    """A WebSocket, by hand."""
    await send(sock, upgrade_request())
    head = b""
    while b"\r\n\r\n" not in head:
        piece = await asyncio.get_running_loop().sock_recv(sock, 4096)
        if not piece:
            raise HungUp("no upgrade")
        head += piece


async def begin(world, place, sock):
    """The handshake in the way that the place wants; gives what makes a frame of a message."""
    if place.is_tcp or world.random.random() < 0.3:
        await upgrade(sock)
        frame = web_socket_frame
    else:

        def frame(data):
            return data + b"\n"

    await send(sock, frame(INITIALIZE.encode()))
    return frame


async def silent(world):
    """Connects and says nothing. Over TCP, where strangers come, it must be cut off."""
    place = anywhere(world)
    async with raw(place) as sock:
        gone = await until_gone(sock, HANDSHAKE_SEC + 15 if place.is_tcp else 8)
        if place.is_tcp and not gone:
            world.tally.wrong("a client that says nothing is not cut off")


async def slow_handshake(world):
    """A byte of the upgrade a second."""
    async with raw(world.server.tcp) as sock:
        for byte in upgrade_request()[: HANDSHAKE_SEC + 15]:
            await send(sock, bytes([byte]))
            await asyncio.sleep(1)
        world.tally.wrong("a client with a slow handshake is not cut off")


async def slow_frames(world):
    """A byte of a message a second, and leaves before its end."""
    place = anywhere(world)
    async with raw(place) as sock:
        frame = await begin(world, place, sock)
        for byte in frame(LIMITS.encode())[: world.random.randint(5, 20)]:
            await send(sock, bytes([byte]))
            await asyncio.sleep(1)


async def never_reads(world):
    """Asks and asks, reads nothing, and drops the connection."""
    place = anywhere(world)
    async with raw(place, receive_buffer=4096) as sock:
        frame = await begin(world, place, sock)
        texts = (LIMITS, ACCOUNT) * 20 + (DISCOVER,)
        many = b"".join(frame(text.encode()) for text in texts)
        try:
            for _ in range(200):
                await asyncio.wait_for(send(sock, many), 1)
        except asyncio.TimeoutError:
            pass
        await asyncio.sleep(1 + 2 * world.random.random())
        if world.random.random() < 0.5:
            reset_on_close(sock)


async def reads_slowly(world):
    """Asks for much, and reads a byte a second of it."""
    place = anywhere(world)
    async with raw(place, receive_buffer=4096) as sock:
        frame = await begin(world, place, sock)
        await send(sock, frame(DISCOVER.encode()) * 20)
        for _ in range(world.random.randint(3, 15)):
            await asyncio.get_running_loop().sock_recv(sock, 1)
            await asyncio.sleep(1)


async def floods(world):
    """Asks as fast as it can, with requests, batches or large messages, and reads the answers."""
    place = anywhere(world)
    async with raw(place) as sock:
        frame = await begin(world, place, sock)
        large = '{"id":3,"method":"account/read","params":{"pad":[' + "{}," * 300_000 + "1]}}"
        text, often = world.random.choice(
            [(ACCOUNT, 200), ("[" + ",".join([ACCOUNT] * 256) + "]", 2), (large, 1)]
        )
        many = frame(text.encode()) * often

        async def read():
            while await asyncio.get_running_loop().sock_recv(sock, 65536):
                pass

        async def ask():
            while True:
                await send(sock, many)

        async with asyncio.timeout(5):
            await asyncio.gather(read(), ask())


async def half_a_megabyte(world):
    """Begins a large message, and leaves it at that."""
    place = anywhere(world)
    async with raw(place) as sock:
        frame = await begin(world, place, sock)
        message = frame(b'{"id":1,"pad":"' + b"x" * 1_000_000 + b'"}')
        await send(sock, message[: world.random.randint(200_000, 900_000)])
        await until_gone(sock, 5)


async def garbage(world):
    """Random bytes from the first on, or after the handshake."""
    place = anywhere(world)
    async with raw(place) as sock:
        if world.random.random() < 0.5:
            await begin(world, place, sock)
        await send(sock, os.urandom(world.random.randint(1, 100_000)))
        await until_gone(sock, 1)


async def bad_frames(world):
    """What WebSocket forbids."""
    async with raw(world.server.tcp) as sock:
        await upgrade(sock)
        frames = [
            b"\x81\x05hello",  # not masked
            b"\xf1\x85aaaahello",  # reserved bits
            b"\x83\x80aaaa",  # a reserved opcode
            b"\x80\x85aaaahello",  # goes on with nothing
            b"\x09\x80aaaa",  # a control frame in parts
            b"\x89\xfe\x04\x00aaaa" + b"x" * 1024,  # a control frame that is too long
            b"\x81\xff" + b"\xff" * 8 + b"aaaa",  # 2^64 - 1 bytes are to come
            b"\x81\xff" + struct.pack("!Q", 1 << 62) + b"aaaa" + b"x" * 3000,
            web_socket_frame(b"\xff\xfe{}"),  # not UTF-8
            web_socket_frame(b"\xc3", final=False) + web_socket_frame(b"(", opcode=0),
            web_socket_frame(b"x", CLOSE),  # half a code
            web_socket_frame(struct.pack("!H", 5), CLOSE),  # a code that there is not
            web_socket_frame(b"{", final=False) + web_socket_frame(b"{"),  # begun twice
        ]
        await send(sock, world.random.choice(frames))
        await until_gone(sock, 2)


async def pings(world):
    """Pings without end, and reads none of the answers."""
    async with raw(world.server.tcp, receive_buffer=4096) as sock:
        await upgrade(sock)
        many = web_socket_frame(b"x" * 125, PING) * 100
        try:
            for _ in range(100):
                await asyncio.wait_for(send(sock, many), 1)
        except asyncio.TimeoutError:
            pass


async def http_nonsense(world):
    """Requests that are no upgrade, a query from a browser, headers without end."""
    host = b"Host: 127.0.0.1\r\n"
    probe = b"GET /readyz HTTP/1.1\r\n" + host
    requests = [
        (probe + b"Connection: close\r\n\r\n", b" 200 "),
        (b"GET / HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n", b" 400 "),
        (b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 9999\r\n\r\nabc", b" 405 "),
        (upgrade_request().replace(b"Host", b"Origin: http://x\r\nHost"), b" 403 "),
        (probe + b"X: " + b"y" * 100_000 + b"\r\n\r\n", b""),
        ((probe + b"\r\n") * 50, b" 200 "),
        (upgrade_request().replace(b"127.0.0.1", b"rebound.example"), b""),
        (b"GET / HTTP/9.9\r\n\r\n", b""),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b""),
    ]
    request, expected = world.random.choice(requests)
    async with raw(world.server.tcp) as sock:
        await send(sock, request)
        line = await asyncio.wait_for(
            asyncio.get_running_loop().sock_recv(sock, 65536), PATIENCE_SEC
        )
        if expected not in line.split(b"\r\n")[0]:
            world.tally.wrong(f"{request[:40]!r} is answered {line[:60]!r}")


async def in_the_middle(world):
    """Resets the connection with half a message sent, or with requests in flight."""
    place = anywhere(world)
    async with raw(place) as sock:
        frame = await begin(world, place, sock)
        requests = b"".join(frame(text.encode()) for text in (LIMITS, ACCOUNT) * 5)
        await send(sock, requests[: world.random.randint(1, len(requests))])
        await asyncio.sleep(world.random.random() * 0.2)
        reset_on_close(sock)


async def redeem_and_run(world):
    """Gone before the redemption is answered, which goes on all the same."""
    place = anywhere(world)
    async with raw(place) as sock:
        frame = await begin(world, place, sock)
        request = {
            "id": 9,
            "method": "account/rateLimitResetCredit/consume",
            "params": {"idempotencyKey": str(uuid.uuid4())},
        }
        await send(sock, frame(json.dumps(request).encode()))
        await asyncio.sleep(world.random.random() * 0.1)
        reset_on_close(sock)
    await asyncio.sleep(2)


async def half_closed(world):
    """Says that no more will come, in the middle of a message, and stays for a while."""
    place = anywhere(world)
    async with raw(place) as sock:
        if world.random.random() < 0.8:
            frame = await begin(world, place, sock)
            data = frame(LIMITS.encode()) * 3
            await send(sock, data[: world.random.randint(1, len(data))])
        sock.shutdown(socket.SHUT_WR)
        await until_gone(sock, 3)


async def many_short(world):
    """A crowd that comes and goes."""

    async def one():
        async with raw(anywhere(world)) as sock:
            if world.random.random() < 0.5:
                await send(sock, b"GET ")
            reset_on_close(sock)

    await asyncio.gather(*(one() for _ in range(20)), return_exceptions=True)


async def deaf_to_the_end(world):
    """Asks for much, says that no more will come, and never reads."""
    async with raw(world.server.unix, receive_buffer=4096) as sock:
        await send(sock, "\n".join([INITIALIZE, *[DISCOVER] * 20, ""]).encode())
        sock.shutdown(socket.SHUT_WR)
        await asyncio.sleep(2)


def wrong_messages(random):
    """Name, text, and the id of the error that it must be answered with."""
    big = random.randint(MIB + 1, 3 * MIB)
    many = random.randint(257, 3000)
    return [
        ("noise", "".join(random.choices("{}[]\",:x1 ", k=200)) + "{", None),
        ("a message that is too large", json.dumps({"id": 5, "method": "x" * big}), None),
        ("arrays in arrays", "[" * 100_000, None),
        ("deep params", '{"id":5,"method":"account/read","params":' + '{"a":' * 900, None),
        ("deep and well-formed", '{"id":5,"params":' + "[" * 900 + "]" * 900 + "}", None),
        ("a batch that is too large", "[" + ",".join([LIMITS] * many) + "]", None),
        ("an empty batch", "[]", None),
        ("a number", "5", None),
        ("a broken id", '{"id":{"a":1},"method":"account/read"}', None),
        ("a number that is too large for an id", '{"id":1e400,"method":"account/read"}', None),
        ("an unknown method", json.dumps({"id": "u", "method": "no/" * 500}), "u"),
        ("params of the wrong kind", '{"id":"p","method":"account/read","params":7}', "p"),
        ("initialize again", INITIALIZE.replace('"id":1', '"id":"again"'), "again"),
    ]


async def wrong_then_right(world):
    """Says something wrong: is told so once, and then served."""
    tcp, unix = world.server.tcp, world.server.unix
    ways = [
        ("WebSocket", open_web_socket, tcp),
        ("WebSocket on a Unix socket", open_web_socket, unix),
        ("lines", open_lines, unix),
        ("headers", open_headers, unix),
    ]
    way, open_link, place = world.random.choice(ways)
    wrong, text, expected = world.random.choice(wrong_messages(world.random))
    link = await open_link(place)
    try:
        await link.send(INITIALIZE)
        # Sent while the answers are read: the server stops reading when too many wait.
        sender = asyncio.create_task(send_wrong(world, link, way, text))
        errors = []
        try:
            async with asyncio.timeout(PATIENCE_SEC):
                while True:
                    answer = await link.receive()
                    if answer is None:
                        raise HungUp("the server ended the connection")
                    message = json.loads(answer)
                    if isinstance(message, list) or "method" in message or message["id"] == 1:
                        continue
                    if message["id"] == "after":
                        break
                    errors.append(message)
        finally:
            sender.cancel()
        if [(error["id"], "error" in error) for error in errors] != [(expected, True)]:
            world.tally.wrong(f"{way}, {wrong}: {len(errors)} answers: {str(errors)[:300]}")
        if "result" not in message:
            world.tally.wrong(f"{way}, after {wrong}: {str(message)[:300]}")
    except (OSError, HungUp, asyncio.IncompleteReadError, TimeoutError) as error:
        world.tally.wrong(f"{way}, after {wrong}: not served: {type(error).__name__}: {error}")
    finally:
        link.close()


async def send_wrong(world, link, way, text):
    data = text.encode()
    if way == "lines" and world.random.random() < 0.2 and not text.startswith(("{", "[")):
        data += b"\xff\xc3("  # not UTF-8
    if way.startswith("WebSocket") and len(data) > 1000 and world.random.random() < 0.5:
        third = len(data) // 3
        await link.send_bytes(web_socket_frame(data[:third], final=False))
        await link.send_bytes(web_socket_frame(data[third : 2 * third], opcode=0, final=False))
        await link.send_bytes(web_socket_frame(data[2 * third :], opcode=0))
    else:
        await link.send_bytes(link.frame(data))
    await link.send('{"id":"after","method":"account/read","params":{}}')


# How many of each are there at once, and the longest pause between two rounds, in seconds.
POPULATION = [
    (silent, 6, 0.1),
    (slow_handshake, 4, 0.1),
    (slow_frames, 6, 0.1),
    (never_reads, 3, 0.5),
    (reads_slowly, 3, 0.5),
    (floods, 1, 5),
    (half_a_megabyte, 4, 0.5),
    (garbage, 2, 0.5),
    (bad_frames, 2, 0.3),
    (pings, 1, 1),
    (http_nonsense, 2, 0.2),
    (in_the_middle, 4, 0.2),
    (redeem_and_run, 1, 2),
    (half_closed, 4, 0.2),
    (many_short, 1, 0.5),
    (deaf_to_the_end, 1, 1),
    (wrong_then_right, 4, 0.3),
]


async def again_and_again(world, behave, pause):
    name = behave.__name__.replace("_", " ")
    while not world.stopping.is_set():
        try:
            await behave(world)
        except (OSError, HungUp, asyncio.IncompleteReadError, asyncio.TimeoutError):
            pass  # as it deserves
        world.tally.misbehaved[name] += 1
        await asyncio.sleep(pause * world.random.random())


def all_of_them(world):
    for behave, count, pause in POPULATION:
        for _ in range(count):
            yield again_and_again(world, behave, pause)
