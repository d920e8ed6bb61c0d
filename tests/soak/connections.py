"""Ways to a server: WebSocket, JSON lines and Content-Length headers, over sockets and pipes.

Each link has `send` for a message, `receive` for the next one (None when the server has properly said that
no more will come), `end` to say so oneself, and `close`.
"""
import asyncio
import base64
import hashlib
import os
import socket
import struct

MAX_BUFFER = 64 << 20
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class HungUp(Exception):
    """The server has ended the connection in the middle of something."""


class Place:
    """Where a listener is."""

    def __init__(self, family, address):
        self.family = family
        self.address = address

    @property
    def is_tcp(self):
        return self.family == socket.AF_INET

    async def connect(self):
        sock = socket.socket(self.family, socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(sock, self.address)
        except BaseException:
            sock.close()
            raise
        return sock

    async def streams(self):
        return await asyncio.open_connection(sock=await self.connect(), limit=MAX_BUFFER)


def reset_on_close(sock):
    """Closing will send a reset in place of a farewell."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def upgrade_request(key="c29hay10ZXN0LTEyMzQ1Ng=="):
    return (
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def mask(data, key):
    if not data:
        return b""
    keys = (key * (len(data) // 4 + 1))[: len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(keys, "big")).to_bytes(len(data), "big")


def web_socket_frame(data, opcode=TEXT, final=True):
    length = len(data)
    if length < 126:
        head = struct.pack("!BB", opcode | (0x80 if final else 0), 0x80 | length)
    elif length < 65536:
        head = struct.pack("!BBH", opcode | (0x80 if final else 0), 0x80 | 126, length)
    else:
        head = struct.pack("!BBQ", opcode | (0x80 if final else 0), 0x80 | 127, length)
    key = os.urandom(4)
    return head + key + mask(data, key)


def abort(writer):
    if not writer.transport.is_closing():  # a pipe's cannot be closed twice
        writer.transport.abort()


class Link:
    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer

    async def send(self, text):
        self.writer.write(self.frame(text.encode()))
        await self.writer.drain()

    async def send_bytes(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def end(self):
        if self.writer.can_write_eof():
            self.writer.write_eof()
        else:
            self.writer.close()

    def close(self):
        abort(self.writer)


class LineLink(Link):
    @staticmethod
    def frame(data):
        return data + b"\n"

    async def receive(self):
        line = await self.reader.readline()
        if line and not line.endswith(b"\n"):
            raise HungUp("the connection ended inside a line")
        return line.decode() if line else None


class HeaderLink(Link):
    @staticmethod
    def frame(data):
        return b"Content-Length: %d\r\n\r\n%b" % (len(data), data)

    async def receive(self):
        length = None
        while True:
            line = await self.reader.readline()
            if not line and length is None:
                return None
            if not line.endswith(b"\n"):
                raise HungUp("the connection ended inside a header")
            if line.strip():
                name, value = line.split(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            elif length is not None:
                return (await self.reader.readexactly(length)).decode()


class WebSocketLink(Link):
    @staticmethod
    def frame(data):
        return web_socket_frame(data)

    async def upgrade(self):
        key = base64.b64encode(os.urandom(16)).decode()
        await self.send_bytes(upgrade_request(key))
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        told = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        if not head.startswith("HTTP/1.1 101 ") or base64.b64encode(told).decode() not in head:
            raise HungUp("no upgrade: " + head.splitlines()[0])

    async def receive(self):
        message = b""
        while True:
            first, second = await self.reader.readexactly(2)
            length = second & 0x7F
            if length == 126:
                (length,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
            if second & 0x80:
                raise HungUp("the server masks its frames")
            data = await self.reader.readexactly(length)
            opcode = first & 0x0F
            if opcode == CLOSE:
                return None
            if opcode == PING:
                await self.send_bytes(web_socket_frame(data, PONG))
            elif opcode != PONG:
                message += data
                if first & 0x80:
                    return message.decode()

    async def end(self):
        await self.send_bytes(web_socket_frame(struct.pack("!H", 1000), CLOSE))


async def open_lines(place):
    return LineLink(*await place.streams())


async def open_headers(place):
    return HeaderLink(*await place.streams())


async def open_web_socket(place):
    link = WebSocketLink(*await place.streams())
    try:
        await link.upgrade()
    except BaseException:
        link.close()
        raise
    return link
