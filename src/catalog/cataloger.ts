import type { Component, Distro } from '../sbom/index.ts';

/** Values that survive JSON unchanged: what a layer is remembered by. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** The bytes of one file. They may lie in several pieces; only `bytes` and ranges that cross pieces copy. */
export interface FileContent {
  readonly size: number;
  /** All of it in order, cut as it came: nothing is copied. */
  readonly pieces: readonly Buffer[];
  /** `start` and `end` are clamped to the file. */
  slice(start: number, end: number): Buffer;
  bytes(): Buffer;
  /** UTF-8; invalid sequences become U+FFFD. A byte order mark is dropped. */
  text(): string;
  /** Offset of `needle` at or after `from` and before `to`, or -1. */
  indexOf(needle: Buffer, from?: number, to?: number): number;
}

/** A file that a cataloger asked for. */
export interface CatalogFile {
  /** Relative to the root, no leading slash. */
  readonly path: string;
  readonly content: FileContent;
  /**
   * Reports a part of the file that could not be read, while the rest of it gives a fragment: a corrupt jar inside a war.
   * `path` is as in `Location.path`, `outer.war!/WEB-INF/lib/inner.jar`; `reason` is a sentence.
   */
  unread(path: string, reason: string): void;
}

/** What a cataloger learned from one file, at the place where it stands in the artifact. */
export interface Found<Fragment> {
  readonly path: string;
  /** Layer that the visible file comes from; 0 outside images. */
  readonly layer: number;
  readonly fragment: Fragment;
}

/** The artifact as a cataloger sees it in the second step: its own fragments, in the squashed view. */
export interface View<Fragment> {
  /** Visible files with a fragment of this cataloger, sorted by path. */
  readonly found: readonly Found<Fragment>[];
  /** The fragment at `path`, symbolic links followed. */
  get(path: string): Found<Fragment> | undefined;
  /** Each layer's version of `path`, oldest first, the visible one last: for telling which layer brought a package. */
  history(path: string): readonly Found<Fragment>[];
  /** Whether `path` exists in the squashed view (file, folder or link), symbolic links followed. */
  exists(path: string): boolean;
  /** Symbolic links that lead to folders and whose paths match `name`. */
  linkedFolders(name: RegExp): Iterable<LinkedFolder>;
}

/** A symbolic link, and the one name of the folder that it leads to. */
export interface LinkedFolder {
  readonly path: string;
  readonly folder: string;
}

/** What `assemble` gives: a component without what the engine adds, and the files that it owns. */
export interface Cataloged extends Omit<Component, 'foundBy' | 'ownedBy'> {
  /** Distribution packages: every path of the package's file list, without leading slash. */
  readonly owns?: readonly string[] | undefined;
}

/** What a cataloger can tell about its components, for `docs/ecosystems.md`; each `true` is shown by a test. */
export interface Capabilities {
  readonly licenses: boolean;
  readonly dependencies: boolean;
  readonly hashes: boolean;
  /** Tells development dependencies apart. */
  readonly development: boolean;
  /** The file list of each package. */
  readonly files: boolean;
}

export type BinaryFormat = 'elf' | 'pe' | 'mach-o';

/**
 * One way that packages leave traces in files. Both steps are pure: no I/O, clock or randomness.
 *
 * `read` sees one file of one layer, runs in a worker, and its result is remembered under the layer's digest.
 * `assemble` sees the fragments of the files that are visible in the squashed view and makes components of them.
 * A file that cannot be parsed is a thrown `PlimsollError` from `read`: it is reported as unread and the rest goes on.
 */
export interface Cataloger<Fragment extends Json = Json> {
  /** Kebab-case, `dpkg`, `npm-lock`. */
  readonly name: string;
  /** Raise it whenever `read` answers differently: what was remembered is then read anew. */
  readonly version: number;
  /** For people: `Debian packages`. */
  readonly title: string;
  /**
   * The files it wants: a path (`var/lib/dpkg/status`), or a pattern of whole segments where `**` stands for any
   * number of segments and `*` for any characters within one: `** /package-lock.json` (without the blank),
   * `var/lib/dpkg/info/*.list`. Matching minds case, but for an extension after `*`.
   */
  readonly files: readonly string[];
  /** Executables and libraries it wants too, wherever they are and whatever their name, told by their first bytes. */
  readonly binaries?: readonly BinaryFormat[];
  /** The largest file that it reads, in bytes. Default: `limits.fileBytes`, for executables `limits.binaryBytes`. */
  readonly largest?: number;
  readonly tells: Capabilities;
  /** `undefined`: the file is not what its name suggests, and says nothing. */
  read(file: CatalogFile): Fragment | undefined;
  assemble(view: View<Fragment>, distro: Distro | undefined): readonly Cataloged[];
  /** The distribution, for the one cataloger that can tell. It is asked before any `assemble`. */
  distro?(view: View<Fragment>): Distro | undefined;
}
