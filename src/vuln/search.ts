import { PlimsollError } from '../error.ts';
import { parsePurl, type Severity } from '../sbom/index.ts';
import type { Advisory, AdvisoryLookup, Affected } from './advisory.ts';
import type { AdvisoryDatabase, StoredRecord } from './database.ts';
import { languageEcosystems } from './ecosystem.ts';
import { baseEcosystem } from './osv.ts';
import { rangesInWords } from './range-words.ts';
import { severityIn } from './severity.ts';

/** What the database knows about a package or a vulnerability. */
export interface SearchResult {
  /** How the text was understood. */
  readonly asked:
    | { readonly kind: 'advisory'; readonly name: string }
    /** Without ecosystem: in all. */
    | { readonly kind: 'package'; readonly name: string; readonly ecosystem: string | undefined };
  /** Known exploited ones first, then the latest. */
  readonly hits: readonly SearchHit[];
}

export interface SearchHit {
  readonly advisory: Advisory;
  readonly withdrawn: boolean;
  /** For a package those entries that are about it, otherwise all. */
  readonly affected: readonly {
    readonly ecosystem: string;
    readonly package: string;
    /** `from 2.0 before 2.15.0`. */
    readonly versions: string;
    readonly rating: string | undefined;
  }[];
  /** What {@link severities} come to. */
  readonly severity: Severity;
  /** The advisory's own scores; where it has none, those of other advisories about the same vulnerability. */
  readonly severities: ReturnType<AdvisoryLookup['severities']>;
  /** By CVE: an erratum stands for several. */
  readonly exploited: readonly ({ readonly cve: string } & NonNullable<ReturnType<AdvisoryLookup['exploited']>>)[];
  readonly epss: readonly ({ readonly cve: string } & NonNullable<ReturnType<AdvisoryLookup['epss']>>)[];
}

/**
 * Looks for an advisory by any of its names (`CVE-2021-44228`, `GHSA-…`, `DSA-…`; case does not matter), or for a package: by name in all
 * ecosystems, in one (`npm/lodash`, `Debian:12/openssl`, `debian/openssl`), or by purl, whose version does not count.
 * @throws PlimsollError `vuln/nothing-to-search`, `sbom/bad-purl`, `vuln/database-corrupt`
 */
export function searchDatabase(database: AdvisoryDatabase, text: string): SearchResult {
  const query = text.trim();
  if (query === '') {
    throw new PlimsollError('vuln/nothing-to-search', 'There is nothing to search for.', {
      hint: 'Name a package or an advisory: lodash, npm/lodash, CVE-2021-44228',
    });
  }
  if (query.startsWith('pkg:')) {
    const { name, scope, matches } = purlScope(query);
    return packageSearch(database, name, scope, matches);
  }
  const records = database.records(query);
  if (records.length > 0 || /^[a-z]+-\d{4}-\d+|^(?:ghsa|cga)(?:-\w{4}){3}$/i.test(query)) {
    return {
      asked: { kind: 'advisory', name: query },
      hits: sorted(byId(records).map((record) => hitOf(database, record))),
    };
  }
  const slash = query.indexOf('/');
  const scope = query.slice(0, Math.max(slash, 0)).toLowerCase();
  const isScope = (ecosystem: string) => {
    const name = ecosystem.toLowerCase();
    return name === scope || baseEcosystem(name) === scope;
  };
  return [...database.ecosystems].some(isScope)
    ? packageSearch(database, query.slice(slash + 1), query.slice(0, slash), isScope)
    : packageSearch(database, query, undefined, () => true);
}

function packageSearch(
  database: AdvisoryDatabase,
  name: string,
  scope: string | undefined,
  matches: (ecosystem: string) => boolean,
): SearchResult {
  const found = new Map<string, StoredRecord>();
  for (const ecosystem of [...database.ecosystems].filter(matches)) {
    for (const { advisory, affected } of database.find(ecosystem, name)) {
      const key = `${baseEcosystem(ecosystem)}\n${advisory.id}`;
      const before = found.get(key)?.affected ?? [];
      found.set(key, { feed: baseEcosystem(ecosystem), advisory, affected: [...before, affected], withdrawn: false });
    }
  }
  const hits = byId([...found.values()]).map((record) => hitOf(database, record));
  return { asked: { kind: 'package', name, ecosystem: scope }, hits: sorted(hits) };
}

function purlScope(purl: string): { name: string; scope: string; matches: (ecosystem: string) => boolean } {
  const { type, name, namespace = '' } = parsePurl(purl);
  if (type === 'deb' || type === 'rpm' || type === 'apk' || type === 'generic') {
    // `rocky-linux` and `rocky` are `Rocky Linux`.
    const letters = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
    const matches = (ecosystem: string) =>
      namespace !== '' && letters(baseEcosystem(ecosystem)).startsWith(letters(namespace));
    return { name, scope: namespace === '' ? type : namespace, matches };
  }
  const scope = languageEcosystems[type];
  return { name, scope, matches: (ecosystem) => ecosystem === scope };
}

/** A record that several feeds have is one, with the packages of all. */
function byId(records: readonly StoredRecord[]): readonly StoredRecord[] {
  const joined = new Map<string, StoredRecord>();
  for (const record of records) {
    const { id } = record.advisory;
    const before = joined.get(id);
    joined.set(id, before === undefined ? record : { ...before, affected: [...before.affected, ...record.affected] });
  }
  return [...joined.values()];
}

function hitOf(database: AdvisoryDatabase, { advisory, affected, withdrawn }: StoredRecord): SearchHit {
  const { id, aliases, upstream } = advisory;
  const cves = [...new Set([id, ...aliases, ...upstream])].filter((name) => name.startsWith('CVE-'));
  const own = database.severities([id]).filter((one) => one.advisory === id);
  const severities =
    own.length > 0 ? own : [...new Map(database.severities(cves).map((one) => [one.advisory, one])).values()];
  return {
    advisory,
    withdrawn,
    affected: affected.map((one) => described(one)),
    severity: severityIn(severities),
    severities,
    exploited: cves.flatMap((cve) => {
      const known = database.exploited(cve);
      return known === undefined ? [] : [{ cve, ...known }];
    }),
    epss: cves.flatMap((cve) => {
      const known = database.epss(cve);
      return known === undefined ? [] : [{ cve, ...known }];
    }),
  };
}

function described(affected: Affected): SearchHit['affected'][number] {
  const { ecosystem, name, rating } = affected;
  return { ecosystem, package: name, versions: rangesInWords(affected), rating };
}

function sorted(hits: readonly SearchHit[]): readonly SearchHit[] {
  const rank = ({ advisory, exploited }: SearchHit) => `${exploited.length > 0 ? 1 : 0} ${advisory.published ?? ''}`;
  return hits
    .map((hit) => ({ hit, rank: rank(hit) }))
    .sort((a, b) => (a.rank > b.rank ? -1 : a.rank < b.rank ? 1 : 0))
    .map(({ hit }) => hit);
}
