import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain } from './testing.ts';
import { renderVerification } from './verification.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

test('what was verified is never cut off: it is there to be copied', () => {
  const signer = { kind: 'key', name: 'release.pub', fingerprint: 'abc', times: [] } as const;
  const content = { kind: 'signature', annotations: {} } as const;
  const verified = [{ source: { form: 'bundle', place: digest }, subject: digest, content, signer }] as const;
  const name = `registry.example/app@${digest}`;
  const verification = { image: { digest }, verified, rejected: [], passedOver: [], others: [] };
  const answers = [{ asked: { kind: 'signature' }, answer: { kind: 'verified', verified } }] as const;
  assert.equal(
    renderVerification({ name, verification, answers }, plain(60)),
    `VERIFIED  ${name}
${digest}

verified  signature
  by the key release.pub
    bundle ${digest}
`,
  );
});
