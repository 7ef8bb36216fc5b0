import { type SeverityLevel, severityLevels } from '../sbom/index.ts';
import type { Policy } from './line.ts';
import { parsePolicy } from './parse.ts';

/**
 * The policy of `scan --fail-on LEVEL`: malware and findings of this level or a worse one are refused. From `medium` on
 * that takes in what nobody has rated, which may be any of them; above that it is a warning. A layer or package database
 * that could not be read is refused, for it may hide such a finding.
 */
export function failOnSeverity(level: SeverityLevel): Policy {
  const levels = severityLevels.slice(0, severityLevels.indexOf(level) + 1);
  const unrated = '  - { name: unrated, action: warn, when: { kind: vulnerability, severity: unknown } }\n';
  return parsePolicy(
    `version: 1
extends: nothing
rules:
  - { name: malware, action: deny, when: { kind: malware } }
  - { name: fail-on-${level}, action: deny, when: { severity: [${levels.join(', ')}] } }
${levels.includes('unknown') ? '' : unrated}unknown:
  unread-layer: deny
  unread-package-database: deny
  unread-file: warn
  no-version: warn
  no-advisories: warn
  no-components: warn
  stale-advisories: warn
  starter-advisories: warn
`,
    `--fail-on ${level}`,
  );
}
