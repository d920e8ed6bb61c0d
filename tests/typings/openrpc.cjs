// The OpenRPC document is one by the standard's own schema, and what it shows fits what it says.
'use strict';
const assert = require('node:assert/strict');
const Ajv = require('ajv').default;
const { generate, quotad, readJson, run, strictAjv } = require('./support.cjs');

run(async () => {
  const document = readJson(generate(quotad, 'openrpc', 'openrpc'), 'openrpc.json');
  const metaSchema = require('@open-rpc/meta-schema').default;
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
  require('ajv-formats').default(ajv);
  // The schema of schemas, which it refers to by two spellings of one name.
  const { $id, ...schemaOfSchemas } = require('@json-schema-tools/meta-schema').default;
  ajv.addSchema(schemaOfSchemas, $id);
  ajv.addSchema(schemaOfSchemas, $id.replace(/\/$/, ''));
  const meta = ajv.compile(metaSchema);
  assert.ok(meta(document), JSON.stringify(meta.errors));
  const { openrpc, ...without } = document;
  assert.ok(!meta(without), 'the schema of OpenRPC takes anything');

  const schemas = strictAjv();
  schemas.addVocabulary(['openrpc', 'x-origin', 'info', 'methods', 'components']);
  schemas.addSchema(document, 'openrpc');
  const check = (schema, value, where) => {
    // References are to the document: move them there.
    const text = JSON.stringify(schema).replaceAll('"#/components', '"openrpc#/components');
    const validate = schemas.compile(JSON.parse(text));
    assert.ok(validate(value), `${where}: ${JSON.stringify(validate.errors)}`);
  };
  let values = 0;
  for (const method of document.methods) {
    assert.ok(method.examples.length > 0 && method.errors.length > 0, method.name);
    const params = Object.fromEntries(method.params.map((param) => [param.name, param]));
    for (const example of method.examples) {
      check(method.result.schema, example.result.value, method.name);
      for (const { name, value } of example.params) {
        check(params[name].schema, value, `${method.name} ${name}`);
        ++values;
      }
      for (const { name } of method.params.filter((param) => param.required)) {
        assert.ok(example.params.some((param) => param.name === name), `${method.name} ${name}`);
      }
      ++values;
    }
    for (const error of method.errors) {
      assert.ok(Number.isInteger(error.code) && error.message.endsWith('.'), method.name);
      check({ $ref: '#/components/schemas/ErrorData' }, error.data, `${method.name} error`);
      ++values;
    }
  }
  console.log(`${document.methods.length} methods, ${values} values checked`);
  assert.ok(values > 40);
});
