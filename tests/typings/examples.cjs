// The examples of docs/examples compile against the generated types, and run.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { compile, firstMatch, folder, generate, npm, quotad, run, simulate, source, start } =
  require('./support.cjs');

function lines(file) {
  return fs.readFileSync(file, 'utf8').split('\n').length - 1;
}

// Runs a compiled example to its end; gives what it printed.
function play(file, env) {
  return new Promise((resolve) => {
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, [file], { env: { ...process.env, ...env } });
    let output = '';
    let errors = '';
    child.stdout.on('data', (data) => { output += data; });
    child.stderr.on('data', (data) => { errors += data; });
    child.on('close', (status) => resolve({ status, output, errors }));
  });
}

run(async () => {
  const examples = path.join(folder, 'docs', 'examples');
  fs.cpSync(path.join(source, 'docs', 'examples'), examples, { recursive: true });
  generate(quotad, 'ts', path.join('schema', 'typescript'));
  fs.symlinkSync(path.join(npm, 'node_modules'), path.join(folder, 'node_modules'));
  const files = fs.readdirSync(examples).map((file) => path.join(examples, file));
  assert.equal(files.length, 2);
  for (const file of files) assert.ok(lines(file) < 60, `${file} has ${lines(file)} lines`);
  const { status, output } = compile(files,
    ['--outDir', path.join(folder, 'out'), '--rootDir', folder]);
  assert.equal(status, 0, output);

  const home = await simulate();
  const compiled = (name) => path.join(folder, 'out', 'docs', 'examples', `${name}.js`);
  const stdio = await play(compiled('statusline-stdio'), { QUOTAD: quotad, CODEX_HOME: home });
  assert.deepEqual(stdio, {
    status: 0, errors: '', output: 'codex: 5 h 62 % 168 h 31 %\ncodex_spark: 5 h 4 %\nresets: 2\n',
  });
  const nobody = await play(compiled('statusline-stdio'), { QUOTAD: quotad, CODEX_HOME: folder });
  assert.equal(nobody.status, 1);
  assert.match(nobody.errors, /authentication required to read rate limits/);
  const missing = await play(compiled('statusline-stdio'), { QUOTAD: path.join(folder, 'none') });
  assert.equal(missing.status, 1);
  assert.match(missing.errors, /ENOENT/);

  const server = start(['app-server', '--listen', 'ws://127.0.0.1:0'], { CODEX_HOME: home });
  const url = await firstMatch(server.stderr, /listening on: (ws:\S+)/);
  const socket = await play(compiled('statusline-websocket'), { QUOTAD_URL: url });
  assert.equal(socket.status, 0, socket.errors);
  assert.match(socket.output, /^codex: 5 h 62 % 168 h 31 %\ntokens in all: \d+\n$/);
});
