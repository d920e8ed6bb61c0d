// Compares our JSON Schema with what the reference's own generator writes: every type that both
// have must look the same, but for what DIFFERENCES gives a reason for.
'use strict';
const assert = require('node:assert/strict');
const path = require('node:path');
const { FLAT_BUNDLE, filesIn, generate, npm, quotad, readJson, run } = require('./support.cjs');

const reference = path.join(npm, 'node_modules', '.bin', 'codex');

// Where ours differs on purpose, and why. One that is not seen is out of date, and fails too.
const TWO_DIALECTS = 'quotad speaks JSON-RPC 2.0 to who asks for it, and the reference does not';
const ONE_PLACE =
  'the reference has its own requests at the root in JSON Schema and in v2 in TypeScript';
const OWN_MEMBER = 'the reference leaves out what the service says of it; ours, where there is something';
const LISTS_NOTHING = 'where nothing is listed, no entry has a type, and any number is enough';
const DIFFERENCES = {
  'CreditsSnapshot.properties.overageLimitReached: none → {}': OWN_MEMBER,
  'GetAccountTokenUsageResponse.properties.statsAsOf: none → {}': OWN_MEMBER,
  'GetAccountTokenUsageResponse.properties.statsError: none → {}': OWN_MEMBER,
  'RateLimitResetCredit.properties.expiryUnknown: none → {}': OWN_MEMBER,
  'RateLimitSnapshot.properties.limitReached: none → {}': OWN_MEMBER,
  'JSONRPCRequest.properties.jsonrpc: none → $ref': TWO_DIALECTS,
  'JSONRPCNotification.properties.jsonrpc: none → $ref': TWO_DIALECTS,
  'JSONRPCResponse.properties.jsonrpc: none → $ref': TWO_DIALECTS,
  'JSONRPCError.properties.jsonrpc: none → $ref': TWO_DIALECTS,
  'ClientRequest.initialize.properties.jsonrpc: none → $ref': TWO_DIALECTS,
  'ClientRequest.account/read.properties.jsonrpc: none → $ref': TWO_DIALECTS,
  'ClientRequest.account/login/start.properties.jsonrpc: none → $ref': TWO_DIALECTS,
  'ClientRequest.account/logout.properties.jsonrpc: none → $ref': TWO_DIALECTS,
  'ServerRequest.account/chatgptAuthTokens/refresh.properties.jsonrpc: none → $ref': TWO_DIALECTS,
  'ClientRequest.account/rateLimits/read.properties.jsonrpc: none → $ref': TWO_DIALECTS,
  'ClientRequest.account/usage/read.properties.jsonrpc: none → $ref': TWO_DIALECTS,
  'ClientRequest.account/rateLimitResetCredit/consume.properties.jsonrpc: none → $ref':
    TWO_DIALECTS,
  'ClientRequest.account/login/cancel.properties.jsonrpc: none → $ref': TWO_DIALECTS,
  'ClientRequest.account/workspaceMessages/read.properties.jsonrpc: none → $ref': TWO_DIALECTS,
  'ClientRequest.skills/list.properties.jsonrpc: none → $ref': TWO_DIALECTS,
  'ClientRequest.model/list.properties.jsonrpc: none → $ref': TWO_DIALECTS,
  'JSONRPCError.properties.id.nullable: none → true':
    'what the reference drops for want of an id, quotad answers with the id null',
  'JSONRPCErrorError.properties.data.$ref: none → "ErrorData"':
    'in quotad every error has data, and one shape of it',
  'JSONRPCErrorError.required.2: none → "message"': 'data is always there',
  'JSONRPCErrorError.required.1: "message" → "data"': 'data is always there',
  ['the file of ChatgptAuthTokensRefreshParams: "ChatgptAuthTokensRefreshParams.json" → ' +
    '"v2/ChatgptAuthTokensRefreshParams.json"']: ONE_PLACE,
  ['the file of ChatgptAuthTokensRefreshResponse: "ChatgptAuthTokensRefreshResponse.json" → ' +
    '"v2/ChatgptAuthTokensRefreshResponse.json"']: ONE_PLACE,
  'ServerNotification.type: none → "object"': 'so that strict validators know what the rest is of',
  'ModelListResponse.properties.data.items.$ref: "Model" → none': LISTS_NOTHING,
  'SkillsListResponse.properties.data.items.$ref: "SkillsListEntry" → none': LISTS_NOTHING,
  'ModelListParams.properties.limit.format: "uint32" → "int64"': LISTS_NOTHING,
  'ModelListParams.properties.limit.minimum: 0 → none': LISTS_NOTHING,
};

// What says nothing about shape.
const WORDS = new Set(['$schema', '$comment', 'title', 'description']);

