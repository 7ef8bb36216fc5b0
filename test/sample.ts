/** For tests: an image whose findings are known, and the advisories that they are by. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestImage, type TestImageOptions, testImage, writeFiles } from '../src/image/testing-image.ts';
import { recordOf, writeFeed } from '../src/vuln/testing-feed.ts';
import { plimsoll, workspace } from './command-line.ts';

/** Of a root file system: a distribution and a package of it. */
export const base = {
  'etc/os-release': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  'var/lib/dpkg/status':
    'Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0.0-1\nDescription: TLS\n',
};

/** A project and a library that is installed. */
export const application = {
  'srv/app/package-lock.json': JSON.stringify({
    name: 'app',
    lockfileVersion: 3,
    packages: { '': { name: 'app' }, 'node_modules/lodash': { version: '1.0.0', license: 'MIT' } },
  }),
  'usr/lib/python3/dist-packages/requests-1.0.0.dist-info/METADATA':
    'Metadata-Version: 2.1\nName: requests\nVersion: 1.0.0\nLicense: Apache-2.0\n',
};

export function sampleImage(options: TestImageOptions = {}): TestImage {
  return testImage({ layers: [base, application], ...options });
}

/** What the advisories say of {@link sampleImage}, as {@link findingsIn} has it. */
export const sampleFindings = [
  'CVE-2026-1000 lodash 1.0.0 critical',
  'CVE-2026-2000 requests 1.0.0 high',
  'CVE-2026-3000 openssl 1.0.0-1 medium',
];
export const sampleComponents = ['lodash 1.0.0', 'openssl 1.0.0-1', 'requests 1.0.0'];

const criticalVector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const highVector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N';
const mediumVector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N';

function rated(vector: string, more: object = {}) {
  return { severity: [{ type: 'CVSS_V3', score: vector }], modified: new Date().toISOString(), ...more };
}

/** By ecosystem: each package of the sample is affected before 2.0.0. */
export const sampleAdvisories = {
  npm: [recordOf('npm', 'GHSA-1111-1111-1111', 'lodash', rated(criticalVector, { aliases: ['CVE-2026-1000'] }))],
  PyPI: [recordOf('PyPI', 'PYSEC-2026-2', 'requests', rated(highVector, { aliases: ['CVE-2026-2000'] }))],
  Debian: [
    recordOf('Debian:12', 'DEBIAN-CVE-2026-3000', 'openssl', rated(mediumVector, { upstream: ['CVE-2026-3000'] })),
  ],
};

/** In the layout of the OSV bucket, with what CISA and FIRST say of them. */
export function writeSampleFeed(folder: string): void {
  writeFeed(folder, sampleAdvisories);
  const exploited = { cveID: 'CVE-2026-2000', dateAdded: '2026-02-03', knownRansomwareCampaignUse: 'Unknown' };
  writeFileSync(
    join(folder, 'known_exploited_vulnerabilities.json'),
    JSON.stringify({ count: 1, vulnerabilities: [exploited] }),
  );
  writeFileSync(join(folder, 'epss_scores-current.csv'), 'cve,epss,percentile\nCVE-2026-1000,0.75,0.99\n');
}

/** The path of a database of {@link sampleAdvisories}, made as users make theirs. */
export async function sampleDatabase(): Promise<string> {
  const feed = join(workspace, 'sample-feed');
  const path = join(workspace, 'sample.db');
  writeSampleFeed(feed);
  await plimsoll(['db', 'update', '--from', feed, '--db', path]);
  return path;
}

let written = 0;

/** The files of an OCI image layout, as a target. */
export async function writeLayout(files: ReadonlyMap<string, Buffer>): Promise<string> {
  const name = `layout-${++written}`;
  await writeFiles(join(workspace, name), files);
  return `oci:${name}`;
}

export function writeArchive(scheme: 'oci-archive' | 'docker-archive', bytes: Buffer): string {
  const name = `archive-${++written}.tar`;
  writeFileSync(join(workspace, name), bytes);
  return `${scheme}:${name}`;
}
