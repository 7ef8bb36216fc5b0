import type { Component } from '../src/sbom/index.ts';
import { matchComponents, openDatabase } from '../src/vuln/index.ts';
import { median } from './measure.ts';

/** Packages that most ecosystems have advisories for, and many more that nobody has heard of. */
const known = {
  npm: ['lodash', 'minimist', 'axios', 'express', 'ws', 'qs', 'tar', 'semver', 'undici', 'follow-redirects'],
  pypi: ['django', 'requests', 'urllib3', 'pyyaml', 'jinja2', 'pillow', 'cryptography', 'aiohttp', 'flask', 'werkzeug'],
  golang: ['stdlib', 'golang.org/x/net', 'golang.org/x/crypto', 'github.com/docker/docker', 'google.golang.org/grpc'],
  gem: ['rails', 'rack', 'nokogiri', 'actionpack', 'puma'],
} as const;
const versions = ['1.0.0', '1.4.2', '2.0.0', '2.3.1', '3.0.0', '4.17.15', '5.1.0', '0.9.9'];

/**
 * Milliseconds for matching 1,000 components, a fifth of them of much-reported packages, by a database that is open: the
 * median, and the first round, in which neither the code nor the pages of the database are warm.
 */
export function matchingTime(path: string, rounds: number): { readonly median: number; readonly first: number } {
  const components = Array.from({ length: 1000 }, (_, index) => component(index));
  const database = openDatabase(path);
  try {
    const times = Array.from({ length: rounds }, () => {
      const started = performance.now();
      matchComponents({ components }, database, { ubuntuPro: false });
      return performance.now() - started;
    });
    return { median: median(times), first: times[0] ?? Number.NaN };
  } finally {
    database.close();
  }
}

function component(index: number): Component {
  const names = Object.entries(known).flatMap(([type, all]) => all.map((name) => ({ type, name })));
  const picked = names[Math.floor(index / 5) % names.length];
  const type = picked?.type === 'npm' || picked?.type === 'pypi' || picked?.type === 'golang' ? picked.type : 'gem';
  const name = index % 5 === 0 && picked !== undefined ? picked.name : `unheard-of-${index}`;
  const version = versions[index % versions.length] ?? '1.0.0';
  return {
    id: `pkg:${type}/${name}@${version}#${index}`,
    type,
    name,
    version,
    licenses: [],
    hashes: [],
    locations: [],
    dependsOn: [],
    foundBy: 'bench',
  };
}
