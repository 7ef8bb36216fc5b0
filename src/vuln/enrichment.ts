import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { list, object, optionalText, text } from './narrow.ts';

/** An entry of CISA's catalogue of Known Exploited Vulnerabilities. Dates are `YYYY-MM-DD`. */
export interface Exploited {
  readonly cve: string;
  readonly since: string;
  readonly due: string | undefined;
  readonly ransomware: boolean;
}

/** FIRST's EPSS of one CVE, both 0 to 1. */
export interface EpssScore {
  readonly cve: string;
  readonly score: number;
  readonly percentile: number;
}

const cveId = /^CVE-\d{4}-\d{4,19}$/;

/**
 * Reads `known_exploited_vulnerabilities.json` (cisa.gov, "KEV catalog JSON schema"). All of it or nothing: an entry left
 * out would be a vulnerability said not to be exploited.
 * @throws PlimsollError `vuln/bad-kev`
 */
export function parseKev(json: Uint8Array): readonly Exploited[] {
  try {
    const catalogue = object(JSON.parse(Buffer.from(json).toString('utf8')), 'The catalogue');
    const entries = list(catalogue['vulnerabilities'], 'vulnerabilities', limits.feedEntries).map((value) => {
      const entry = object(value, 'vulnerabilities[]');
      const due = optionalText(entry['dueDate'], 'vulnerabilities[].dueDate');
      return {
        cve: cve(text(entry['cveID'], 'vulnerabilities[].cveID')),
        since: date(text(entry['dateAdded'], 'vulnerabilities[].dateAdded')),
        due: due === undefined ? undefined : date(due),
        ransomware: entry['knownRansomwareCampaignUse'] === 'Known',
      };
    });
    if (entries.length === 0) throw new Error('It has no entries.');
    return entries;
  } catch (thrown) {
    throw new PlimsollError(
      'vuln/bad-kev',
      `The list of known exploited vulnerabilities cannot be read: ${messageOf(thrown)}`,
      {
        hint: 'It should be the JSON file that CISA publishes, known_exploited_vulnerabilities.json, in full.',
        kind: 'unavailable',
        cause: thrown,
      },
    );
  }
}

/**
 * Reads the EPSS CSV (first.org/epss, "Data and Statistics"): `#model_version:…,score_date:…`, then the header
 * `cve,epss,percentile`, then the scores.
 * @throws PlimsollError `vuln/bad-epss`
 */
export function* parseEpss(csv: Uint8Array): Generator<EpssScore, void, undefined> {
  let number = 0;
  let headed = false;
  for (const line of lines(csv)) {
    number++;
    if (line === '' || line.startsWith('#')) continue;
    if (!headed) {
      if (line !== 'cve,epss,percentile') throw badEpss(`line ${number} is not the header cve,epss,percentile`);
      headed = true;
      continue;
    }
    const [name = '', score = '', percentile = '', ...rest] = line.split(',');
    if (!cveId.test(name) || !isShare(score) || !isShare(percentile) || rest.length > 0) {
      throw badEpss(`line ${number} is not a CVE with two numbers from 0 to 1`);
    }
    yield { cve: name, score: Number(score), percentile: Number(percentile) };
  }
  if (!headed) throw badEpss('it is empty');
}

/** Without the line ends. Never holds all lines at once. */
export function* lines(bytes: Uint8Array): Generator<string, void, undefined> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0; start < buffer.length; ) {
    const newline = buffer.indexOf(0x0a, start);
    const end = newline < 0 ? buffer.length : newline;
    yield buffer.toString('utf8', start, end).replace(/\r$/, '');
    start = end + 1;
  }
}

function cve(name: string): string {
  if (!cveId.test(name)) throw new Error(`"${name.slice(0, 50)}" is not a CVE id.`);
  return name;
}

function date(day: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) throw new Error(`"${day.slice(0, 50)}" is not a date.`);
  return day;
}

function isShare(number: string): boolean {
  return /^\d(?:\.\d{1,20})?(?:e-\d{1,2})?$/i.test(number) && Number(number) <= 1;
}

function badEpss(why: string): PlimsollError {
  return new PlimsollError('vuln/bad-epss', `The EPSS scores cannot be read: ${why}.`, {
    hint: 'They should be the CSV file that FIRST publishes, epss_scores-current.csv, in full.',
    kind: 'unavailable',
  });
}
