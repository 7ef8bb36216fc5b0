import { namePattern } from './package-name.ts';

/** A requirement as PEP 508 writes it: `name[extra]>=1.0; marker`, `name @ URL`. */
export interface Requirement {
  readonly name: string;
  readonly extras: readonly string[];
  /** Of `==1.0` or `===1.0`: the one version that it allows. */
  readonly pinned: string | undefined;
  /** Of `name @ URL`. */
  readonly address: string | undefined;
  /** Whether it only counts when the package is asked for with some extra. */
  readonly forExtra: boolean;
}

const clause = /^\s*(~=|===|==|!=|<=|>=|<|>)\s*([^\s,;()]+)\s*$/;

/** `undefined`: not a requirement. */
export function parseRequirement(text: string): Requirement | undefined {
  const trimmed = text.trim();
  if (trimmed.length > 10_000) return undefined;
  const name = namePattern.exec(trimmed)?.[0];
  if (name === undefined) return undefined;
  const [, extras, rest = ''] = /^\s*(?:\[([^[\]]*)\])?\s*(.*)$/s.exec(trimmed.slice(name.length)) ?? [];
  const byAddress = rest.startsWith('@');
  const markerAt = byAddress ? rest.search(/\s;/) : rest.indexOf(';');
  const asked = markerAt < 0 ? rest : rest.slice(0, markerAt);
  const marker = markerAt < 0 ? '' : rest.slice(markerAt);
  const pinned = byAddress ? undefined : pinnedBy(asked);
  if (pinned === null) return undefined;
  return {
    name,
    extras: (extras ?? '').split(',').flatMap((extra) => extra.trim() || []),
    pinned,
    address: byAddress ? asked.slice(1).trim() : undefined,
    forExtra: /\bextra\b/.test(marker),
  };
}

/** The version of a pin among the clauses; `null` when they are no version specifiers (PEP 440). */
function pinnedBy(specifiers: string): string | undefined | null {
  const [, inside] = /^\((.*)\)\s*$/s.exec(specifiers) ?? [];
  const list = (inside ?? specifiers).trim();
  if (list === '') return undefined;
  let pinned: string | undefined;
  for (const part of list.replace(/,\s*$/, '').split(',')) {
    const [, operator, version] = clause.exec(part) ?? [];
    if (version === undefined) return null;
    if (operator === '===' || (operator === '==' && !version.includes('*'))) pinned = version;
  }
  return pinned;
}
