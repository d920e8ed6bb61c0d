// Sends `initialized` with params, and numbers its requests from zero.
'use strict';
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const readline = require('node:readline');

const server = spawn('codex', ['app-server', '-c', 'analytics.enabled=false']);
const write = (value) => server.stdin.write(`${JSON.stringify(value)}\n`);
const answers = [];
readline.createInterface({ input: server.stdout }).on('line', (line) => {
  answers.push(JSON.parse(line));
  if (answers.length === 1) {
    write({ method: 'initialized', params: { ready: true } });
    write({ id: 1, method: 'getAuthStatus', params: { includeToken: false } });
    write({ id: 2, method: 'account/usage/read', params: null });
    server.stdin.end();
  }
}).on('close', () => {
  assert.deepStrictEqual(answers.map((answer) => answer.id).sort(), [0, 1, 2]);
  for (const { id, result } of answers) {
    if (id === 1) assert.strictEqual(result.authMethod, 'chatgpt');
    if (id === 2) assert.ok(result.dailyUsageBuckets.length > 0);
  }
  console.log('done');
});
write({ id: 0, method: 'initialize', params: { clientInfo: { name: 'p', version: '1' } } });
