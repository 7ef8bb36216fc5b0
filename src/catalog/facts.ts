import { messageOf, PlimsollError } from '../error.ts';
import { type EntrySink, listedEntry, listingPacker, type PackedListing, type TarEntry } from '../image/index.ts';
import { limits } from '../limits.ts';
import { binaryFormat, sniffedBytes } from './binary-format.ts';
import type { Cataloger } from './cataloger.ts';
import { contentOf } from './content.ts';
import { compilePatterns } from './pattern.ts';

/** A file that could not be read, wholly or in part. */
export interface UnreadFact {
  /** The file as the layer's archive names it. */
  readonly file: string;
  /** The part that was not read: the file itself, or a path inside it. */
  readonly path: string;
  /** Absent when the file could not even be opened. */
  readonly cataloger?: string | undefined;
  readonly reason: string;
}

/** What a cataloger took from one file, as JSON: most of it is laid over by a later layer and never looked at. */
export interface StoredFragment {
  readonly cataloger: string;
  readonly file: string;
  readonly fragment: string;
}

/** What one layer (or folder) says, apart from all others: plain data, kept under the layer's digest. */
export interface Facts {
  readonly listing: PackedListing;
  /** `file`: the path that the archive uses. A later entry for the same file replaces an earlier one. */
  readonly fragments: readonly StoredFragment[];
  readonly unread: readonly UnreadFact[];
  /** In characters, for the bound on what is kept of one artifact. */
  readonly size: number;
}

/** A file that is to be read under another name: a link whose name a cataloger wants leads to it. */
export interface Alias {
  readonly file: string;
  readonly as: string;
}

export interface FactsCollector {
  onEntry(entry: TarEntry): EntrySink | undefined;
  onUnread(path: string, reason: string): void;
  facts(): Facts;
}

const blockSize = 512;

/**
 * Gathers {@link Facts} while a layer goes by. With `aliases` only those files are offered, under their other names,
 * and nothing is listed.
 */
