import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { parseEpss, parseKev } from './enrichment.ts';

const kev = (...entries: unknown[]) => parseKev(Buffer.from(JSON.stringify({ vulnerabilities: entries })));
const epss = (text: string) => [...parseEpss(Buffer.from(text))];
const entry = {
  cveID: 'CVE-2021-44228',
  dateAdded: '2021-12-10',
  dueDate: '2021-12-24',
  knownRansomwareCampaignUse: 'Known',
};

describe("CISA's known exploited vulnerabilities", () => {
  it('have a date, a due date and whether ransomware uses them', () => {
    assert.deepEqual(kev(entry, { cveID: 'CVE-2024-0001', dateAdded: '2024-01-01' }), [
      { cve: 'CVE-2021-44228', since: '2021-12-10', due: '2021-12-24', ransomware: true },
      { cve: 'CVE-2024-0001', since: '2024-01-01', due: undefined, ransomware: false },
    ]);
  });

  it('are refused as a whole when one entry is broken: a gap would say "not exploited"', () => {
    for (const broken of [{ ...entry, cveID: 'x' }, { ...entry, dateAdded: 'soon' }, { ...entry, dueDate: 3 }, 'x']) {
      assert.throws(() => kev(entry, broken), { code: 'vuln/bad-kev', kind: 'unavailable' });
    }
    for (const text of ['', '[]', '{}', '{"vulnerabilities":[]}', '{"vulnerabilities":']) {
      assert.throws(() => parseKev(Buffer.from(text)), { code: 'vuln/bad-kev' }, text);
    }
  });
});

describe('EPSS scores', () => {
  it('are read past the comment and the header', () => {
    const text =
      '#model_version:v2025.03.14,score_date:2025-01-01T00:00:00Z\ncve,epss,percentile\nCVE-2024-0001,0.00043,0.1\n';
    assert.deepEqual(epss(`${text}CVE-2024-0002,1e-5,1.0\r\n`), [
      { cve: 'CVE-2024-0001', score: 0.00043, percentile: 0.1 },
      { cve: 'CVE-2024-0002', score: 0.00001, percentile: 1 },
    ]);
  });

  it('are refused with the line that is wrong', () => {
    const broken: readonly (readonly [string, RegExp])[] = [
      ['', /empty/],
      ['<html>', /line 1 is not the header/],
      ['cve,epss,percentile\nCVE-2024-0001,0.1', /line 2/],
      ['cve,epss,percentile\nCVE-2024-0001,0.1,0.2\nCVE-2024-0002,NaN,1', /line 3/],
      ['cve,epss,percentile\nCVE-2024-0001,2,1', /line 2/],
      ['cve,epss,percentile\nx,0.1,0.1', /line 2/],
    ];
    for (const [text, message] of broken) assert.throws(() => epss(text), { code: 'vuln/bad-epss', message }, text);
  });
});

it('readers of both throw nothing but a PlimsollError', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.string().map((line) => `cve,epss,percentile\n${line}`),
      ),
      (text) => {
        for (const read of [() => parseKev(Buffer.from(text)), () => epss(text)]) {
          try {
            read();
          } catch (thrown) {
            assert.ok(thrown instanceof PlimsollError, String(thrown));
          }
        }
      },
    ),
  );
});
