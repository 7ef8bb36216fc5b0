import type { Component } from '../sbom/index.ts';
import type { AdvisoryLookup, Affected } from './advisory.ts';
import type { Held } from './fix.ts';
import { type Vulnerability, vulnerabilityOf } from './vulnerability.ts';

/** A database's answers, each looked up and put together once: images share most of their packages. */
export interface MatchMemory {
  readonly find: AdvisoryLookup['find'];
  readonly vulnerability: (type: Component['type'], names: readonly string[], hits: readonly Held[]) => Vulnerability;
}

/** Packages asked about, advisories found and vulnerabilities told, together; past that it begins anew. */
const mostRemembered = 100_000;

const memories = new WeakMap<AdvisoryLookup, MatchMemory>();

export function memoryOf(lookup: AdvisoryLookup): MatchMemory {
  const memory = memories.get(lookup) ?? newMemory(lookup);
  memories.set(lookup, memory);
  return memory;
}

interface Told {
  readonly vulnerability: Vulnerability;
  readonly affected: readonly Affected[];
}

function newMemory(lookup: AdvisoryLookup): MatchMemory {
  const found = new Map<string, ReturnType<AdvisoryLookup['find']>>();
  const told = new Map<Affected | undefined, Told[]>();
  let remembered = 0;
  return {
    find(ecosystem, name) {
      const key = `${ecosystem}\0${name}`;
      const known = found.get(key);
      if (known !== undefined) return known;
      if (remembered >= mostRemembered) {
        found.clear();
        told.clear();
        remembered = 0;
      }
      const answer = lookup.find(ecosystem, name);
      found.set(key, answer);
      remembered += 1 + answer.length;
      return answer;
    },
    vulnerability(type, names, hits) {
      const affected = hits.map((hit) => hit.affected);
      const ofFirst = told.get(affected[0]) ?? [];
      const known = ofFirst.find((one) => isSame(one.affected, affected) && isSame(one.vulnerability.names, names));
      if (known !== undefined) return known.vulnerability;
      const vulnerability = vulnerabilityOf(type, names, hits, lookup);
      told.set(affected[0], [...ofFirst, { vulnerability, affected }]);
      remembered++;
      return vulnerability;
    },
  };
}

function isSame<Item>(a: readonly Item[], b: readonly Item[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