export function collectFacts(catalogers: readonly Cataloger[], aliases?: readonly Alias[]): FactsCollector {
  const patterns = compilePatterns(catalogers.map(({ files }) => files));
  const others = aliases === undefined ? undefined : Map.groupBy(aliases, ({ file }) => file);
  const listing = listingPacker();
  const fragments = new Map<string, StoredFragment[]>();
  const unread: UnreadFact[] = [];
  let told = 0;

  /** As characters of JSON: long names, and lists without end, are small when they are packed. */
  function tell(length: number): void {
    told += length;
    if (told > limits.factsBytes) throw tooMuch();
  }

  function read(cataloger: Cataloger, file: string, as: string, pieces: readonly Uint8Array[]): void {
    const report = (path: string, reason: string) => {
      tell(path.length + reason.length);
      unread.push({ file: as, path, cataloger: cataloger.name, reason });
    };
    const content = contentOf(pieces);
    if (content.size > largestFor(cataloger)) {
      report(as, tooLarge(largestFor(cataloger)));
      return;
    }
    let fragment = '';
    try {
      const said = cataloger.read({ path: as, content, unread: report });
      if (said === undefined) return;
      fragment = JSON.stringify(said);
    } catch (thrown) {
      // A defect in one reader must not hide what the others see; the file counts as unread either way.
      report(
        as,
        thrown instanceof PlimsollError ? thrown.message : `the reader failed on ${file}: ${messageOf(thrown)}`,
      );
      return;
    }
    tell(fragment.length);
    const stored = { cataloger: cataloger.name, file: as, fragment };
    const others = fragments.get(as);
    if (others === undefined) fragments.set(as, [stored]);
    else others.push(stored);
  }

  function wantedAs(path: string): { readonly as: string; readonly owners: readonly number[] }[] {
    if (others !== undefined) return (others.get(path) ?? []).map(({ as }) => ({ as, owners: patterns.match(as) }));
    return [{ as: path, owners: patterns.match(path) }];
  }

  function sinkFor(entry: TarEntry): EntrySink | undefined {
    const wanted = wantedAs(entry.path);
    for (const { as } of wanted) fragments.delete(as);
    const named = wanted.some(({ owners }) => owners.length > 0);
    const binaries = others === undefined;
    if (!named && !binaries) return undefined;
    // Runtimes fill its holes, so that a program is one again. In a single block there is none.
    if (entry.sparse && (named || entry.size > blockSize))
      return refuse(entry, wanted, 'it is stored as a sparse file');
    const pieces: Buffer[] = [];
    let size = 0;
    let forBinaries: readonly Cataloger[] | undefined;
    let largest = named
      ? largestAmong(wanted.flatMap(({ owners }) => owners.flatMap((owner) => catalogers[owner] ?? [])))
      : 0;

    return {
      write(piece) {
        size += piece.length;
        if (forBinaries === undefined && size >= sniffedBytes) {
          forBinaries = binaries
            ? binaryCatalogers(pieces.length === 0 ? piece : Buffer.concat([...pieces, piece]))
            : [];
          if (!named && forBinaries.length === 0) return false;
          largest = Math.max(largest, largestAmong(forBinaries));
        }
        // What the header claims counts at once: half a gigabyte of a file that is refused need not be held first.
        if (forBinaries !== undefined && Math.max(size, entry.size) > largest) {
          refuse(entry, wanted, tooLarge(largest));
          return false;
        }
        pieces.push(piece);
        return true;
      },
      end() {
        for (const { as, owners } of wanted) {
          for (const owner of owners) {
            const cataloger = catalogers[owner];
            if (cataloger !== undefined) read(cataloger, entry.path, as, pieces);
          }
          for (const cataloger of forBinaries ?? []) {
            if (!owners.some((owner) => catalogers[owner] === cataloger)) read(cataloger, entry.path, as, pieces);
          }
        }
      },
    };
  }

  function binaryCatalogers(head: Buffer): readonly Cataloger[] {
    const format = binaryFormat(head);
    return format === undefined ? [] : catalogers.filter(({ binaries }) => binaries?.includes(format));
  }

  function refuse(entry: TarEntry, wanted: ReturnType<typeof wantedAs>, reason: string): undefined {
    for (const { as, owners } of wanted) {
      for (const owner of owners) unread.push({ file: as, path: as, cataloger: catalogers[owner]?.name, reason });
      if (owners.length === 0) unread.push({ file: entry.path, path: entry.path, reason });
    }
    return undefined;
  }

  return {
    onEntry(entry) {
      const item = listedEntry(entry);
      if (item === undefined) return undefined;
      tell(item.path.length + (item.target?.length ?? 0));
      if (others === undefined) listing.add(item);
      return item.kind === 'file' ? sinkFor(entry) : undefined;
    },
    onUnread: (path, reason) => {
      unread.push({ file: path, path, reason });
    },
    facts: () => ({ listing: listing.packed(), fragments: [...fragments.values()].flat(), unread, size: told }),
  };
}

/** Counts the facts of one artifact's layers, as many as can be kept at once. */
export function factsBudget(): (facts: Facts) => Facts {
  let left: number = limits.factsBytes;
  return (facts) => {
    left -= facts.size;
    if (left < 0) throw tooMuch();
    return facts;
  };
}

/** The facts of an artifact, or of one of its layers, are more than can be kept and laid over one another. */
function tooMuch(): PlimsollError {
  return new PlimsollError(
    'catalog/too-much',
    `The names of the files and what they say come to more than ${limits.factsBytes} bytes`,
    { hint: 'No ordinary image or folder has that much to say. Inspect it by hand, or name a smaller folder.' },
  );
}

function largestAmong(catalogers: readonly Cataloger[]): number {
  return Math.max(0, ...catalogers.map(largestFor));
}

function largestFor({ largest, binaries }: Cataloger): number {
  return largest ?? (binaries === undefined ? limits.fileBytes : limits.binaryBytes);
}

function tooLarge(bytes: number): string {
  return `it is larger than ${bytes} bytes`;
}
