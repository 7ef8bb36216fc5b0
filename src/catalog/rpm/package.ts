import { limits } from '../../limits.ts';
import { licenseExpression } from '../license.ts';
import { parseHeader, type RpmHeader, tags } from './header.ts';
import { brokenDatabase } from './part.ts';

export type RpmPackage = {
  readonly name: string;
  /** `epoch:version-release`, the epoch only where there is one other than 0. */
  readonly version?: string;
  readonly architecture?: string;
  /** File name of the source rpm. */
  readonly sourceRpm?: string;
  readonly module?: string;
  readonly license?: string;
  readonly supplier?: string;
  readonly homepage?: string;
  readonly requires: readonly string[];
  readonly provides: readonly string[];
  /** Paths without leading slash, one a line; absent where the source has no file lists. */
  readonly files?: string;
};

/** What each header says. `length`: the characters that its paths may still take. */
export function packageFrom(blob: Buffer, length: number): RpmPackage {
  const header = parseHeader(blob);
  const name = header.string(tags.name)?.trim();
  if (name === undefined || name === '') throw brokenDatabase('a header does not name its package');
  const [epoch] = header.integers(tags.epoch);
  const version = rpmVersion(epoch, header.string(tags.version), header.string(tags.release));
  const license = text(header, tags.license);
  const architecture = text(header, tags.architecture);
  const sourceRpm = text(header, tags.sourceRpm);
  const module = text(header, tags.modularityLabel);
  const supplier = text(header, tags.vendor);
  const homepage = text(header, tags.url);
  return {
    name,
    ...(version === undefined ? {} : { version }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(sourceRpm === undefined ? {} : { sourceRpm }),
    ...(module === undefined ? {} : { module }),
    ...(license === undefined ? {} : { license: licenseExpression(license) }),
    ...(supplier === undefined ? {} : { supplier }),
    ...(homepage === undefined ? {} : { homepage }),
    requires: header.strings(tags.requireName).filter(isName),
    provides: header.strings(tags.provideName).filter(isName),
    files: paths(header, length).join('\n'),
  };
}

/** What rpm itself can do, and conditions over several packages, are not names of packages. */
function isName(requirement: string): boolean {
  return requirement !== '' && !requirement.startsWith('rpmlib(') && !requirement.startsWith('(');
}

/** `(none)` is how rpm prints what is absent, and some builds store that. */
function text(header: RpmHeader, tag: number): string | undefined {
  return stated(header.string(tag));
}

export function stated(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === '' || trimmed === '(none)' ? undefined : trimmed;
}

export function rpmVersion(
  epoch: number | undefined,
  version: string | undefined,
  release: string | undefined,
): string | undefined {
  if (version === undefined || version === '') return undefined;
  return `${epoch === undefined || epoch === 0 ? '' : `${epoch}:`}${version}${release === undefined || release === '' ? '' : `-${release}`}`;
}

/** Base names with the index of their folder, or whole paths as rpm 3 kept them. A path over two lines could not be told from two. */
function paths(header: RpmHeader, length: number): readonly string[] {
  const folders = header.strings(tags.directoryNames);
  const indexes = header.integers(tags.directoryIndexes);
  const bases = header.strings(tags.baseNames);
  const names = bases.length > 0 ? bases : header.strings(tags.oldFileNames);
  const found: string[] = [];
  let left = length;
  names.forEach((name, item) => {
    const folder = bases.length > 0 ? folders[indexes[item] ?? -1] : '';
    if (folder === undefined) throw brokenDatabase(`"${name.slice(0, 80)}" is in no folder`);
    left -= folder.length + name.length;
    if (left < 0) throw brokenDatabase(`its file lists are longer than ${limits.ownedPathLength} characters`);
    const path = folder + name;
    if (!path.includes('\n')) found.push(path.startsWith('/') ? path.slice(1) : path);
  });
  return found;
}
