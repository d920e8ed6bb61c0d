// Every schema is one that ajv takes in its strict mode, and so is every definition of the bundles.
'use strict';
const assert = require('node:assert/strict');
const { BUNDLE, FLAT_BUNDLE, filesIn, generate, quotad, readJson, run, strictAjv } =
  require('./support.cjs');

run(async () => {
  const folder = generate(quotad, 'json-schema', 'schema');
  const files = filesIn(folder);
  for (const file of files) {
    const schema = readJson(folder, file);
    assert.equal(schema.$schema, 'http://json-schema.org/draft-07/schema#', file);
    strictAjv().compile(schema);
  }
  const ajv = strictAjv();
  let definitions = 0;
  for (const bundle of [BUNDLE, FLAT_BUNDLE]) {
    const schema = readJson(folder, bundle);
    ajv.addSchema(schema, bundle);
    const { v2 = {}, ...root } = schema.definitions;
    const pointers = [...Object.keys(root), ...Object.keys(v2).map((name) => `v2/${name}`)];
    for (const pointer of pointers) {
      ajv.compile({ $ref: `${bundle}#/definitions/${pointer}` });
      ++definitions;
    }
  }
  console.log(`${files.length} files and ${definitions} definitions compiled`);
  assert.ok(files.length > 20 && definitions > 100);
});
