import type { CatalogFile } from '../cataloger.ts';
import { boundedText, malformed } from '../document.ts';
import { lines } from '../lines.ts';
import { type LockedFacts, type LockedPackage, lockedPackages } from '../lock-file.ts';
import { integrityHashes, sha1Hash } from './integrity.ts';
import { isArchive, npmId, packageFacts, splitAtVersion } from './package-name.ts';
import { installedFrom } from './tarball.ts';

interface Entry {
  /** Everything that was asked for and got this package: `name@^1.2.3`. */
  readonly descriptors: readonly string[];
  readonly fields: Map<string, string>;
  /** Descriptors. */
  readonly needs: string[];
}

/**
 * The format of yarn 1 (its "lockfile v1"): entries at the margin, their fields and lists indented by two and four
 * blanks, and words quoted as JSON where they need it.
 *
 * @throws PlimsollError `catalog/malformed-file`
 */
export function readClassicLock(file: CatalogFile): readonly LockedPackage[] {
  const entries = parseEntries(file);
  const byDescriptor = new Map(entries.flatMap((entry) => entry.descriptors.map((name) => [name, entry] as const)));
  return lockedPackages(file, entries, {
    describe: (entry) => describe(file, entry),
    id: npmId,
    *dependencies({ needs }) {
      for (const descriptor of needs) {
        const found = byDescriptor.get(descriptor);
        if (found !== undefined) yield found;
      }
    },
  });
}

function parseEntries(file: CatalogFile): readonly Entry[] {
  const entries: Entry[] = [];
  let inList = false;
  let number = 0;
  for (const line of lines(boundedText(file))) {
    number += 1;
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    const indent = line.indexOf(text);
    const words = text.length > longestLine ? [] : wordsOf(text);
    const entry = entries.at(-1);
    const [name, value] = words;
    if (name === undefined) throw malformed(file, `is not a yarn lock file: line ${number}`);
    const opens = text.endsWith(':');
    if (indent === 0 && opens) {
      entries.push({ descriptors: words, fields: new Map(), needs: [] });
      inList = false;
    } else if (indent === 2 && entry !== undefined && opens && words.length === 1) {
      inList = name === 'dependencies' || name === 'optionalDependencies';
    } else if (indent === 2 && entry !== undefined && value !== undefined) {
      entry.fields.set(name, value);
    } else if (indent === 4 && entry !== undefined && value !== undefined) {
      if (inList) entry.needs.push(`${name}@${value}`);
    } else {
      throw malformed(file, `is not a yarn lock file: line ${number}`);
    }
  }
  return entries;
}

/** Characters; a line holds one value, or all ranges that came to one version. */
const longestLine = 100_000;
const word = /\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+?))(?:,|:$|(?=\s)|$)/y;

/** The words of a line, commas and the colon at its end taken off; none when a quote does not end. */
function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  word.lastIndex = 0;
  for (let at = 0; at < line.length; at = word.lastIndex) {
    const [, quoted, plain] = word.exec(line) ?? [];
    if (quoted === undefined && plain === undefined) return [];
    words.push(plain ?? quoted?.replace(/\\(.)/g, '$1') ?? '');
  }
  return words;
}

function describe(file: CatalogFile, { descriptors, fields }: Entry): LockedFacts | undefined {
  const version = fields.get('version');
  const resolved = fields.get('resolved') ?? '';
  const [alias, range] = splitAtVersion(descriptors[0] ?? '');
  if (version === undefined) throw malformed(file, `gives ${alias} no version`);
  // A folder of the project has a path and was resolved to nothing.
  if (resolved === '' && /^(?:file:|link:|\.{0,2}\/)/.test(range) && !isArchive(range)) return undefined;
  const name = range.startsWith('npm:') ? splitAtVersion(range.slice('npm:'.length))[0] : alias;
  const facts = packageFacts(file, name, version);
  const [location = '', fragment] = resolved.split('#', 2);
  // What follows an archive's address is its hash; after a repository's it is a commit.
  const hashes = [...integrityHashes(fields.get('integrity')), ...(isArchive(location) ? sha1Hash(fragment) : [])];
  return facts && { ...installedFrom(facts, location), hashes };
}
