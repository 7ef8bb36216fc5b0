import { limits } from '../../limits.ts';
import type { Cataloger, CatalogFile } from '../cataloger.ts';
import { boundedText, malformed } from '../document.ts';
import { isAmongInstalled } from '../installed-folder.ts';
import { lines } from '../lines.ts';
import { type LockedHash, type LockedPackage, lockedComponents, lockedPackages } from '../lock-file.ts';
import { gemId } from './gemspec.ts';

/** A gem in one version, whatever the platforms it is locked for. */
interface Entry {
  readonly name: string;
  readonly version: string;
  /** From a folder: the project's own. */
  readonly local: boolean;
  readonly needs: Set<string>;
  readonly hashes: LockedHash[];
}

/** Inside an installed gem: what its authors worked with. */
const installedGem = /(?:^|\/)(?:bundler\/gems\/|gems\/[^/]+-\d[^/]*\/)/;

/** Sections that list gems (Bundler's `LockfileParser`). */
const sources = ['GEM', 'GIT', 'PATH', 'PLUGIN SOURCE'];
const otherSections = ['PLATFORMS', 'DEPENDENCIES', 'CHECKSUMS', 'RUBY VERSION', 'BUNDLED WITH'];

/** Bundler's lock file. Groups, such as `development`, stand in the Gemfile alone. */
export const gemfileLock: Cataloger<readonly LockedPackage[]> = {
  name: 'gemfile-lock',
  version: 2,
  title: 'Ruby gems that are locked (Bundler)',
  files: ['**/Gemfile.lock', '**/gems.locked'],
  tells: { licenses: false, dependencies: true, hashes: true, development: false, files: false },

  read(file) {
    if (isAmongInstalled(file.path) || installedGem.test(file.path)) return undefined;
    const entries = entriesIn(file);
    const byName = Map.groupBy(entries, ({ name }) => name);
    return lockedPackages(file, entries, {
      describe: ({ name, version, local, hashes }) => (local ? undefined : { name, version, hashes }),
      id: gemId,
      dependencies: ({ needs }) =>
        [...needs].flatMap((name) => byName.get(name)?.slice(0, limits.providersPerName) ?? []),
    });
  },

  assemble: (view) => lockedComponents('gem', view.found),
};

function entriesIn(file: CatalogFile): readonly Entry[] {
  const entries = new Map<string, Entry>();
  let hasText = false;
  let hasSection = false;
  let section = '';
  let inSpecs = false;
  let current: Entry | undefined;
  for (const line of lines(boundedText(file))) {
    if (/^(?:<<<<<<<|=======|>>>>>>>)/.test(line)) throw malformed(file, 'has merge conflicts');
    const [, indent = '', text = ''] = /^( *)(.*?)\s*$/.exec(line.slice(0, limits.pathBytes)) ?? [];
    if (indent === '') {
      section = text;
      hasText ||= section !== '';
      hasSection ||= sources.includes(section) || otherSections.includes(section);
      inSpecs = false;
    } else if (sources.includes(section)) {
      if (indent.length === 2) inSpecs = text === 'specs:';
      else if (inSpecs && indent.length === 4) current = gemAt(file, entries, text, section);
      else if (inSpecs && indent.length === 6) current?.needs.add(text.split(' ', 1)[0] ?? '');
    } else if (section === 'CHECKSUMS') addChecksums(entries, text);
  }
  if (hasText && !hasSection) throw malformed(file, 'has no section that Bundler writes');
  return [...entries.values()];
}

/** `name (1.2.3)` or `name (1.2.3-x86_64-linux)`: a version itself has no dash. */
const nameAndVersion = /^([^\s()]+) \(([^\s()-]+)(?:-[^\s()]+)?\)/;

function gemAt(file: CatalogFile, entries: Map<string, Entry>, text: string, section: string): Entry {
  const [, name, version] = nameAndVersion.exec(text) ?? [];
  if (name === undefined || version === undefined)
    throw malformed(file, `names "${text.slice(0, 100)}", which is no gem with a version`);
  const key = `${name} ${version}`;
  const entry = entries.get(key) ?? { name, version, local: section === 'PATH', needs: new Set(), hashes: [] };
  entries.set(key, entry);
  return entry;
}

/** `name (1.2.3-java) sha256=…`: of the `.gem` file, one for each platform. */
function addChecksums(entries: Map<string, Entry>, text: string): void {
  const [found, name, version] = nameAndVersion.exec(text) ?? [];
  const hashes = entries.get(`${name} ${version}`)?.hashes;
  if (found === undefined || hashes === undefined) return;
  for (const [, value] of text.slice(found.length).matchAll(/[ ,]sha256=([\da-f]{64})(?![\da-f])/gi)) {
    const known = hashes.length < hashesPerGem ? value?.toLowerCase() : undefined;
    if (known !== undefined) hashes.push({ algorithm: 'SHA-256', value: known });
  }
}

/** One gem has some twenty platforms at most. */
const hashesPerGem = 100;
