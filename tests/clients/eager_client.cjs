// Writes everything at once, as JSON-RPC 2.0, and does not wait for the answer to `initialize`.
'use strict';
const assert = require('node:assert');
const { spawn } = require('node:child_process');

const server = spawn('codex', ['app-server']);
const message = (id, method, params) => JSON.stringify({ jsonrpc: '2.0', id, method, params });
server.stdin.write([
  message(1, 'initialize', { clientInfo: { name: 'eager', version: '1' } }),
  JSON.stringify({ jsonrpc: '2.0', method: 'initialized' }),
  message(2, 'account/rateLimits/read'),
  message('three', 'account/usage/read', {}),
].join('\n') + '\n');

let text = '';
const answers = new Map();
server.stdout.on('data', (piece) => {
  text += piece;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
    const answer = JSON.parse(text.slice(0, end));
    text = text.slice(end + 1);
    answers.set(answer.id, answer);
  }
  if (answers.size === 3) server.stdin.end();
});
server.on('exit', (code) => {
  assert.strictEqual(code, 0);
  assert.strictEqual(answers.size, 3);
  for (const answer of answers.values()) assert.strictEqual(answer.jsonrpc, '2.0');
  assert.strictEqual(answers.get(2).result.rateLimits.secondary.usedPercent, 31);
  assert.strictEqual(answers.get('three').result.threadUsage, null);
  console.log('done');
});
