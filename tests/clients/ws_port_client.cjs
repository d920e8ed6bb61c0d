// A desktop app's way: it picks the port itself, knows the URL by that, and passes nothing but `--listen`;
// a token it has never heard of. Whoever starts it has set QUOTAD_WS_TOKEN_CHECK=off.
'use strict';
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const http = require('node:http');
const net = require('node:net');
const WebSocket = require('ws');

const freePort = () => new Promise((resolve) => {
  const probe = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const statusOf = (url) => new Promise((resolve) => {
  http.get(url, (answer) => resolve(answer.resume().statusCode)).on('error', () => resolve(0));
});

(async () => {
  const port = await freePort();
  const url = `ws://127.0.0.1:${port}`;
  const server = spawn('codex', ['app-server', '--listen', url], { stdio: 'ignore' });
  process.on('exit', () => server.kill());
  let isOver = false;
  server.on('exit', () => { isOver = true; });
  while (await statusOf(`http://127.0.0.1:${port}/readyz`) !== 200) assert.ok(!isOver, 'it ended');

  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  const answered = new Promise((resolve) => socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.id === 2) resolve(message.result);
  }));
  const send = (id, method, params) => socket.send(JSON.stringify({ id, method, params }));
  send(1, 'initialize', { clientInfo: { name: 'desktop', version: '1' } });
  send(2, 'account/rateLimits/read', {});
  assert.strictEqual((await answered).rateLimits.limitId, 'codex');
  socket.close();

  // A page of the web is no local program.
  const page = new WebSocket(url, { origin: 'http://evil.example' });
  assert.match((await new Promise((resolve) => page.on('error', resolve))).message, /403/);
  console.log('done');
  process.exit();
})();
