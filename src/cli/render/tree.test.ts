import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderAttached } from './attached.ts';
import { plain } from './testing.ts';
import { renderTree } from './tree.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

test('on a narrow terminal a tree keeps its names, digests and what to do next', () => {
  const text = renderTree(
    'registry.example/a-team/with-a-long-name/and-an-application:1.4.0',
    {
      digest,
      size: 1,
      kind: 'image',
      children: [],
      attached: [
        {
          kind: 'signed',
          source: { form: 'bundle', place: digest },
          content: { kind: 'signature', annotations: {} },
          signer: { kind: 'key', hint: 'Drr1qJDfsRx+IQabEHOsQbX17x/eIsR9778vh3ONJhM=' },
          attached: [],
        },
      ],
    },
    plain(60),
  );
  assert.equal(
    text,
    `registry.example/a-team/with-a-long-name/and-an-application:1.4.0
image  ${digest}
└─ signature  sha256:0123456789ab  by the key Drr1qJDfsRx+I…

1 attachment. Who signed is what they claim: name --key or
--identity to verify it.
`,
  );
});

test('what was signed, and where, is never cut off: it is there to be copied', () => {
  assert.equal(
    renderAttached('signed', `registry.example/app@${digest}`, [{ subject: digest, referrer: digest }], plain(60)),
    `signed  registry.example/app@${digest}
  ${digest}
    bundle  ${digest}
`,
  );
});
