import assert from 'node:assert/strict';
import { test } from 'node:test';
import { component, evidence, today } from '../../policy/testing.ts';
import { renderReports, reportFormats } from './index.ts';
import { renderInventory } from './inventory.ts';
import { empty, plain, sample } from './testing.ts';

const options = { looks: plain(80), toolVersion: '1.2.3', timestamp: '2026-01-02T03:04:05Z', now: today };

test('every format gives a text that ends with a line break, the same again each time', async () => {
  for (const format of reportFormats) {
    for (const each of [sample, empty]) {
      const text = await renderReports(format, [{ evidence: each }], options);
      assert.match(text, /[^\n]\n$/, format);
      assert.equal(await renderReports(format, [{ evidence: each }], options), text);
    }
  }
});

test('an SBOM of a scan has the findings in CycloneDX, and the time that was given', async () => {
  const bom: unknown = JSON.parse(await renderReports('cyclonedx-json', [{ evidence: sample }], options));
  const { vulnerabilities, metadata }: { vulnerabilities?: { id: string }[]; metadata?: { timestamp: string } } =
    Object(bom);
  assert.deepEqual(vulnerabilities?.map(({ id }) => id).sort(), ['CVE-2021-23337', 'CVE-2024-0001', 'CVE-2024-0002']);
  assert.equal(metadata?.timestamp, '2026-01-02T03:04:05Z');
  assert.match(await renderReports('spdx-json', [{ evidence: sample }], options), /"created": "2026-01-02T03:04:05Z"/);
});

test('an SBOM describes one target: none and several are refused', async () => {
  for (const format of ['cyclonedx-json', 'spdx-json'] as const) {
    for (const reports of [[], [{ evidence: sample }, { evidence: empty }]]) {
      await assert.rejects(() => renderReports(format, reports, options), {
        code: 'cli/several-in-one-sbom',
        message: `${format} describes one target, not ${reports.length}`,
      });
    }
  }
});

test('a long name in an inventory leaves the versions on the screen', () => {
  const name = 'a-name-of-'.repeat(12);
  const components = [component({ licenses: [] }), component({ id: 'pkg:npm/long', name, version: '1.2.3' })];
  const rows = renderInventory(evidence({ components }), plain(60)).split('\n').slice(3, 5);
  assert.deepEqual(
    rows.map((row) => row.replace(/ +/g, ' ')),
    ['npm a-name-of-a-name-of-a-name-of-a-name-of-a-nam… 1.2.3 …', 'npm lodash 4.17.20'],
  );
});

test('an inventory lists each component with its version and licences, by kind and name', () => {
  assert.equal(
    renderInventory(sample, plain(80)),
    `web:1
linux/amd64, sha256:abc, 2 layers, Debian GNU/Linux 12, 3 components

deb  libssl3  3.0.11-1  MIT
deb  openssl  3.0.11-1  MIT
npm  lodash   4.17.20   MIT

Not found out (2):
  app/yarn.lock (layer 2): line 3 is no entry
  Hex (2 components): The data has nothing about Hex.
`,
  );
});
