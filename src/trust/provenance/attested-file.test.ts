import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../../error.ts';
import { statementBytes } from '../statement.ts';
import { testSigner } from '../testing.ts';
import { verifyFileStatements } from './attested-file.ts';
import { githubProvenance, npmProvenance, npmPublish } from './testing.ts';

const release = testSigner('release.pub');
const registry = testSigner('npm.pub');
const stranger = testSigner('stranger.pub');
const file = Buffer.from('the file');
const hash = (algorithm: string, bytes: Uint8Array = file) => createHash(algorithm).update(bytes).digest('hex');
const digests = [`sha256:${hash('sha256')}`, `sha512:${hash('sha512')}`];

function bundleOf(
  statement = githubProvenance(),
  signer = release,
  digest: Readonly<Record<string, string>> = { sha256: hash('sha256') },
): Promise<Buffer> {
  const payload = statementBytes({ ...statement, subjects: statement.subjects.map((each) => ({ ...each, digest })) });
  return signer.seal({ kind: 'envelope', payloadType: 'application/vnd.in-toto+json', payload });
}

const codesOf = async (document: Buffer | string) => {
  const { rejected } = await verifyFileStatements(Buffer.from(document), digests, [release.authority]);
  return rejected.map(({ error }) => error.code);
};

test('statements are found in a bundle, in lines of bundles, in an envelope and in what npm’s registry answers', async () => {
  const one = await bundleOf();
  const other = await bundleOf(npmPublish(), registry, { sha512: hash('sha512') });
  const npm = { attestations: [one, other].map((bytes) => ({ predicateType: 'x', bundle: JSON.parse(`${bytes}`) })) };
  const envelope = JSON.stringify(JSON.parse(`${one}`).dsseEnvelope);
  const cases: readonly [string, string | Buffer, readonly string[]][] = [
    ['a bundle', one, ['1 release.pub']],
    ['a bundle over several lines', JSON.stringify(JSON.parse(`${one}`), null, 2), ['1 release.pub']],
    ['lines of bundles', `${one}\n${other}\n`, ['1 release.pub', '2 npm.pub']],
    ['one line', `${one}\n`, ['1 release.pub']],
    ['an envelope', envelope, ['1 release.pub']],
    ['lines of envelopes', `${envelope}\n\n${envelope}\n`, ['1 release.pub', '2 release.pub']],
    ['npm’s list', JSON.stringify(npm), ['1 release.pub', '2 npm.pub']],
  ];
  for (const [name, document, expected] of cases) {
    const authorities = [release.authority, registry.authority];
    const { verified, rejected } = await verifyFileStatements(Buffer.from(document), digests, authorities);
    assert.deepEqual(
      verified.map(({ position, signer }) => `${position} ${signer.name}`),
      expected,
      name,
    );
    assert.deepEqual(rejected, [], name);
  }
});

test('what was signed by others, changed, or made for another file is rejected, and keeps nothing else from being verified', async () => {
  const good = `${await bundleOf()}`;
  const changed = good.replace(/"payload":"([^"]*)"/, (_, payload: string) => {
    const text = Buffer.from(payload, 'base64').toString().replace('acme/app', 'evil/app');
    return `"payload":"${Buffer.from(text).toString('base64')}"`;
  });
  const cases: readonly [string, string | Buffer, string][] = [
    ['another signer', await bundleOf(npmProvenance(), stranger), 'trust/signature'],
    [
      'another file',
      await bundleOf(npmProvenance(), release, { sha256: hash('sha256', Buffer.from('x')) }),
      'trust/other-subject',
    ],
    ['another hash of it', await bundleOf(npmProvenance(), release, { sha1: hash('sha1') }), 'trust/other-subject'],
    ['a changed payload', changed, 'trust/signature'],
    ['a signature over bytes', await release.seal({ kind: 'message', bytes: file }), 'trust/bad-bundle'],
    ['something else', '{}', 'trust/bad-bundle'],
  ];
  for (const [name, document, code] of cases) {
    assert.deepEqual(await codesOf(document), [code], name);
    const both = await verifyFileStatements(Buffer.from(`${good}\n${document}`), digests, [release.authority]);
    assert.deepEqual(
      [
        both.verified.map(({ position }) => position),
        both.rejected.map(({ position, error }) => [position, error.code]),
      ],
      [[1], [[2, code]]],
      name,
    );
  }
});

test('what is no document of attestations, or one of too many, is refused as a whole', async () => {
  const good = `${await bundleOf()}`;
  for (const document of [
    '',
    'x',
    '{',
    `${good.slice(0, -1)}`,
    `${good}\nx`,
    '{"attestations":[]}',
    `${good}\n`.repeat(1_001),
    `${good}${'\n'.repeat(3_000)}${good}`,
    JSON.stringify({ attestations: new Array(1_001).fill({}) }),
  ]) {
    const verifying = verifyFileStatements(Buffer.from(document), digests, [release.authority]);
    await assert.rejects(verifying, { code: 'trust/bad-bundle' }, document.slice(0, 40));
  }
});

test('without anybody trusted, or a digest to compare, nothing is verified', async () => {
  const document = await bundleOf();
  await assert.rejects(verifyFileStatements(document, digests, []), { code: 'trust/no-authority' });
  assert.deepEqual((await verifyFileStatements(document, [], [release.authority])).verified, []);
});

test('a document of any content is an answer or an error that says what to do', async () => {
  const good = `${await bundleOf()}`;
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.nat(good.length), fc.string(), async (json, at, text) => {
      for (const document of [JSON.stringify(json), good.slice(0, at) + text + good.slice(at + text.length)]) {
        try {
          await verifyFileStatements(Buffer.from(document), digests, [release.authority]);
        } catch (error) {
          assert.ok(error instanceof PlimsollError, String(error));
        }
      }
    }),
    { numRuns: 200 },
  );
});
