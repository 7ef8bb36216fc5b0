import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finding, today, verdictOf } from '../../policy/testing.ts';
import { cyclonedxMistakes } from '../../sbom/testing.ts';
import { renderReports } from './index.ts';
import type { Report } from './report.ts';
import { plain, sample } from './testing.ts';

const lodash = finding();
const options = { looks: plain(undefined), toolVersion: '1.2.3', now: today };

interface Written {
  readonly id: string;
  readonly analysis?: { readonly state: string; readonly justification?: string; readonly detail: string };
}

async function vulnerabilities(report: Report): Promise<readonly Written[]> {
  const document: { readonly vulnerabilities: readonly Written[] } = JSON.parse(
    await renderReports('cyclonedx-json', [report], options),
  );
  assert.equal(cyclonedxMistakes(document), '');
  return document.vulnerabilities;
}

async function analysisOf(report: Report) {
  const written = await vulnerabilities(report);
  assert.deepEqual(
    written.filter(({ analysis }) => analysis !== undefined).map(({ id }) => id),
    [lodash.id],
    'what counts has none',
  );
  return written.find(({ id }) => id === lodash.id)?.analysis;
}

const statements: readonly (readonly [
  status: 'not_affected' | 'fixed',
  justification: string | undefined,
  state: string,
  written: string | undefined,
])[] = [
  ['not_affected', 'component_not_present', 'not_affected', 'code_not_present'],
  ['not_affected', 'vulnerable_code_not_present', 'not_affected', 'code_not_present'],
  ['not_affected', 'vulnerable_code_not_in_execute_path', 'not_affected', 'code_not_reachable'],
  ['not_affected', 'inline_mitigations_already_exist', 'not_affected', 'protected_by_mitigating_control'],
  ['not_affected', 'vulnerable_code_cannot_be_controlled_by_adversary', 'not_affected', undefined],
  ['not_affected', 'protected_at_perimeter', 'not_affected', 'protected_at_perimeter'],
  ['not_affected', 'We never call it.', 'not_affected', undefined],
  ['fixed', undefined, 'resolved', undefined],
  ['fixed', 'code_not_present', 'resolved', undefined],
];
for (const [status, justification, state, written] of statements) {
  test(`a finding that VEX calls ${status}, ${justification}, is ${state} in CycloneDX`, async () => {
    const suppression = {
      finding: lodash.id,
      component: lodash.component,
      by: 'https://example.org/vex-1',
      reason: `VEX: ${status}`,
      vex: { status, justification },
    };
    const expected = { state, justification: written, detail: `VEX: ${status} (https://example.org/vex-1)` };
    const scanned = await analysisOf({ evidence: sample, suppressions: [suppression] });
    assert.deepEqual({ justification: undefined, ...scanned }, expected);
    const verdict = verdictOf('version: 1\n', sample, { suppressions: [suppression] });
    assert.deepEqual({ justification: undefined, ...(await analysisOf({ evidence: sample, verdict })) }, expected);
  });
}

test('a finding that an exception covers may be exploitable, and says who accepts it until when', async () => {
  const policy = `version: 1
exceptions:
  - { vulnerability: ${lodash.id}, reason: Templates are ours., until: 2026-12-31, ticket: SEC-7 }
  - { vulnerability: CVE-2024-0001, reason: It has ended., until: 2026-01-31 }
`;
  assert.deepEqual(await analysisOf({ evidence: sample, verdict: verdictOf(policy, sample) }), {
    state: 'exploitable',
    detail: 'Templates are ours. (plimsoll.yaml:3, until 2026-12-31; SEC-7)',
  });
});

test('a finding that counts at another place has no analysis', async () => {
  const policy = `version: 1
exceptions:
  - { vulnerability: ${lodash.id}, path: app/node_modules/tool/**, reason: Only there., until: 2026-12-31 }
`;
  const written = await vulnerabilities({ evidence: sample, verdict: verdictOf(policy, sample) });
  assert.ok(written.every(({ analysis }) => analysis === undefined));
});
