"""Clients that do as they should, and hold the server to it: one answer to each request, of its shape."""
import asyncio
import collections
import json
import time
import uuid

from connections import HungUp, open_headers, open_lines, open_web_socket
from processes import EMAIL, THREAD

ANSWER_SEC = 90
INITIALIZE = "initialize"
ACCOUNT = "account/read"
LIMITS = "account/rateLimits/read"
USAGE = "account/usage/read"
CONSUME = "account/rateLimitResetCredit/consume"
REDEMPTIONS = "account/rateLimitResetCredit/list"
# What a faulty service may lead to. Whatever else a well-formed request is answered with is a violation.
EXPECTED_ERRORS = {
    "rateLimited",
    "backendStatus",
    "backendUnreachable",
    "backendPayload",
    "timeout",
}
# What each result must hold, and what the answers may not depend on the service for.
MEMBERS = {
    INITIALIZE: "userAgent",
    ACCOUNT: "account",
    LIMITS: "rateLimits",
    USAGE: "dailyUsageBuckets",
    CONSUME: "outcome",
    REDEMPTIONS: "redemptions",
    "getAuthStatus": "authMethod",
    "rpc.discover": "methods",
}
LOCAL = {INITIALIZE, ACCOUNT, REDEMPTIONS, "getAuthStatus", "rpc.discover"}


class Tally:
    """What was asked, what came, and what was wrong."""

    def __init__(self):
        self.requests = collections.Counter()  # by method
        self.answers = collections.Counter()  # "result", or the kind of the error
        self.outcomes = collections.Counter()  # of redemptions
        self.notifications = collections.Counter()
        self.connections = collections.Counter()  # by kind of client
        self.misbehaved = collections.Counter()  # rounds of bad clients
        self.slowest = (0.0, "")
        self.violations = {}  # what was wrong, how often, during which of the faults
        self.phase = ""

    def wrong(self, what):
        if what in self.violations or len(self.violations) < 100:
            self.violations.setdefault(what, collections.Counter())[self.phase] += 1

    def violations_in_all(self):
        return sum(sum(phases.values()) for phases in self.violations.values())

    def requests_in_all(self):
        return sum(self.requests.values())

    def answers_in_all(self):
        return sum(self.answers.values())


