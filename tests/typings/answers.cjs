// Every answer that the integration tests have seen is one by its schema and by the OpenRPC
// document; and spoilt in any one place it is not.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { FLAT_BUNDLE, generate, quotad, readJson, run, strictAjv } = require('./support.cjs');

const [transcripts, testProgram] = process.argv.slice(5);
// Kinds of error that are about the message, whatever its method.
const OF_ANY_MESSAGE = new Set(['parse', 'invalidRequest']);

// Longer results are checked, but not spoilt in every place.
const LARGEST_SPOILT = 20_000;

// The messages in what went over a connection: lines, frames with headers, batches.
function messagesIn(text, isWhole) {
  const messages = [];
  for (const line of text.replaceAll(/Content-[^\n]*\n(\r?\n)?/g, '\n').split('\n')) {
    try {
      const json = JSON.parse(line);
      messages.push(...(Array.isArray(json) ? json : [json]));
    } catch (error) {
      if (isWhole && line.trim() !== '') throw new Error(`not JSON: ${line.slice(0, 200)}`);
    }
  }
  return messages.filter((message) => message !== null && typeof message === 'object');
}

// The method of each request by its id; ids that were used twice have several.
function methodsById(text) {
  const methods = new Map();
  for (const { id, method } of messagesIn(text, false)) {
    if (id === undefined || typeof method !== 'string') continue;
    const key = JSON.stringify(id);
    if (!methods.has(key)) methods.set(key, new Set());
    methods.get(key).add(method);
  }
  return methods;
}

// Copies of `value`, each wrong in one place that its schema says something about.
function* spoilt(value, schema, definitions, put = (copy) => copy) {
  if (schema.$ref) schema = definitions[schema.$ref.split('/').pop()];
  const inner = schema.allOf ?? schema.anyOf;
  if (inner) {
    const one = inner.find((any) => any.$ref || any.type !== 'null');
    if (value === null) yield put([[]]);
    else yield* spoilt(value, one, definitions, put);
    return;
  }
  const says = schema.type || schema.oneOf;
  if (!says) return;  // any JSON will do
  yield put(schema.items === true ? {} : [[]]);
  if (typeof value === 'string' && schema.oneOf) yield put(`not ${value}`);
  if (Array.isArray(value)) {
    for (const i of value.keys()) {
      yield* spoilt(value[i], schema.items, definitions, (copy) => put([...value.slice(0, i), copy, ...value.slice(i + 1)]));
    }
  } else if (value !== null && typeof value === 'object') {
    const tagged = schema.oneOf?.find((one) => one.properties.type?.enum[0] === value.type);
    const { properties, additionalProperties, required } = tagged ?? schema;
    for (const [name, item] of Object.entries(value)) {
      const rule = properties?.[name] ?? additionalProperties;
      if (!rule) continue;
      yield* spoilt(item, rule, definitions, (copy) => put({ ...value, [name]: copy }));
      if (required?.includes(name)) {
        const { [name]: gone, ...rest } = value;
        yield put(rest);
      }
    }
  }
}

run(async () => {
  const bundle = readJson(generate(quotad, 'json-schema', 'schema'), FLAT_BUNDLE);
  const document = readJson(generate(quotad, 'openrpc', 'openrpc'), 'openrpc.json');
  const ajv = strictAjv();
  ajv.addSchema(bundle, 'bundle');
  const validator = (name) => ajv.compile({ $ref: `bundle#/definitions/${name}` });
  const isError = validator('JSONRPCError');
  const isResponse = validator('JSONRPCResponse');
  const isNotification = validator('ServerNotification');
  const isServerRequest = validator('ServerRequest');
  const methods = new Map(document.methods.map((method) => [method.name, {
    type: method.result.name,
    validate: validator(method.result.name),
    kinds: new Set(method.errors.map((error) => error.data.kind)),
  }]));
  const built = Math.max(fs.statSync(quotad).mtimeMs, fs.statSync(testProgram).mtimeMs);

  const seen = new Map();  // distinct results by method
  const count = { transcripts: 0, results: 0, errors: 0, notifications: 0, requests: 0, spoilt: 0 };
  const checkError = (message, candidates, where) => {
    assert.ok(isError(message), `${where}: ${JSON.stringify(isError.errors)}`);
    const { kind } = message.error.data;
    const known = candidates.map((method) => methods.get(method)).filter(Boolean);
    const all = known.length > 0 && known.length === candidates.length;
    if (all && !OF_ANY_MESSAGE.has(kind)) {
      assert.ok(known.some(({ kinds }) => kinds.has(kind)),
        `${where}: openrpc.json does not say that ${candidates} can fail with ${kind}`);
    }
    ++count.errors;
  };
  const checkResult = (message, candidates, where) => {
    assert.ok(isResponse(message), where);
    if (candidates.includes('rpc.discover')) return;
    const method = candidates.find((name) => methods.get(name)?.validate(message.result));
    assert.ok(method, `${where}: not a result of ${candidates}: ${JSON.stringify(message)}`);
    if (!seen.has(method)) seen.set(method, new Map());
    seen.get(method).set(JSON.stringify(message.result), message.result);
    ++count.results;
  };
  const checkNotification = (message, where) => {
    assert.ok(isNotification(message), `${where}: ${JSON.stringify(isNotification.errors)}`);
    const { params, ...rest } = message;
    assert.ok(!isNotification(rest), 'a notification without its params');
    assert.ok(Number.isInteger(message.emittedAtMs), `${where}: when was it sent?`);
    assert.ok(!isNotification({ ...message, emittedAtMs: 'now' }), 'a time that is none');
    ++count.notifications;
  };
  const checkRequest = (message, where) => {
    assert.ok(isServerRequest(message), `${where}: ${JSON.stringify(isServerRequest.errors)}`);
    for (const member of ['id', 'params']) {
      const { [member]: gone, ...rest } = message;
      assert.ok(!isServerRequest(rest), `a request without its ${member}`);
    }
    ++count.requests;
  };
  for (const file of fs.readdirSync(transcripts)) {
    if (!file.endsWith('.received')) continue;
    const received = path.join(transcripts, file);
    if (fs.statSync(received).mtimeMs < built) continue;  // of older programs
    ++count.transcripts;
    const sent = fs.readFileSync(received.replace(/received$/, 'sent'), 'utf8');
    const byId = methodsById(sent);
    for (const message of messagesIn(fs.readFileSync(received, 'utf8'), true)) {
      const candidates = [...(byId.get(JSON.stringify(message.id)) ?? [])];
      if ('method' in message && 'id' in message) checkRequest(message, file);
      else if ('method' in message) checkNotification(message, file);
      else if ('error' in message) checkError(message, candidates, file);
      else checkResult(message, candidates, file);
    }
  }

  for (const [method, results] of seen) {
    const { type, validate } = methods.get(method);
    for (const [text, result] of results) {
      if (text.length > LARGEST_SPOILT) continue;
      for (const wrong of spoilt(result, bundle.definitions[type], bundle.definitions)) {
        assert.ok(!validate(wrong), `${method}: ${JSON.stringify(wrong)}`);
        ++count.spoilt;
      }
    }
  }
  console.log(count, [...seen].map(([method, results]) => `${method} ${results.size}`).join(', '));
  assert.deepEqual([...seen.keys()].sort(), [...methods.keys()].sort(), 'methods with results');
  assert.ok(count.results > 300 && count.errors > 300 && count.spoilt > 2000);
  assert.ok(count.notifications > 0 && count.requests > 0);
});
