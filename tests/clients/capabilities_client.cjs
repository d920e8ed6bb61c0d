// Passes capabilities, those of later versions among them, and opts out of notifications.
'use strict';
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const readline = require('node:readline');

const server = spawn('codex', ['app-server', '--analytics-default-enabled']);
const lines = readline.createInterface({ input: server.stdout })[Symbol.asyncIterator]();
const ask = async (message) => {
  server.stdin.write(`${JSON.stringify(message)}\n`);
  return JSON.parse((await lines.next()).value);
};

(async () => {
  const hello = await ask({
    id: 'hello',
    method: 'initialize',
    params: {
      clientInfo: { name: 'capable', title: null, version: '1' },
      capabilities: {
        experimentalApi: true,
        optOutNotificationMethods: ['account/updated', 'account/rateLimits/updated', 'x/y'],
        requestAttestation: false,
        ofALaterVersion: { deep: [1, 2] },
      },
    },
  });
  assert.strictEqual(hello.id, 'hello');
  assert.strictEqual(hello.result.platformOs, 'linux');
  server.stdin.write('{"method":"initialized"}\n');
  const limits = await ask({
    id: 'limits',
    method: 'account/rateLimits/read',
    params: { excludeResetCreditDetails: true, ofALaterVersion: 1 },
  });
  assert.strictEqual(limits.result.rateLimitResetCredits.credits, null);
  server.stdin.end();
  assert.strictEqual((await lines.next()).done, true);
  console.log('done');
})();
