import type { AdvisoryLookup, RangeEvent } from './advisory.ts';
import { baseEcosystem } from './osv.ts';
import type { VersionKey } from './version/key.ts';

type Entries = ReturnType<AdvisoryLookup['find']>;

/**
 * What the errata of AlmaLinux say about one package. They list every build that brought a fix, rebuilds and those of
 * other architectures among them, each in an entry of its own that calls all builds before it affected: of one erratum
 * the lowest counts, since each of them has the fix.
 */
export function decisiveEntries(entries: Entries, ecosystem: string, key: VersionKey): Entries {
  if (baseEcosystem(ecosystem) !== 'AlmaLinux') return entries;
  const lowest = new Map<string, string>();
  for (const entry of entries) {
    const fix = fixKey(entry.affected, key);
    const known = lowest.get(streamOf(entry));
    if (fix !== undefined && (known === undefined || fix < known)) lowest.set(streamOf(entry), fix);
  }
  return entries.filter((entry) => {
    const fix = fixKey(entry.affected, key);
    return fix === undefined || fix === lowest.get(streamOf(entry));
  });
}

/** Of an erratum for several module streams, each has its own builds, where it says so. */
function streamOf({ advisory, affected }: Entries[number]): string {
  return `${advisory.id} ${affected.qualifiers['rpmmod'] ?? ''}`;
}

/** The key of the fix, where all versions before it are affected. */
function fixKey({ ranges }: Entries[number]['affected'], key: VersionKey): string | undefined {
  const [introduced, fixed, ...others] = ranges.flatMap(({ events }): readonly RangeEvent[] => events);
  if (introduced === undefined || fixed === undefined || others.length > 0) return undefined;
  return 'introduced' in introduced && introduced.introduced === '0' && 'fixed' in fixed ? key(fixed.fixed) : undefined;
}
