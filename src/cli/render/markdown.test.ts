import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { component, evidence, finding, only, today, verdictOf } from '../../policy/testing.ts';
import type { Evidence } from '../../sbom/index.ts';
import { renderMarkdown } from './markdown.ts';
import { codeSpan, markdownLink, markdownText } from './markdown-text.ts';
import { arbitraryEvidence, empty, hostileText, sample } from './testing.ts';

test('a scan: the totals, a row for each package, the findings folded away', () => {
  assert.equal(
    renderMarkdown([{ evidence: sample }], today),
    `## <code>web&#58;1</code>

linux/amd64 · sha256&#58;abc · 2 layers · Debian GNU/Linux 12 · 3 components

**1 critical, 1 high, 1 medium, 1 known to be exploited (KEV)** in 2 packages.

| Package | Installed | Found | What to do |
| --- | --- | --- | --- |
| <code>openssl</code> deb<br>layer 1&#58; ADD rootfs.tar / | <code>3.0.11-1</code> | 1 critical, 1 medium, 1 known to be exploited (KEV) | update to 3.0.14-1 fixes 1 of 2 |
| <code>lodash</code> npm<br><code>app/node&#95;modules/lodash/package.json</code> and 1 more place, layer 2&#58; RUN npm ci | <code>4.17.20</code> | 1 high | update to 4.17.21 fixes it |

<details><summary>All findings: 3 findings in 2 packages</summary>

| Package | Severity | Finding | Fix | Summary |
| --- | --- | --- | --- | --- |
| <code>openssl 3.0.11-1</code> | critical 9.8<br>KEV EPSS 94 % | [<code>CVE-2024-0001</code>](https://example.org/DSA-0001-1) | 3.0.14-1 | Reads beyond the end of a buffer |
| <code>openssl 3.0.11-1</code> | medium 5.3 | <code>CVE-2024-0002</code> | no fix yet |  |
| <code>lodash 4.17.20</code> | high 7.2 | <code>CVE-2021-23337</code> | 4.17.21 | Command injection in templates |

</details>

<details><summary>Not found out (2)</summary>

- app/yarn.lock &#40;layer 2&#41;&#58; line 3 is no entry
- Hex &#40;2 components&#41;&#58; The data has nothing about Hex.

</details>

Advisory data: 200,000 advisories, newest of 2026-06-15, today
`,
  );
});

test('a verdict: the answer first, the reasons with their rules, what was accepted, what to do', () => {
  const policy = only(
    `  - { name: exploited, action: deny, reason: Attackers use it., when: { exploited: true } }
  - { name: no-mit, action: warn, when: { license: MIT, component: "pkg:npm/*" } }`,
    'exceptions: [{ vulnerability: CVE-2021-23337, reason: templates are ours, until: 2026-12-31 }]\n',
  );
  const verdict = verdictOf(policy, sample);
  assert.equal(
    renderMarkdown([{ evidence: sample, verdict, rescan: 'plimsoll scan web:1' }], today),
    `## 🛑 DENY: <code>web&#58;1</code>

At the **build** gate, by <code>plimsoll.yaml</code> (<code>${verdict.policy.digest.slice(0, 19).replace(':', '&#58;')}</code>).

linux/amd64 · sha256&#58;abc · 2 layers · Debian GNU/Linux 12 · 3 components

**2 reasons to deny, 1 reason to warn; 2 things not found out**

|  | What | Rule | What to do |
| --- | --- | --- | --- |
| 🛑 deny | <code>openssl 3.0.11-1</code> deb: [<code>CVE-2024-0001</code>](https://example.org/DSA-0001-1)<br>layer 1&#58; ADD rootfs.tar / | <code>exploited</code><br>Attackers use it. | update to 3.0.14-1 fixes it |
| ⚠️ warn | lodash 4.17.20 is under &#34;MIT&#34;; rule no-mit does not accept that. <code>app/node&#95;modules/lodash/package.json</code> | <code>no-mit</code> |  |

<details><summary>All findings: 2 findings in 1 package</summary>

| Package | Severity | Finding | Fix | Summary |
| --- | --- | --- | --- | --- |
| <code>openssl 3.0.11-1</code> | critical 9.8<br>KEV EPSS 94 % | [<code>CVE-2024-0001</code>](https://example.org/DSA-0001-1) | 3.0.14-1 | Reads beyond the end of a buffer |
| <code>openssl 3.0.11-1</code> | medium 5.3 | <code>CVE-2024-0002</code> | no fix yet |  |

</details>

No rule is about 1 finding (1 medium).

<details><summary>Suppressed (1)</summary>

- CVE-2021-23337 in lodash 4.17.20&#58; templates are ours &#40;plimsoll.yaml&#58;15, until 2026-12-31&#41;

</details>

<details><summary>Not found out (2)</summary>

- app/yarn.lock &#40;layer 2&#41;&#58; line 3 is no entry
- Hex &#40;2 components&#41;&#58; The data has nothing about Hex.

</details>

**What to do next**

- Update openssl to 3.0.14-1&#58; answers 2 reasons.
- 2 of 2 reasons come with layer 1&#58; ADD rootfs.tar /
- To accept something for a time, write an exception with a reason and an end date into plimsoll.yaml.
- See every finding&#58; plimsoll scan web&#58;1

Advisory data: 200,000 advisories, newest of 2026-06-15, today
`,
  );
});