class Conversation:
    """A client's side of a connection. Nothing that it asks may be lost, or answered twice."""

    def __init__(self, link, client, tally, v2):
        self.link = link
        self.client = client
        self.tally = tally
        self.v2 = v2
        self.waiting = {}  # by id: method, when it was asked, its batch, what waits for the answer
        self.last_id = 0
        self.is_ending = False
        self.listener = asyncio.create_task(self.listen())
        tally.connections[client] += 1

    def wrong(self, what):
        self.tally.wrong(f"{self.client}: {what}")

    async def listen(self):
        how = "the server ended the connection"
        try:
            while (text := await self.link.receive()) is not None:
                message = json.loads(text)
                if isinstance(message, list):
                    batches = {self.take(one, in_batch=True) for one in message}
                    if len(batches) != 1:
                        self.wrong("an array with answers of several batches")
                    elif None not in batches and len(batches.pop()) != len(message):
                        self.wrong("an array with a part of a batch's answers")
                else:
                    self.take(message, in_batch=False)
        except (OSError, HungUp, asyncio.IncompleteReadError, ValueError) as error:
            how = f"{type(error).__name__}: {error}"
            if self.is_ending and not self.waiting and isinstance(error, OSError):
                how = ""
        if not self.is_ending or self.waiting:
            if not self.is_ending:
                self.wrong(how)
            for method, *_ in self.waiting.values():
                self.wrong(f"no answer to {method}: {how}")
        for *_, future in self.waiting.values():
            future.cancel()
        self.waiting.clear()

    def take(self, message, in_batch):
        """Gives the batch that it answers a part of."""
        if "method" in message:
            if "id" in message:
                self.wrong(f"the server asks for {message['method']}")
            self.tally.notifications[message["method"]] += 1
            return None
        asked = self.waiting.pop(message.get("id"), None)
        if asked is None:
            self.wrong(f"an answer to nothing that waits for one: {json.dumps(message)[:200]}")
            return None
        method, when, batch, future = asked
        took = time.monotonic() - when
        self.tally.slowest = max(self.tally.slowest, (took, method))
        if in_batch != (batch is not None):
            self.wrong(f"{method}: an answer in the wrong kind of message")
        self.check(method, message)
        if not future.done():
            future.set_result(message)
        return batch

    def check(self, method, message):
        if message.get("jsonrpc") != ("2.0" if self.v2 else None):
            self.wrong(f"{method}: an answer in the wrong dialect")
        if ("result" in message) == ("error" in message):
            self.wrong(f"{method}: neither or both of result and error")
            return
        if "result" in message:
            self.tally.answers["result"] += 1
            result = message["result"]
            if MEMBERS[method] not in result:
                self.wrong(f"{method}: a result without {MEMBERS[method]}")
            elif method == ACCOUNT and (result["account"] or {}).get("email") != EMAIL:
                self.wrong(f"{method}: the wrong account: {result}")
            elif method == CONSUME:
                self.tally.outcomes[result["outcome"]] += 1
            return
        kind = message["error"].get("data", {}).get("kind", "without a kind")
        self.tally.answers[kind] += 1
        if kind not in EXPECTED_ERRORS or method in LOCAL:
            self.wrong(f"{method}: {json.dumps(message['error'])[:300]}")

    def request(self, method, params, batch):
        self.last_id += 1
        number = self.last_id if self.last_id % 3 else f"request {self.last_id}"
        message = {"id": number, "method": method}
        if self.v2:
            message["jsonrpc"] = "2.0"
        if params is not None:
            message["params"] = params
        if batch is not None:
            batch.append(number)
        future = asyncio.get_running_loop().create_future()
        self.waiting[number] = (method, time.monotonic(), batch, future)
        self.tally.requests[method] += 1
        return message, future

    async def send(self, requests, as_batch=False):
        """Sends them; gives what waits for their answers."""
        if self.listener.done():
            raise HungUp("told of by the listener")
        batch = Batch() if as_batch else None
        made = [self.request(method, params, batch) for method, params in requests]
        if as_batch:
            await self.link.send(json.dumps([message for message, _ in made]))
        else:
            for message, _ in made:
                await self.link.send(json.dumps(message))
        return [future for _, future in made]

    async def answers(self, futures):
        if futures:
            await asyncio.wait(futures, timeout=ANSWER_SEC)
        if any(not future.done() for future in futures):
            for number, (method, _, _, future) in list(self.waiting.items()):
                if future in futures:
                    self.wrong(f"no answer to {method} within {ANSWER_SEC} s")
                    del self.waiting[number]
            raise HungUp("told of")

    async def ask(self, *requests, as_batch=False):
        await self.answers(await self.send(requests, as_batch))

    async def open(self):
        client = {"name": self.client.replace(" ", "-"), "version": "1"}
        await self.ask((INITIALIZE, {"clientInfo": client}))
        await self.link.send('{"method":"initialized"}')

    async def finish(self):
        """Says that nothing more will be asked; the server must answer what it has, and end."""
        self.is_ending = True
        await self.link.end()
        _, unfinished = await asyncio.wait([self.listener], timeout=ANSWER_SEC)
        if unfinished:
            self.wrong(f"the connection was not ended within {ANSWER_SEC} s")

    def close(self):
        self.listener.cancel()
        self.link.close()


class Batch(list):
    """The ids of one, itself told from others by which it is."""

    __hash__ = object.__hash__
    __eq__ = object.__eq__


def some_request(random):
    """A reading, mostly."""
    method = random.choices(
        [LIMITS, USAGE, ACCOUNT, "getAuthStatus", REDEMPTIONS, CONSUME, "rpc.discover"],
        [40, 25, 25, 5, 2, 1.5, 0.5],
    )[0]
    params = random.choice([None, {}])
    if method == USAGE and random.random() < 0.3:
        params = {"threadId": THREAD}
    if method == CONSUME:
        params = {"idempotencyKey": str(uuid.uuid4())}
    return method, params if method not in (ACCOUNT, "getAuthStatus") else {}


