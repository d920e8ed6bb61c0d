// A public generator that is not ours makes types from the bundle, and they compile.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { compileFromFile } = require('json-schema-to-typescript');
const { FLAT_BUNDLE, compile, folder, generate, quotad, readJson, run } = require('./support.cjs');

run(async () => {
  const schema = generate(quotad, 'json-schema', 'schema');
  const complaints = [];
  const { warn, error } = console;
  for (const level of ['warn', 'error']) console[level] = (...words) => complaints.push(words);
  const text = await compileFromFile(path.join(schema, FLAT_BUNDLE),
    { unreachableDefinitions: true });
  Object.assign(console, { warn, error });
  assert.deepEqual(complaints, []);
  const { definitions } = readJson(schema, FLAT_BUNDLE);
  for (const [name, { title = name }] of Object.entries(definitions)) {
    assert.match(text, new RegExp(`^export (interface|type) ${title}\\b`, 'im'));
  }
  const file = path.join(folder, 'made.ts');
  fs.writeFileSync(file, text + `
    export function left(limits: GetAccountRateLimitsResponse): number | undefined {
      return limits.rateLimits.primary?.usedPercent;
    }
    export const outcome: ConsumeAccountRateLimitResetCreditOutcome = 'alreadyRedeemed';
  `);
  const { status, output } = compile([file]);
  assert.equal(status, 0, output);
  console.log(`${text.split('\n').length} lines of TypeScript`);
});