const escapes: readonly (readonly [what: string, text: string, markdown: string])[] = [
  ['a table cell', 'a|b', 'a&#124;b'],
  ['code', '`x`', '&#96;x&#96;'],
  ['HTML', '<img src=x>', '&#60;img src&#61;x&#62;'],
  ['a link', '[a](b)', '&#91;a&#93;&#40;b&#41;'],
  ['emphasis', '*a* _b_ ~c~', '&#42;a&#42; &#95;b&#95; &#126;&#8203;c&#126;&#8203;'],
  ['a character reference', '&lt;', '&#38;&#8203;lt;'],
  ['a mention and a reference', '@ada #1 !2', '&#64;&#8203;ada &#35;&#8203;1 &#33;&#8203;2'],
  ['an address', 'see https://a.example', 'see https&#58;&#8203;//a.example'],
  ['an address without a scheme', 'www.a.example', 'www&#8203;.a.example'],
  ['lines', 'a\n\n# b', 'a &#35;&#8203; b'],
  ['an escape', '\\|', '&#92;&#124;'],
];
for (const [what, text, expected] of escapes) {
  test(`text from outside cannot make ${what}`, () => assert.equal(markdownText(text), expected));
}

test('no text from outside leaves a character that markdown or HTML acts on', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      assert.doesNotMatch(markdownText(text).replace(/&#\d+;/g, ''), /[&<>|`*_~[\]()#@!\\$'"{}\n]/);
      assert.doesNotMatch(
        codeSpan(text)
          .slice(6, -7)
          .replace(/&#\d+;/g, ''),
        /[&<>|`*_~[\]()#@!\\$'"{}\n]/,
      );
    }),
  );
});

test('the address of a link cannot end the link or the table cell', () => {
  assert.equal(markdownLink('a', 'https://a.example/(x)|y_z'), '[<code>a</code>](https://a.example/%28x%29%7Cy%5Fz)');
});

test('an address that is not of the web is no link', () => {
  const advisories = [{ id: 'A', url: 'javascript:alert(1)' }];
  const text = renderMarkdown([{ evidence: evidence({ findings: [finding({ advisories })] }) }], today);
  assert.doesNotMatch(text, /javascript/);
});

test('malware is to be removed', () => {
  const malware = finding({ id: 'MAL-2024-1', kind: 'malware', fix: { state: 'unknown' } });
  const text = renderMarkdown([{ evidence: evidence({ findings: [malware] }) }], today);
  assert.match(text, /\| remove it&#58; it is malware \|/);
  assert.match(text, /MAL-2024-1.*\| remove it \|/);
  assert.doesNotMatch(text, /unknown/);
});

test('without findings it says whether that is good news', () => {
  assert.match(renderMarkdown([{ evidence: empty }], today), /No component was found/);
  assert.match(renderMarkdown([{ evidence: evidence() }], today), /^No known vulnerability was found\.$/m);
});

function crowd(packages: number, each: number): Evidence {
  const components = Array.from({ length: packages }, (_, index) =>
    component({ id: `pkg:npm/p${index}@1`, name: `p${index}`, version: '1' }),
  );
  const findings = components.flatMap(({ id, name }) =>
    Array.from({ length: each }, (_, index) =>
      finding({
        id: `CVE-2024-${index}`,
        component: id,
        matched: { ecosystem: 'npm', package: name, version: '1' },
        summary: '|`<b>'.repeat(60),
      }),
    ),
  );
  return evidence({ components, findings });
}

test('a long report stays within a comment, and says what it leaves out', () => {
  const what = crowd(500, 10);
  const verdict = verdictOf(only('  - { name: high, action: deny, when: { severity: high } }'), what);
  for (const report of [{ evidence: what }, { evidence: what, verdict }]) {
    const text = renderMarkdown([report], today);
    assert.ok(text.length <= 60_000, `${text.length}`);
    assert.ok(text.length > 30_000, `${text.length}`);
    assert.match(
      text,
      /_Left out for length: [\d,]+ rows of the table and [\d,]+ findings\. `-o json` has all of it\._/,
    );
  }
});

test('many targets share the room, and those without a place are counted', () => {
  const few = renderMarkdown(
    Array.from({ length: 10 }, () => ({ evidence: crowd(50, 2) })),
    today,
  );
  assert.ok(few.length <= 60_000);
  assert.equal(few.match(/^## /gm)?.length, 10);
  const many = renderMarkdown(
    Array.from({ length: 2_000 }, () => ({ evidence: crowd(1, 1) })),
    today,
  );
  assert.ok(many.length <= 60_000);
  assert.match(many, /_Left out for length: [\d,]+ targets\./);
  assert.match(many, /^- and [\d,]+ more$/m);
});

test('whatever is found, the report is bounded, keeps its tables, and is the same again', () => {
  fc.assert(
    fc.property(arbitraryEvidence, (what) => {
      const report = { evidence: what, verdict: verdictOf('version: 1\n', what) };
      const text = renderMarkdown([report, { evidence: what }], today);
      assert.ok(text.length <= 60_000);
      assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}]/u);
      for (const [rows = ''] of text.matchAll(/(?:^\|.*\n)+/gm)) {
        const bars = rows
          .trimEnd()
          .split('\n')
          .map((row) => row.split('|').length);
        assert.equal(new Set(bars).size, 1, rows);
      }
      assert.equal(renderMarkdown([report, { evidence: what }], today), text);
    }),
    { numRuns: 40 },
  );
});