async def talk(conversation, random, rounds):
    for _ in range(rounds):
        way = random.random()
        if way < 0.5:
            await conversation.ask(some_request(random))
        elif conversation.v2 and way < 0.75:
            many = [some_request(random) for _ in range(random.randint(1, 12))]
            await conversation.ask(*many, as_batch=True)
        else:
            await conversation.ask(*[some_request(random) for _ in range(random.randint(2, 12))])
        await asyncio.sleep(random.random() * 0.05)


async def come_and_go(world, client, open_link, v2):
    """A connection for a few requests, again and again."""
    while not world.stopping.is_set():
        conversation = None
        try:
            conversation = Conversation(await open_link(), client, world.tally, v2)
            await conversation.open()
            await talk(conversation, world.random, world.random.randint(1, 6))
            if "WebSocket" not in client and world.random.random() < 0.3:
                # The end of input is not the end of the client: these are to be answered, too.
                await conversation.send([some_request(world.random) for _ in range(3)])
            await conversation.finish()
        except (OSError, HungUp, asyncio.IncompleteReadError) as error:
            if conversation is None or not conversation.listener.done():
                world.tally.wrong(f"{client}: {type(error).__name__}: {error}")
            await asyncio.sleep(0.5)
        finally:
            if conversation is not None:
                conversation.close()


async def stay(world, client, open_link, v2, pause):
    """One connection all the time, as a status bar has it."""
    conversation = Conversation(await open_link(), client, world.tally, v2)
    try:
        await conversation.open()
        while not world.stopping.is_set():
            await talk(conversation, world.random, 1)
            await asyncio.sleep(pause)
        await conversation.finish()
    except (OSError, HungUp) as error:
        if not conversation.listener.done():
            world.tally.wrong(f"{client}: {type(error).__name__}: {error}")
    finally:
        conversation.close()


async def stay_on_stdio(world):
    """The same over the server's stdin and stdout, which stay open until it ends."""
    conversation = world.stdio
    try:
        while not world.stopping.is_set():
            await talk(conversation, world.random, 1)
    except (OSError, HungUp) as error:
        if not conversation.listener.done():
            world.tally.wrong(f"stdio: {type(error).__name__}: {error}")


async def spawn_per_call(world):
    """A process for a few requests, which shares home and record with the others."""
    client = "stdio, a process each"
    while not world.stopping.is_set():
        process = await world.server.one_more()
        conversation = Conversation(process.link(), client, world.tally, v2=True)
        try:
            await conversation.open()
            await conversation.send([some_request(world.random) for _ in range(4)])
            await conversation.finish()
            code = await process.ended(ANSWER_SEC)
            if code != 0:
                world.tally.wrong(f"{client}: exit code {code}")
            for line in process.log.unexpected:
                world.tally.wrong(f"{client}: stderr: {line}")
        except (OSError, HungUp) as error:
            world.tally.wrong(f"{client}: {type(error).__name__}: {error}")
        finally:
            conversation.close()
            process.kill()
        await asyncio.sleep(1)


def all_of_them(world):
    tcp, unix = world.server.tcp, world.server.unix
    for v2 in (False, True):
        for _ in range(3):
            yield come_and_go(world, "WebSocket", lambda: open_web_socket(tcp), v2)
        yield come_and_go(world, "WebSocket on a Unix socket", lambda: open_web_socket(unix), v2)
        for _ in range(2):
            yield come_and_go(world, "lines on a Unix socket", lambda: open_lines(unix), v2)
        yield come_and_go(world, "headers on a Unix socket", lambda: open_headers(unix), v2)
        yield stay(world, "WebSocket, kept open", lambda: open_web_socket(tcp), v2, 1)
        yield stay(world, "lines on a Unix socket, kept open", lambda: open_lines(unix), v2, 1)
    yield stay_on_stdio(world)
    yield spawn_per_call(world)
