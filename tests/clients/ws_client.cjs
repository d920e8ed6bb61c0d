// A web front end's way: the npm package `ws`.
'use strict';
const assert = require('node:assert');
const WebSocket = require('ws');
const { start, simulate, firstMatch, run } = require('./support.cjs');

run(async () => {
  const home = await simulate();
  const server = start(['app-server', '--listen', 'ws://127.0.0.1:0'], { CODEX_HOME: home });
  const url = await firstMatch(server.stderr, /listening on: (ws:\S+)/);

  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  const waiting = new Map();
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if ('id' in message) waiting.get(message.id)(message);
  });
  let lastId = 0;
  const request = (method, params) => new Promise((resolve) => {
    waiting.set(++lastId, resolve);
    socket.send(JSON.stringify({ id: lastId, method, params }));
  });

  const hello = await request('initialize', { clientInfo: { name: 'ws', version: '1' } });
  assert.ok(hello.result.userAgent.startsWith('ws/'));
  socket.send(JSON.stringify({ method: 'initialized' }));
  const [limits, usage] = await Promise.all([
    request('account/rateLimits/read'), request('account/usage/read')]);
  assert.strictEqual(limits.result.rateLimits.limitId, 'codex');
  assert.strictEqual(usage.result.threadUsage, null);
  const consume = () => request('account/rateLimitResetCredit/consume', { idempotencyKey: 'k' });
  assert.strictEqual((await consume()).result.outcome, 'reset');
  assert.strictEqual((await consume()).result.outcome, 'alreadyRedeemed');

  // A browser sends its page's origin with the upgrade, and is refused.
  const browser = new WebSocket(url, { origin: 'http://evil.example' });
  const refusal = await new Promise((resolve) => browser.on('error', resolve));
  assert.match(refusal.message, /403/);

  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.close();
  assert.ok([1000, 1005].includes(await closed));
});
