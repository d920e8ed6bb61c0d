// A web front end's way: the npm packages `json-rpc-2.0` and `ws`.
'use strict';
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const readline = require('node:readline');
const { JSONRPCClient } = require('json-rpc-2.0');
const WebSocket = require('ws');

const server = spawn('codex', ['app-server', '--listen', 'ws://127.0.0.1:0'],
  { stdio: ['ignore', 'inherit', 'pipe'] });

async function listeningOn() {
  for await (const line of readline.createInterface({ input: server.stderr })) {
    const match = /listening on: (ws:\S+)/.exec(line);
    if (match) return match[1];
  }
  throw new Error('the server ended');
}

(async () => {
  const socket = new WebSocket(await listeningOn());
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  const client = new JSONRPCClient((request) => socket.send(JSON.stringify(request)));
  socket.on('message', (text) => client.receive(JSON.parse(text)));

  await client.request('initialize', { clientInfo: { name: 'front-end', version: '1' } });
  client.notify('initialized', {});
  const [limits, usage] = await Promise.all([
    client.request('account/rateLimits/read', {}), client.request('account/usage/read', {})]);
  assert.strictEqual(limits.rateLimits.limitId, 'codex');
  assert.strictEqual(typeof usage.summary.lifetimeTokens, 'number');
  const params = { idempotencyKey: '0b8f6a0e-1f43-4f0a-9a4b-6d0a3f3f6e55' };
  const consume = () => client.request('account/rateLimitResetCredit/consume', params);
  assert.deepStrictEqual(await consume(), { outcome: 'reset' });
  assert.deepStrictEqual(await consume(), { outcome: 'alreadyRedeemed' });
  const refusal = await client.request('account/nope', {}).catch((error) => error);
  assert.strictEqual(refusal.code, -32601);
  assert.strictEqual(refusal.data.kind, 'methodNotFound');
  // Two requests in one batch.
  const both = await client.requestAdvanced([
    { jsonrpc: '2.0', id: 'a', method: 'account/read', params: {} },
    { jsonrpc: '2.0', id: 'b', method: 'getAuthStatus', params: {} }]);
  assert.deepStrictEqual(both.map((answer) => answer.id).sort(), ['a', 'b']);
  socket.close();
  const ended = new Promise((resolve) => server.on('exit', resolve));
  server.kill('SIGTERM');
  assert.strictEqual(await ended, 0);
  console.log('done');
})();
