// A status bar's way: node's readline over stdio, one request at a time, a table of callbacks.
'use strict';
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const readline = require('node:readline');

const server = spawn('codex', ['-s', 'read-only', '-a', 'untrusted', 'app-server']);
const waiting = new Map();
readline.createInterface({ input: server.stdout }).on('line', (line) => {
  const message = JSON.parse(line);
  const done = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.error) done.reject(new Error(message.error.message));
  else done.resolve(message.result);
});
let id = 0;
const request = (method, params) => new Promise((resolve, reject) => {
  id += 1;
  waiting.set(id, { resolve, reject });
  server.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
});

(async () => {
  const { userAgent, codexHome } = await request('initialize',
    { clientInfo: { name: 'status-bar', title: 'Status Bar', version: '0.0.1' } });
  assert.match(userAgent, /^status-bar\/0\.171\.0 /);
  assert.strictEqual(codexHome, process.env.CODEX_HOME);
  server.stdin.write('{"method":"initialized"}\n');
  const { account, requiresOpenaiAuth } = await request('account/read', { refreshToken: false });
  assert.strictEqual(account.type, 'chatgpt');
  assert.strictEqual(requiresOpenaiAuth, true);
  const { rateLimits, rateLimitsByLimitId } = await request('account/rateLimits/read');
  assert.strictEqual(rateLimits.primary.usedPercent, 62);
  assert.deepStrictEqual(rateLimitsByLimitId.codex, rateLimits);
  await assert.rejects(request('thread/start', {}), /unknown variant `thread\/start`/);
  server.stdin.end();
  assert.strictEqual(await new Promise((resolve) => server.on('exit', resolve)), 0);
  console.log('done');
})();
