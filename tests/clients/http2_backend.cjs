// The service as it is on the web: HTTP/2 over TLS. Node's own http2 server stands in for it.
'use strict';
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http2 = require('node:http2');
const path = require('node:path');
const readline = require('node:readline');
const { start, run, folder } = require('./support.cjs');

run(async () => {
  const key = path.join(folder, 'key.pem');
  const certificate = path.join(folder, 'certificate.pem');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
    'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1', '-addext',
    'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate], { stdio: 'ignore' });

  let sessions = 0;
  const seen = [];
  const service = http2.createSecureServer(
    { key: fs.readFileSync(key), cert: fs.readFileSync(certificate), allowHTTP1: true },
    (request, response) => {
      seen.push(`${request.httpVersion} ${request.method} ${request.url}`);
      // Answered once the whole request is there; node resets the stream of an earlier answer.
      request.resume().on('end', () => {
        response.setHeader('content-type', 'application/json');
        response.end(request.url.endsWith('/usage')
          ? '{"rate_limit":{"primary_window":{"used_percent":5}}}' : '{"code":"reset"}');
      });
    });
  service.on('session', () => { sessions += 1; });
  await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve));

  const home = path.join(folder, 'home');
  fs.mkdirSync(home);
  fs.writeFileSync(path.join(home, 'auth.json'), '{"tokens":{"access_token":"a-token"}}',
    { mode: 0o600 });
  fs.writeFileSync(path.join(home, 'config.toml'),
    `chatgpt_base_url = "https://127.0.0.1:${service.address().port}/backend-api"\n`);
  const server = start(['app-server'],
    { CODEX_HOME: home, CODEX_CA_CERTIFICATE: certificate });
  const lines = readline.createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const ask = async (id, method, params) => {
    server.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
    return JSON.parse((await lines.next()).value);
  };
  await ask(1, 'initialize', { clientInfo: { name: 'h2', version: '1' } });
  for (let i = 0; i < 3; i += 1) {
    const limits = await ask(2, 'account/rateLimits/read');
    assert.ok(limits.result, JSON.stringify(limits));
    assert.strictEqual(limits.result.rateLimits.primary.usedPercent, 5);
  }
  // Six calls, two at a time, over one connection.
  assert.strictEqual(seen.length, 6);
  assert.ok(seen.every((line) => line.startsWith('2.0 GET ')), seen.join('\n'));
  assert.strictEqual(sessions, 1);

  const consumed = await ask(3, 'account/rateLimitResetCredit/consume', { idempotencyKey: 'k' });
  assert.strictEqual(consumed.result?.outcome, 'reset', JSON.stringify(consumed));
  assert.strictEqual(sessions, 2);
});
