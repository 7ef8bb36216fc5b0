import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { defaultPolicyText, newPolicyText } from './default-policy.ts';
import { policyJsonSchema } from './json-schema.ts';
import { checkPolicy, parsePolicy } from './parse.ts';

const root = new URL('../../', import.meta.url);
const committed = readFileSync(new URL('schema/plimsoll.schema.json', root), 'utf8');
const ajv = new Ajv2020({ strict: true, allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(committed));

const examples = readdirSync(new URL('examples/', root)).filter((name) => name.endsWith('.yaml'));
const reference = readFileSync(new URL('docs/policy.md', root), 'utf8');
const snippets = [...reference.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);

test('the committed JSON Schema is what the code says: run "node scripts/policy-schema.ts" after a change', () => {
  assert.equal(committed, `${JSON.stringify(policyJsonSchema(), undefined, 2)}\n`);
});

test('every field of the JSON Schema has a sentence for editors', () => {
  const bare: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'properties') {
        for (const [name, field] of Object.entries(value ?? {})) {
          const text: unknown = Object(field).description ?? Object(field).$ref;
          if (typeof text !== 'string') bare.push(`${path}/${name}`);
        }
      }
      visit(value, `${path}/${key}`);
    }
  };
  visit(policyJsonSchema(), '');
  assert.deepEqual(bare, []);
});

test('the JSON Schema accepts what the program accepts', () => {
  for (const text of [defaultPolicyText, newPolicyText, 'version: 1', ...examples.map(exampleText)]) {
    assert.ok(validate(parse(text)), JSON.stringify(validate.errors));
  }
});

test('the JSON Schema refuses the mistakes that a schema can tell', () => {
  const rule = (when: object) => ({ version: 1, rules: [{ name: 'a', action: 'deny', when }] });
  for (const value of [
    {},
    { version: 2 },
    { version: 1, rulez: [] },
    rule({}),
    rule({ severty: 'high' }),
    rule({ severity: 'hihg' }),
    rule({ severity: { atLeast: 'unknown' } }),
    rule({ cvss: 9 }),
    rule({ epss: { atLeast: 2 } }),
    rule({ fixAge: { atLeast: 'week' } }),
    { version: 1, exceptions: [{ vulnerability: 'CVE-2021-1' }] },
    { version: 1, exceptions: [{ vulnerability: 'CVE-2021-1', reason: 'a', until: '2026-02-30' }] },
    { version: 1, unknown: { 'unread-flie': 'warn' } },
    { version: 1, gates: { production: {} } },
  ]) {
    assert.equal(validate(value), false, JSON.stringify(value));
  }
});

test('the examples have no problems', () => {
  assert.ok(examples.length >= 3);
  for (const name of examples) {
    assert.deepEqual(checkPolicy(exampleText(name)), [], name);
    assert.match(exampleText(name), /^# yaml-language-server: \$schema=\.\.\/schema\/plimsoll\.schema\.json$/m, name);
  }
});

test('what the policy reference shows works, and it shows every condition', () => {
  assert.ok(snippets.length > 10);
  for (const text of snippets) {
    const whole = /^version:/m.test(text) ? text : `version: 1\n${text}`;
    assert.deepEqual(checkPolicy(whole), [], text);
  }
  const shown = snippets.join('\n');
  const { Conditions, Signature, Attestation, Trust } = Object(policyJsonSchema()).$defs;
  for (const { properties } of [Conditions, Signature, Attestation, Trust]) {
    for (const name of Object.keys(properties)) {
      if (name !== 'acceptVsa') assert.match(shown, new RegExp(`\\b${name}:`), name);
    }
  }
});

test('the reference shows the default line as it is', () => {
  assert.ok(snippets.includes(defaultPolicyText));
  assert.ok(parsePolicy(defaultPolicyText, 'default').lines.build.rules.length > 0);
});

function exampleText(name: string): string {
  return readFileSync(new URL(`examples/${name}`, root), 'utf8');
}