// A schema without words, in one way of writing it down: `true` as {}, a single allOf as what it
// holds, `X or null` as nullable, a list of one-value enums as one enum, and sets in order.
function canonical(schema) {
  if (schema === true) return {};
  if (Array.isArray(schema)) return schema.map(canonical);
  if (schema === null || typeof schema !== 'object') return schema;
  let result = {};
  for (const [key, value] of Object.entries(schema)) {
    if (WORDS.has(key)) continue;
    if (key === '$ref') result.$ref = value.split('/').pop();
    else if (key === 'default' || key === 'enum' || key === 'required') result[key] = value;
    else if (key === 'properties' || key === 'definitions') {
      result[key] = Object.fromEntries(Object.entries(value).map(([k, v]) => [k, canonical(v)]));
    } else result[key] = canonical(value);
  }
  if (result.allOf?.length === 1) {
    result = { ...result, ...result.allOf[0] };
    delete result.allOf;
  }
  const nullable = result.anyOf?.findIndex((any) => any.type === 'null') ?? -1;
  if (nullable >= 0 && result.anyOf.length === 2) {
    result = { ...result, ...result.anyOf[1 - nullable], nullable: true };
    delete result.anyOf;
  }
  if (Array.isArray(result.type) && result.type.length === 2 && result.type.includes('null')) {
    result = { ...result, type: result.type.find((type) => type !== 'null'), nullable: true };
  }
  if (result.oneOf?.every((one) => one.enum && one.type === 'string')) {
    result = { ...result, type: 'string', enum: result.oneOf.flatMap((one) => one.enum) };
    delete result.oneOf;
  }
  for (const set of ['enum', 'required']) if (result[set]) result[set] = [...result[set]].sort();
  if (result.anyOf) {
    result.anyOf.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  return result;
}

function show(value) {
  if (value === undefined) return 'none';
  if (value?.$ref !== undefined) return '$ref';
  return typeof value === 'object' && !Array.isArray(value) ? '{}' : JSON.stringify(value);
}

// Adds a line for each place in which two canonical schemas differ. Ours may say what absence means
// and that a string must not be empty: the reference leaves both to its sentences.
function compare(where, theirs, ours, lines) {
  const bothObjects = [theirs, ours].every((value) => value !== null && typeof value === 'object');
  if (!bothObjects) {
    if (theirs !== ours) lines.push(`${where}: ${show(theirs)} → ${show(ours)}`);
    return;
  }
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
    if (!(key in theirs) && (key === 'default' || key === 'minLength')) continue;
    compare(`${where}.${key}`, theirs[key], ours[key], lines);
  }
}

// The paths of the files of a folder by name.
function pathsIn(folder, ending) {
  return Object.fromEntries(filesIn(folder).map((file) => [path.basename(file, ending), file]));
}

// The canonical schemas of a generator's output by type, from its flat bundle and its files; and
// the paths of the files by name. A union of messages is an object by method.
function read(folder) {
  const types = readJson(folder, FLAT_BUNDLE).definitions;
  const paths = pathsIn(folder, '.json');
  for (const [name, file] of Object.entries(paths)) {
    const { definitions = {}, ...schema } = readJson(folder, file);
    if (file.endsWith('.schemas.json')) continue;
    for (const [part, definition] of Object.entries({ ...definitions, [name]: schema })) {
      types[part] ??= definition;
    }
  }
  for (const [name, schema] of Object.entries(types)) {
    const { oneOf, ...rest } = canonical(schema);
    if (!oneOf?.[0].properties?.method) {
      types[name] = canonical(schema);
      continue;
    }
    types[name] = rest;
    for (const one of oneOf) types[`${name}.${one.properties.method.enum[0]}`] = one;
  }
  return { types, paths };
}

run(async () => {
  const theirs = read(generate(reference, 'json-schema', 'theirs'));
  const ours = read(generate(quotad, 'json-schema', 'ours'));

  const common = Object.keys(ours.types).filter((name) => name in theirs.types);
  const lines = [];
  for (const name of common) compare(name, theirs.types[name], ours.types[name], lines);
  const theirTypings = pathsIn(generate(reference, 'ts', 'their-typings'), '.ts');
  const ourTypings = pathsIn(generate(quotad, 'ts', 'our-typings'), '.ts');
  for (const [their, our] of [[theirs.paths, ours.paths], [theirTypings, ourTypings]]) {
    const shared = Object.keys(our).filter((name) => name in their && name !== 'index');
    assert.ok(shared.length > 20);
    for (const name of shared) compare(`the file of ${name}`, their[name], our[name], lines);
  }
  const unexplained = lines.filter((line) => !(line in DIFFERENCES));
  const unseen = Object.keys(DIFFERENCES).filter((line) => !lines.includes(line));
  const extra = Object.keys(ours.types).filter((name) => !(name in theirs.types));
  console.log(`${common.length} types compared; ${lines.length} differences, with reasons for all ` +
    `but ${unexplained.length}; only ours: ${extra.join(', ')}`);
  for (const line of lines) console.log(`  ${line}: ${DIFFERENCES[line] ?? 'NO REASON'}`);
  assert.deepEqual(unexplained, []);
  assert.deepEqual(unseen, [], 'differences that are no more');
  assert.ok(common.length > 50);
});
