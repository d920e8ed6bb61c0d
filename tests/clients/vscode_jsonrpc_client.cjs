// An editor extension's way: the npm package `vscode-jsonrpc`, Content-Length over stdio.
'use strict';
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const rpc = require('vscode-jsonrpc/node');

(async () => {
  const server = spawn('codex', ['app-server']);
  const connection = rpc.createMessageConnection(
    new rpc.StreamMessageReader(server.stdout), new rpc.StreamMessageWriter(server.stdin));
  connection.listen();

  const hello = await connection.sendRequest(
    'initialize', { clientInfo: { name: 'vscode', version: '1' } });
  assert.ok(hello.userAgent.startsWith('vscode/'));
  await connection.sendNotification('initialized');
  const [limits, usage] = await Promise.all([
    connection.sendRequest('account/rateLimits/read'),
    connection.sendRequest('account/usage/read')]);
  assert.strictEqual(limits.rateLimits.limitId, 'codex');
  assert.strictEqual(usage.summary.longestStreakDays, 41);
  const consume = () => connection.sendRequest(
    'account/rateLimitResetCredit/consume', { idempotencyKey: 'k' });
  assert.strictEqual((await consume()).outcome, 'reset');
  assert.strictEqual((await consume()).outcome, 'alreadyRedeemed');
  await assert.rejects(connection.sendRequest('no/such/method'), (error) => {
    assert.strictEqual(error.code, rpc.ErrorCodes.MethodNotFound);
    assert.strictEqual(error.data.kind, 'methodNotFound');
    return true;
  });

  const ended = new Promise((resolve) => server.on('exit', resolve));
  server.stdin.end();
  assert.strictEqual(await ended, 0);
  console.log('done');
})();
