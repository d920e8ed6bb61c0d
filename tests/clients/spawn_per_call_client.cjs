// Starts a server for every reading, and kills it as soon as it has what it wants.
'use strict';
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const readline = require('node:readline');

function read(method) {
  return new Promise((resolve, reject) => {
    const server = spawn('codex', ['app-server', '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
    server.on('error', reject);
    let answer;
    server.on('exit', (code, signal) => {
      if (answer) resolve({ answer, signal });
      else reject(new Error(`ended with ${code ?? signal} before it answered`));
    });
    readline.createInterface({ input: server.stdout }).on('line', (line) => {
      const message = JSON.parse(line);
      if (message.id !== 2) return;
      answer = message;
      server.kill('SIGKILL');
    });
    const write = (value) => server.stdin.write(`${JSON.stringify(value)}\n`);
    write({ id: 1, method: 'initialize', params: { clientInfo: { name: 'x', version: '1' } } });
    write({ method: 'initialized' });
    write({ id: 2, method });
  });
}

(async () => {
  for (let call = 0; call < 5; call += 1) {
    const { answer, signal } = await read('account/rateLimits/read');
    assert.strictEqual(answer.result.rateLimits.primary.usedPercent, 62);
    assert.strictEqual(signal, 'SIGKILL');
  }
  const both = await Promise.all([read('account/usage/read'), read('account/rateLimits/read')]);
  for (const { answer } of both) assert.ok(answer.result);
  console.log('done');
})();
