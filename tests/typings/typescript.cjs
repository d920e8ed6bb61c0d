// The TypeScript compiles in a strict project, also after Prettier, and refuses what is wrong.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { compile, filesIn, folder, generate, npm, quotad, run, runProgram } =
  require('./support.cjs');

const HEAD = `
import type { ClientRequest, MethodMap, RequestFunction, ServerNotification, ServerNotificationEnvelope,
      ServerRequest, v2 }
  from './types';
declare const request: RequestFunction;
`;

const GOOD = {
  'methods and their params': `
    export async function use() {
      await request('initialize', { clientInfo: { name: 'n', version: '1' } });
      await request('account/read', {});
      const { rateLimits, rateLimitsByLimitId } = await request('account/rateLimits/read');
      const used: number = rateLimits.primary?.usedPercent ?? 0;
      const at: number | null | undefined = rateLimits.primary?.resetsAt;
      const named: v2.RateLimitSnapshot | undefined = rateLimitsByLimitId?.['codex'];
      await request('account/rateLimits/read', { excludeResetCreditDetails: true });
      await request('account/usage/read', null);
      await request('account/usage/read', { threadId: null });
      await request('rpc.discover');
      const { outcome } = await request('account/rateLimitResetCredit/consume',
        { idempotencyKey: 'k', creditId: 'c' });
      return [used, at, named, outcome];
    }`,
  'a switch over every outcome': `
    export function words(outcome: v2.ConsumeAccountRateLimitResetCreditOutcome): string {
      switch (outcome) {
        case 'reset': return 'done';
        case 'nothingToReset': return 'nothing';
        case 'noCredit': return 'none';
        case 'alreadyRedeemed': return 'before';
      }
    }`,
  'messages': `
    export const read: ClientRequest = { method: 'account/rateLimits/read', id: 1 };
    export const consume: ClientRequest = { jsonrpc: '2.0', id: 'a',
      method: 'account/rateLimitResetCredit/consume', params: { idempotencyKey: 'k' } };
    export function when(message: ServerNotificationEnvelope): string {
      const sent: number | undefined = message.emittedAtMs;
      return message.method === 'account/updated' && message.params.reason === 'workspaceRoutingReady'
        ? 'routing' : message.method + String(sent ?? 0);
    }
    export function hear(notification: ServerNotification): string | null {
      switch (notification.method) {
        case 'account/updated': return notification.params.authMode;
        case 'account/login/completed': return notification.params.error;
        case 'account/rateLimits/updated': return notification.params.rateLimits.limitId;
      }
    }
    export function answer(request: ServerRequest): v2.ChatgptAuthTokensRefreshResponse {
      const account: string = request.params.previousAccountId ?? 'a';
      return { accessToken: 't', chatgptAccountId: account, chatgptPlanType: null };
    }
    export const login: ClientRequest = { method: 'account/login/start', id: 3,
      params: { type: 'chatgptAuthTokens', accessToken: 't', chatgptAccountId: 'a' } };
    export type Read = MethodMap['account/read']['result'];`,
};

// What must not compile, and how the compiler puts it.
const WRONG = {
  'a method that does not exist': [`request('account/rateLimit/read');`, 'TS2345'],
  'a missing idempotencyKey':
    [`request('account/rateLimitResetCredit/consume', { creditId: 'c' });`, 'TS2345'],
  'missing params': [`request('account/rateLimitResetCredit/consume');`, 'TS2554'],
  'an outcome that does not exist': [`
    export function words(outcome: v2.ConsumeAccountRateLimitResetCreditOutcome) {
      switch (outcome) { case 'resetDone': return 1; default: return 2; }
    }`, 'TS2678'],
  'an outcome left out': [`
    export function words(outcome: v2.ConsumeAccountRateLimitResetCreditOutcome): string {
      switch (outcome) { case 'reset': return ''; case 'noCredit': return ''; }
    }`, 'TS2366'],
  'a window that may be null': [`
    export const used = (limits: v2.RateLimitSnapshot) => limits.primary.usedPercent;`, 'TS18047'],
  'a bucket that may be missing': [`
    export const bucket = (limits: v2.GetAccountRateLimitsResponse): v2.RateLimitSnapshot =>
      limits.rateLimitsByLimitId!['codex'];`, 'TS2322'],
  'a 64-bit integer as a bigint': [`
    export const at = (window: v2.RateLimitWindow): bigint => window.resetsAt!;`, 'TS2322'],
  'a request without its params': [`
    export const consume: ClientRequest =
      { id: 1, method: 'account/rateLimitResetCredit/consume' };`, 'TS2322'],
};

// The complaints of one run of the compiler about each of `texts`, by their names.
function complaints(texts) {
  const files = Object.entries(texts).map(([name, text], i) => {
    const file = path.join(folder, `text${i}.ts`);
    fs.writeFileSync(file, HEAD + text);
    return [name, file];
  });
  const { output } = compile(files.map(([, file]) => file));
  const lines = output.split('\n').filter((line) => line.includes(': error TS'));
  const found = Object.fromEntries(files.map(([name, file]) => [name,
    lines.filter((line) => line.includes(path.basename(file)))
      .map((line) => /error (TS\d+)/.exec(line)[1])]));
  assert.equal(Object.values(found).flat().length, lines.length, output);
  return found;
}

run(async () => {
  const types = generate(quotad, 'ts', 'types');
  const whole = compile(filesIn(types).map((file) => path.join(types, file)));
  assert.equal(whole.status, 0, whole.output);
  const wrong = Object.fromEntries(Object.entries(WRONG).map(([name, [text]]) => [name, text]));
  const found = complaints({ ...GOOD, ...wrong });
  for (const name of Object.keys(GOOD)) assert.deepEqual(found[name], [], name);
  for (const [name, [, code]] of Object.entries(WRONG)) assert.deepEqual(found[name], [code], name);

  const prettier = path.join(npm, 'node_modules', '.bin', 'prettier');
  const pretty = generate(quotad, 'ts', 'pretty', ['--prettier', prettier]);
  assert.equal(runProgram([prettier, '--check', pretty]).status, 0);
  assert.notEqual(runProgram([prettier, '--check', types]).status, 0, 'Prettier had nothing to do');
  const formatted = compile(filesIn(pretty).map((file) => path.join(pretty, file)));
  assert.equal(formatted.status, 0, formatted.output);
  generate(quotad, 'ts', 'pretty', ['--prettier', prettier]);  // knows its own work again
});
