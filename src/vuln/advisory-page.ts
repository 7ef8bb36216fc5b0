import type { Advisory } from './advisory.ts';

/** Where each source shows its advisories, by the form of the id; `$1` is the part in brackets. */
const pages: readonly (readonly [RegExp, string])[] = [
  [/^(CVE-\d+-\d+)$/, 'https://nvd.nist.gov/vuln/detail/$1'],
  [/^(GHSA-[0-9a-z-]+)$/, 'https://github.com/advisories/$1'],
  [/^(GO-\d+-\d+)$/, 'https://pkg.go.dev/vuln/$1'],
  [/^(RUSTSEC-\d+-\d+)$/, 'https://rustsec.org/advisories/$1.html'],
  [/^(?:DEBIAN-)?((?:DSA|DLA|CVE)-\d+-\d+)$/, 'https://security-tracker.debian.org/tracker/$1'],
  [/^UBUNTU-(CVE-\d+-\d+)$/, 'https://ubuntu.com/security/$1'],
  [/^(USN-\d+-\d+)$/, 'https://ubuntu.com/security/notices/$1'],
  [/^ALPINE-(CVE-\d+-\d+)$/, 'https://security.alpinelinux.org/vuln/$1'],
  [/^(RH[SBE]A-\d+:\d+)$/, 'https://access.redhat.com/errata/$1'],
  [/^((?:MAL|PYSEC|OSV)-\d+-\d+)$/, 'https://osv.dev/vulnerability/$1'],
];

const known = new WeakMap<Advisory, string>();

/** The page that tells more about an advisory: its source's, else the first it refers to, else OSV's. */
export function advisoryPage(advisory: Advisory): string {
  const page = known.get(advisory) ?? pageOf(advisory);
  known.set(advisory, page);
  return page;
}

function pageOf({ id, references }: Advisory): string {
  for (const [form, page] of pages) if (form.test(id)) return id.replace(form, page);
  return references?.[0] ?? `https://osv.dev/vulnerability/${encodeURIComponent(id)}`;
}
