import { posix } from 'node:path';
import type { Cataloger, CatalogFile } from '../cataloger.ts';
import { boundedText, malformed } from '../document.ts';
import { isAmongInstalled } from '../installed-folder.ts';
import { lines } from '../lines.ts';
import { type LockedFacts, type LockedPackage, lockedComponents, lockedPackages } from '../lock-file.ts';
import { compilePatterns } from '../pattern.ts';
import { fileHashes } from './file-hash.ts';
import { packageAt, versionAt } from './package-file.ts';
import { pypiFacts, pypiId } from './package-name.ts';
import { parseRequirement } from './requirement.ts';

const files = ['**/requirements*.txt', '**/*requirements.txt', '**/requirements/*.txt'];
const patterns = compilePatterns([files]);

/** pip's requirements files (pip documentation, "Requirements File Format"). Only pins and files of packages have a version. */
export const pythonRequirements: Cataloger<readonly LockedPackage[]> = {
  name: 'python-requirements',
  version: 2,
  title: 'Python requirements files',
  files,
  tells: { licenses: false, dependencies: false, hashes: true, development: false, files: false },

  read(file) {
    if (isAmongInstalled(file.path)) return undefined;
    return lockedPackages(file, readRequirements(file), {
      describe: (facts) => facts,
      id: pypiId,
      dependencies: () => [],
    });
  },

  assemble: (view) => lockedComponents('pypi', view.found),
};

/** Another file that a line includes; what it asks for by an address that names nothing; or a line that says something else. */
type Line = LockedFacts | 'option' | 'folder' | 'address' | 'unclear' | { readonly includes: string };

function readRequirements(file: CatalogFile): readonly LockedFacts[] {
  const asked: LockedFacts[] = [];
  const unread = { address: [] as number[], unclear: [] as number[] };
  let understood = 0;
  for (const { number, text } of logicalLines(textOf(file))) {
    const line = readLine(file, text);
    if (line !== 'unclear') understood += 1;
    if (line === 'address' || line === 'unclear') unread[line].push(number);
    else if (typeof line === 'string') continue;
    else if ('includes' in line) reportInclusion(file, line.includes);
    else asked.push(line);
  }
  const { address, unclear } = unread;
  if (unclear.length > 0 && understood === 0) throw malformed(file, 'has no line that is a requirement');
  if (unclear.length > 0) file.unread(file.path, `line ${shown(unclear)}: not a requirement`);
  if (address.length > 0) file.unread(file.path, `line ${shown(address)}: an address gives no name and no version`);
  return asked;
}

function readLine(file: CatalogFile, text: string): Line {
  const [, included] = /^(?:-r|--requirement)[\s=]*(\S+)$/.exec(text) ?? [];
  if (included !== undefined) return { includes: included };
  const [, editable] = /^(?:-e|--editable)[\s=]*(\S.*)$/.exec(text) ?? [];
  if (editable === undefined && text.startsWith('-')) return 'option';
  const [asked = '', ...options] = (editable ?? text).split(/\s(?=--?[a-z])/i);
  const hashes = fileHashes(options.map((option) => /^--hash[=\s]\s*(\S+)/.exec(option)?.[1]));
  const [address = ''] = asked.split(/\s;/, 1);
  if (isAddress(address)) {
    const there = packageAt(address);
    return there === undefined ? 'address' : { ...pypiFacts(file, there.name, there.version), hashes };
  }
  if (editable !== undefined || /^[./~]/.test(text)) return 'folder';
  const requirement = parseRequirement(asked);
  if (requirement === undefined) return 'unclear';
  const { name, pinned, address: place } = requirement;
  return { ...pypiFacts(file, name, pinned ?? versionAt(place, name)), hashes };
}

function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(text) || /^\S+\.(?:whl|zip|tar\.gz|tgz|tar\.bz2)$/.test(text);
}

/** A file is read for its name; one that is included under another name is not. */
function reportInclusion(file: CatalogFile, included: string): void {
  const path = posix.join(posix.dirname(file.path), included);
  if (isAddress(included) || patterns.match(path).length === 0)
    file.unread(file.path, `it includes "${included.slice(0, 200)}", which is not read under that name`);
}

function shown(numbers: readonly number[]): string {
  return numbers.length > 5 ? `${numbers.slice(0, 5).join(', ')} and ${numbers.length - 5} more` : numbers.join(', ');
}

/** Windows shells write UTF-16, and pip reads it. */
function textOf(file: CatalogFile): string {
  const text = boundedText(file);
  const isUtf16 = file.content.slice(0, 2).equals(Buffer.of(0xff, 0xfe));
  return isUtf16 ? file.content.bytes().subarray(2).toString('utf16le') : text;
}

/** Lines joined with those that they go on in, without comments. A line that is all comment does not go on. */
function* logicalLines(text: string): Generator<{ readonly number: number; readonly text: string }, void, undefined> {
  let number = 0;
  let pieces: string[] = [];
  for (const line of lines(`${text}\n\n`)) {
    number += 1;
    const isComment = /^\s*#/.test(line);
    if (line.endsWith('\\') && !isComment) {
      pieces.push(line.slice(0, -1));
      continue;
    }
    const whole = [...pieces, isComment ? '' : line].join('');
    const comment = whole.search(/(?:^|\s)#/);
    const said = (comment < 0 ? whole : whole.slice(0, comment)).trim();
    if (said !== '') yield { number, text: said };
    pieces = [];
  }
}
