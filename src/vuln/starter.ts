import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { buildInto } from './builder.ts';
import { type AdvisoryDatabase, readFrom } from './database.ts';
import { parseKev } from './enrichment.ts';
import { list } from './narrow.ts';
import { type OsvRecord, parseOsv } from './osv.ts';
import { timeKey } from './timestamp.ts';

const kevFile = 'known_exploited_vulnerabilities.json';

/**
 * The advisories that come with Plimsoll, as a database in memory: `folder` has a list of OSV records for each
 * ecosystem, `npm.json`, and CISA's list for them. Its data says `starter`, and that it was built when the newest of
 * them was last changed.
 * @throws PlimsollError `vuln/no-starter`
 */
export function openStarter(folder: string): AdvisoryDatabase {
  const database = new DatabaseSync(':memory:');
  try {
    const builder = buildInto(database);
    const records = readStarter(folder);
    for (const { ecosystem, record } of records) builder.add(ecosystem, record);
    builder.exploited(parseKev(readFileSync(join(folder, kevFile))));
    builder.epss(undefined);
    const newest =
      records
        .map(({ record }) => timeKey(record.advisory.modified) ?? '')
        .sort()
        .at(-1) ?? '';
    builder.finish({ built: new Date(`${newest}Z`), source: folder, starter: true });
    return readFrom(database, folder);
  } catch (thrown) {
    database.close();
    throw new PlimsollError(
      'vuln/no-starter',
      `The advisories that come with Plimsoll cannot be read: ${messageOf(thrown)}`,
      {
        hint: 'The installation is damaged; install Plimsoll again. Or get the full data: plimsoll db update',
        kind: 'unavailable',
        cause: thrown,
      },
    );
  }
}

function readStarter(folder: string): readonly { readonly ecosystem: string; readonly record: OsvRecord }[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== kevFile);
  return files.sort().flatMap((file) => {
    const records = list(JSON.parse(readFileSync(join(folder, file), 'utf8')), file, limits.feedDifference);
    return records.map((record) => ({ ecosystem: file.slice(0, -'.json'.length), record: parseOsv(record) }));
  });
}
