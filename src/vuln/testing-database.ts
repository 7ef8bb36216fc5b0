/** For tests: a database file with given records, made the way the update makes it. */
import { DatabaseSync } from 'node:sqlite';
import type { AdvisoryData } from '../sbom/index.ts';
import { buildInto } from './builder.ts';
import type { EpssScore, Exploited } from './enrichment.ts';
import { parseOsv } from './osv.ts';
import type { TestRecord } from './testing-feed.ts';

interface Enrichment {
  readonly kev?: readonly Exploited[];
  readonly epss?: readonly EpssScore[];
}

/** `feeds`: records by ecosystem without release. */
export function writeDatabase(
  path: string,
  feeds: Readonly<Record<string, readonly TestRecord[]>>,
  { kev, epss }: Enrichment = {},
): AdvisoryData {
  const database = new DatabaseSync(path);
  try {
    const builder = buildInto(database);
    for (const [feed, records] of Object.entries(feeds)) {
      for (const record of records) builder.add(feed, parseOsv(record));
    }
    builder.exploited(kev);
    builder.epss(epss);
    return builder.finish({ built: new Date('2024-06-01T00:00:00Z'), source: 'test', starter: false });
  } finally {
    database.close();
  }
}
