// Reads where the server listens from its stderr, and cuts the URL off behind the port; others read the
// lines that tell of readiness. Whoever starts it has set QUOTAD_WS_TOKEN_CHECK=off.
'use strict';
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const readline = require('node:readline');
const WebSocket = require('ws');

const server = spawn('codex', ['app-server', '--listen', 'ws://127.0.0.1:0'],
  { stdio: ['ignore', 'inherit', 'pipe'] });
process.on('exit', () => server.kill());

async function banner() {
  const lines = [];
  for await (const line of readline.createInterface({ input: server.stderr })) {
    lines.push(line);
    if (/^\s*note:/.test(line)) return lines;
  }
  throw new Error('the server ended');
}

(async () => {
  const lines = await banner();
  const port = /listening on: ws:\/\/127\.0\.0\.1:(\d+)/.exec(lines[1])[1];
  assert.deepStrictEqual(lines, [
    'codex app-server (WebSockets)',
    `  listening on: ws://127.0.0.1:${port}`,
    `  readyz: http://127.0.0.1:${port}/readyz`,
    `  healthz: http://127.0.0.1:${port}/healthz`,
    '  note: binds localhost only (use SSH port-forwarding for remote access)',
  ]);
  assert.strictEqual((await fetch(/readyz: (\S+)/.exec(lines[2])[1])).status, 200);
  assert.strictEqual((await fetch(/healthz: (\S+)/.exec(lines[3])[1])).status, 200);
  const url = /(ws:\/\/[^\s/]+:\d+)/.exec(lines[1])[1];
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  const answer = new Promise((resolve) => socket.on('message', resolve));
  socket.send('{"id":1,"method":"initialize","params":{"clientInfo":{"name":"cut","version":"1"}}}');
  assert.match(JSON.parse(await answer).result.userAgent, /^cut\/0\.171\.0 /);
  socket.close();
  console.log('done');
  process.exit();
})();
