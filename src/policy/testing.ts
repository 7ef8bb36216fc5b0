/** For tests of what takes evidence: small whole values that a case changes in one place. */
import type { AdvisoryData, Component, Evidence, Finding, Unknown } from '../sbom/index.ts';
import { judge } from './judge.ts';
import { parsePolicy } from './parse.ts';
import type { Gate } from './schema.ts';
import type { Suppression, Verdict } from './verdict.ts';

export const today = new Date('2026-06-15T12:00:00Z');

export function component(changes: Partial<Component> = {}): Component {
  return {
    id: 'pkg:npm/lodash@4.17.20',
    type: 'npm',
    name: 'lodash',
    version: '4.17.20',
    licenses: ['MIT'],
    hashes: [],
    locations: [{ path: 'app/node_modules/lodash/package.json', layer: 1 }],
    dependsOn: [],
    foundBy: 'npm',
    ...changes,
  };
}

export function finding(changes: Partial<Finding> = {}): Finding {
  const id = changes.id ?? 'CVE-2021-23337';
  return {
    id,
    names: [id],
    kind: 'vulnerability',
    component: 'pkg:npm/lodash@4.17.20',
    matched: { ecosystem: 'npm', package: 'lodash', version: '4.17.20' },
    severity: { level: 'high', score: 7.2, source: 'GHSA-35jh-r3h4-6jhm' },
    fix: { state: 'fixed', version: '4.17.21', since: '2026-06-05T12:00:00Z' },
    published: '2026-05-16T12:00:00Z',
    advisories: [],
    ...changes,
  };
}

export function evidence(
  changes: {
    readonly components?: readonly Component[];
    readonly findings?: readonly Finding[];
    readonly unknown?: readonly Unknown[];
    readonly advisories?: Partial<AdvisoryData>;
  } = {},
): Evidence {
  return {
    artifact: {
      kind: 'image',
      reference: 'web:1',
      digest: 'sha256:abc',
      platform: 'linux/amd64',
      labels: {},
      layers: [
        { digest: 'sha256:base', size: 1, createdBy: 'ADD rootfs.tar /' },
        { digest: 'sha256:app', size: 1, createdBy: 'RUN npm ci' },
      ],
    },
    components: changes.components ?? [component()],
    findings: changes.findings ?? [],
    unknown: changes.unknown ?? [],
    advisories: {
      built: '2026-06-15T06:00:00Z',
      newest: '2026-06-15T05:00:00Z',
      advisories: 200_000,
      ecosystems: ['npm'],
      digest: 'sha256:data',
      starter: false,
      ...changes.advisories,
    },
  };
}

/** The default line, but for its warning of images whose signers nobody names. */
export const defaultOnSigned = 'version: 1\nextends: default\ntrust: { unsigned: allow }\n';

/** The verdict of a policy text, at `build` and on {@link today} unless told otherwise. */
export function verdictOf(
  text: string,
  what: Evidence,
  options: { readonly gate?: Gate; readonly at?: Date; readonly suppressions?: readonly Suppression[] } = {},
): Verdict {
  return judge(
    what,
    parsePolicy(text, 'plimsoll.yaml'),
    options.gate ?? 'build',
    options.at ?? today,
    options.suppressions,
  );
}

/** A policy of its own with these rules, where nothing unknown counts. */
export function only(rules: string, rest = ''): string {
  return `version: 1
extends: nothing
rules:
${rules}
unknown:
  unread-layer: allow
  unread-package-database: allow
  unread-file: allow
  no-version: allow
  no-advisories: allow
  no-components: allow
  stale-advisories: allow
  starter-advisories: allow
${rest}`;
}
