import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isPredicateType,
  predicateTypeName,
  predicateTypeNames,
  predicateTypeUri,
  signaturePredicateType,
} from './predicate-type.ts';

/** Short name, the URI that is written, and others that are read. */
const types: readonly [name: string, written: string, read: readonly string[]][] = [
  [
    'vuln',
    'https://cosign.sigstore.dev/attestation/vuln/v1',
    ['https://in-toto.io/attestation/vulns', 'https://in-toto.io/attestation/vulns/v0.1'],
  ],
  ['cyclonedx', 'https://cyclonedx.org/bom', ['https://cyclonedx.org/bom/v1.6']],
  ['spdx', 'https://spdx.dev/Document', ['https://spdx.dev/Document/v2.3', 'https://spdx.dev/Document/v3']],
  ['openvex', 'https://openvex.dev/ns', ['https://openvex.dev/ns/v0.2.0']],
  ['slsaprovenance1', 'https://slsa.dev/provenance/v1', []],
  ['slsaprovenance02', 'https://slsa.dev/provenance/v0.2', []],
  ['vsa', 'https://slsa.dev/verification_summary/v1', []],
  ['link', 'https://in-toto.io/Link/v1', []],
];

test('each short name is written as one URI and read from all that mean the same', () => {
  assert.deepEqual(
    types.map(([name]) => name),
    predicateTypeNames,
  );
  for (const [name, written, read] of types) {
    assert.equal(predicateTypeUri(name), written);
    for (const uri of [written, ...read]) {
      assert.equal(predicateTypeName(uri), name, uri);
      assert.ok(isPredicateType(name, uri), uri);
      for (const other of predicateTypeNames) assert.equal(isPredicateType(other, uri), other === name, uri);
    }
  }
});

test('what only looks like a known type is none', () => {
  for (const uri of [
    'https://slsa.dev/provenance',
    'https://slsa.dev/provenance/v1.0',
    'https://slsa.dev/provenance/v1/v1',
    'https://cosign.sigstore.dev/attestation/vuln/v1/v1',
    'https://spdx.dev/Document/v2.3/more',
    'https://spdx.dev/Document2',
    'http://spdx.dev/Document',
    'https://spdx.dev/document',
    'https://evil.example/https://spdx.dev/Document',
    'spdx',
    'constructor',
    '',
    signaturePredicateType,
  ]) {
    assert.equal(predicateTypeName(uri), undefined, uri);
    for (const name of predicateTypeNames) assert.ok(!isPredicateType(name, uri), uri);
  }
});

test('a URI stands for itself only', () => {
  assert.equal(predicateTypeUri('https://acme.example/review/v1'), 'https://acme.example/review/v1');
  assert.equal(predicateTypeUri('urn:acme:review'), 'urn:acme:review');
  assert.ok(isPredicateType('https://spdx.dev/Document', 'https://spdx.dev/Document'));
  assert.ok(!isPredicateType('https://spdx.dev/Document', 'https://spdx.dev/Document/v2.3'));
  for (const text of [
    '',
    'review',
    'https:',
    'https://a b',
    'https://a"b',
    '__proto__',
    'toString',
    `https:${'a'.repeat(2_000)}`,
  ]) {
    assert.equal(predicateTypeUri(text), undefined, text.slice(0, 20));
  }
});
