// What the tests of generated typings share: generating, validating, compiling.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const clients = require('../clients/support.cjs');

const [quotad, npm, source] = process.argv.slice(2);
const FLAT_BUNDLE = 'codex_app_server_protocol.v2.schemas.json';
const BUNDLE = 'codex_app_server_protocol.schemas.json';

// Runs a program to its end; gives its exit code and what it printed.
function runProgram(words, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(words[0], words.slice(1),
    { encoding: 'utf8', ...options });
  if (error) throw error;
  return { status, output: stdout + stderr };
}

// Runs `PROGRAM app-server generate-KIND --out` a new folder of that name; gives its path.
function generate(program, kind, name, more = []) {
  const out = path.join(clients.folder, name);
  const home = path.join(clients.folder, 'generator-home');
  fs.mkdirSync(home, { recursive: true });
  const { status, output } = runProgram(
    [program, 'app-server', `generate-${kind}`, '--out', out, ...more],
    { env: { ...process.env, CODEX_HOME: home } });
  if (status !== 0) throw new Error(`${program} generate-${kind}: ${output}`);
  return out;
}

function readJson(...parts) {
  return JSON.parse(fs.readFileSync(path.join(...parts), 'utf8'));
}

// The paths of all files below `folder`, relative to it.
function filesIn(folder) {
  return fs.readdirSync(folder, { recursive: true }).filter(
    (file) => fs.statSync(path.join(folder, file)).isFile());
}

// A validator for draft-07 that complains about anything doubtful in a schema.
function strictAjv() {
  const Ajv = require('ajv').default;
  const ajv = new Ajv({ strict: true, allErrors: true });
  require('ajv-formats').default(ajv);
  return ajv;
}

// Compiles TypeScript files as a strict project would; gives exit code and complaints.
function compile(files, more = ['--noEmit']) {
  return runProgram([path.join(npm, 'node_modules', '.bin', 'tsc'), '--strict',
    '--noUncheckedIndexedAccess', '--noPropertyAccessFromIndexSignature', '--target', 'es2022',
    '--module', 'commonjs', '--moduleResolution', 'node', '--esModuleInterop',
    '--types', 'node', '--typeRoots', path.join(npm, 'node_modules', '@types'), ...more, ...files]);
}

module.exports = {
  ...clients, quotad, npm, source, BUNDLE, FLAT_BUNDLE, runProgram, generate, readJson, filesIn,
  strictAjv, compile,
};
