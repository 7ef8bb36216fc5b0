import type { Component } from '../../sbom/index.ts';
import type { Cataloger, CatalogFile } from '../cataloger.ts';
import { type Need, scopesFrom } from '../dependency-scope.ts';
import { entriesOf, field, listOf, sectionList, textField, tomlOf } from '../document.ts';
import { isAmongInstalled } from '../installed-folder.ts';
import { type LockedFacts, type LockedPackage, lockedComponents, lockedPackages } from '../lock-file.ts';
import { fileHashes } from './file-hash.ts';
import { byName, pypiFacts, pypiId } from './package-name.ts';

interface Entry {
  readonly written: unknown;
  /** What it needs besides when it is asked for with an extra, by the extra's name. */
  readonly extras: ReadonlyMap<string, Extra>;
}

/** An extra of a package is reached, or not, for itself. */
interface Extra {
  readonly asked: unknown;
}

type Find = (asked: unknown) => readonly Entry[];

/** uv's lock file, version 1 (uv documentation, "Locking and syncing"); that of a script is named for it ("Locking dependencies" of scripts). */
export const uvLock: Cataloger<readonly LockedPackage[]> = {
  name: 'uv-lock',
  version: 2,
  title: 'uv lock files',
  files: ['**/uv.lock', '**/*.py.lock'],
  tells: { licenses: false, dependencies: true, hashes: true, development: true, files: false },

  read(file) {
    if (isAmongInstalled(file.path)) return undefined;
    const document = tomlOf(file);
    const entries = sectionList(file, document, 'package').map(
      (written): Entry => ({
        written,
        extras: new Map(
          entriesOf(field(written, 'optional-dependencies')).map(([name, asked]) => [name, { asked }] as const),
        ),
      }),
    );
    const named = byName(file, entries, ({ written }) => textField(written, 'name'));
    const find: Find = (asked) => {
      const version = textField(asked, 'version');
      // The version is given only where several are locked.
      return named(textField(asked, 'name')).filter(
        ({ written }) => version === undefined || textField(written, 'version') === version,
      );
    };
    const scopes = scopesFrom<Entry | Extra>(rootNeeds(document, entries, find), (at) =>
      needsOf('extras' in at ? field(at.written, 'dependencies') : at.asked, 'needed', find),
    );
    return lockedPackages(file, entries, {
      describe: (entry) => describe(file, entry, scopes.get(entry)),
      id: pypiId,
      dependencies: ({ written, extras }) =>
        [field(written, 'dependencies'), ...[...extras.values()].map(({ asked }) => asked)].flatMap((asked) =>
          listOf(asked).flatMap(find),
        ),
    });
  },

  assemble: (view) => lockedComponents('pypi', view.found),
};

/** The project, the members of its workspace and other folders; for a script, what the script itself asks for. */
function* rootNeeds(document: unknown, entries: readonly Entry[], find: Find): Generator<Need<Entry | Extra>, void> {
  const manifest = field(document, 'manifest');
  yield* needsOf(field(manifest, 'requirements'), 'needed', find);
  yield* groupNeeds(field(manifest, 'dependency-groups'), 'development', find);
  for (const { written } of entries.filter(isLocal)) {
    yield* needsOf(field(written, 'dependencies'), 'needed', find);
    yield* groupNeeds(field(written, 'optional-dependencies'), 'optional', find);
    yield* groupNeeds(field(written, 'dev-dependencies'), 'development', find);
  }
}

function* groupNeeds(groups: unknown, as: Need<Entry>['as'], find: Find): Generator<Need<Entry | Extra>, void> {
  for (const [, asked] of entriesOf(groups)) yield* needsOf(asked, as, find);
}

function* needsOf(list: unknown, as: Need<Entry>['as'], find: Find): Generator<Need<Entry | Extra>, void> {
  for (const asked of listOf(list)) {
    for (const entry of find(asked)) {
      yield { entry, as };
      for (const name of listOf(field(asked, 'extra'))) {
        const extra = typeof name === 'string' ? entry.extras.get(name) : undefined;
        if (extra !== undefined) yield { entry: extra, as };
      }
    }
  }
}

/** Folders: the project itself (`virtual` when it is not installed), workspace members and other sources at hand. */
function isLocal({ written }: Entry): boolean {
  const source = field(written, 'source');
  return ['editable', 'virtual', 'directory'].some((kind) => field(source, kind) !== undefined);
}

function describe(file: CatalogFile, entry: Entry, scope: Component['scope']): LockedFacts | undefined {
  const { written } = entry;
  const facts = pypiFacts(file, textField(written, 'name'), textField(written, 'version'));
  if (isLocal(entry)) return undefined;
  const files = [field(written, 'sdist'), ...listOf(field(written, 'wheels'))];
  return { ...facts, hashes: fileHashes(files.map((item) => field(item, 'hash'))), scope };
}
