// What the clients share: a simulator, a server in front of it, and an end to both.
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');

const quotad = process.argv[2];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'quotad-client-'));
const children = [];

function start(args, env = {}) {
  const child = spawn(quotad, args, {
    env: { ...process.env, QUOTAD_STATE_HOME: path.join(folder, 'state'), ...env },
  });
  children.push(child);
  return child;
}

// The first line of `stream` that `pattern` matches, as its first group.
function firstMatch(stream, pattern) {
  return new Promise((resolve, reject) => {
    const lines = readline.createInterface({ input: stream });
    lines.on('line', (line) => {
      const match = pattern.exec(line);
      if (match) resolve(match[1]);
    });
    lines.on('close', () => reject(new Error(`the stream ended before ${pattern}`)));
  });
}

// Starts a simulator; gives the Codex home that is signed in to it.
async function simulate() {
  const home = path.join(folder, 'home');
  const child = start(['simulate', '--write-home', home]);
  await firstMatch(child.stdout, /(http:\S+)/);
  return home;
}


// Runs `main`, ends what was started, and exits with whether it went well.
async function run(main) {
  let code = 0;
  try {
    await main();
  } catch (error) {
    console.error(error);
    code = 1;
  }
  for (const child of children) child.kill('SIGKILL');
  fs.rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}

module.exports = { start, simulate, firstMatch, run, folder };
