import { limits } from '../../limits.ts';
import type { Cataloged, Cataloger, CatalogFile, View } from '../cataloger.ts';
import { jsonOf, malformed, textField } from '../document.ts';
import { dependencyIds } from '../installed.ts';
import { isAmongInstalled, isInTests } from '../installed-folder.ts';
import type { LockedHash } from '../lock-file.ts';
import { integrityHashes, sha1Hash } from './integrity.ts';
import { homepageOf, licensesOf, neededNames, supplierOf } from './manifest.ts';
import { firstOf, nodeModulesAbove } from './node-lookup.ts';
import { isPackageName, isVersion, npmId } from './package-name.ts';

type Manifest = {
  readonly id: string;
  readonly name: string;
  readonly version?: string;
  readonly licenses: readonly string[];
  readonly supplier?: string | undefined;
  readonly homepage?: string | undefined;
  readonly hashes: readonly LockedHash[];
  readonly needs: readonly string[];
  /** Not among installed packages: an application, or some folder's own manifest. */
  readonly own?: true;
};

/** Where packages are found by name alone: `node_modules`, and Debian's folders, which its node looks into last. */
const position =
  /(?:^|\/)(?:node_modules|(usr\/share\/nodejs|usr\/lib\/(?:[^/]+\/)?nodejs))\/(?:@[^/]+\/)?[^/@.][^/]*\/package\.json$/;
const nodeModulesPosition = /(?:^|\/)node_modules(?:\/(?:@[^/]+\/)?[^/@.][^/]*)?$/;
const debianFolder = /^(?:.*\/)?(?:usr\/share\/nodejs|usr\/lib\/(?:[^/]+\/)?nodejs)(?=\/)/;
const packageFolder = /(?:^|\/)(?:node_modules|usr\/share\/nodejs)\/(?:@[^/]+\/)?[^/]+/g;

/** Beside one of these, a manifest is that of an application with its dependencies. */
const applicationMarks = [
  'node_modules',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  'bun.lockb',
];

/** Packages as they are installed, each in the folder that node finds it in, and applications with their own manifest. */
export const nodeModules: Cataloger<Manifest> = {
  name: 'node-modules',
  version: 2,
  title: 'Installed npm packages',
  files: ['**/package.json'],
  tells: { licenses: true, dependencies: true, hashes: true, development: false, files: false },

  read(file) {
    const installed = isInstalledPackage(file.path);
    if (!installed && (isAmongInstalled(file.path) || debianFolder.test(file.path))) return undefined;
    const manifest = readManifest(file);
    if (installed) return manifest;
    return manifest?.version === undefined ? undefined : { ...manifest, own: true };
  },

  assemble(view) {
    const debianFolders = [...new Set(view.found.flatMap(({ path }) => debianFolder.exec(path)?.[0] ?? []))].sort();
    const isLinked = linkedPackages(view);
    return view.found.flatMap(({ path, layer, fragment: { needs, own, ...manifest } }): readonly Cataloged[] => {
      const folder = path.slice(0, -'package.json'.length - 1);
      if (own && !isLinked(folder) && !isApplication(view, folder)) return [];
      const searched = [...nodeModulesAbove(folder)].filter(view.exists);
      const find = firstOf(
        [...searched, ...(debianFolder.test(path) ? debianFolders : [])].map((at) => (name: string) => {
          const found = view.get(`${at}/${name}/package.json`)?.fragment;
          return found?.own ? undefined : found?.id;
        }),
      );
      const ids = needs.flatMap((name) => find(name) ?? []);
      return [{ ...manifest, type: 'npm', dependsOn: dependencyIds(manifest.id, ids), locations: [{ path, layer }] }];
    });
  },
};

/**
 * Tells folders that are installed by a symbolic link: one called `node_modules` to the folder with the packages, or one
 * in `node_modules` to a package elsewhere. A link to a folder of the same project is its workspace.
 */
function linkedPackages(view: View<Manifest>): (folder: string) => boolean {
  const linkedModules = new Set<string>();
  const linked = new Set<string>();
  for (const { path, folder } of view.linkedFolders(nodeModulesPosition)) {
    const end = path.lastIndexOf('node_modules');
    const project = path.slice(0, end);
    if (path.length === end + 'node_modules'.length) linkedModules.add(folder);
    else if (!folder.startsWith(project)) linked.add(folder);
  }
  return (folder) => {
    const parent = parentOf(folder);
    return (
      linked.has(folder) ||
      linkedModules.has(parent) ||
      (parent.slice(parent.lastIndexOf('/') + 1).startsWith('@') && linkedModules.has(parentOf(parent)))
    );
  };
}

function parentOf(folder: string): string {
  return folder.slice(0, Math.max(folder.lastIndexOf('/'), 0));
}

/** A manifest in a folder that node would find the package in, other than those that a package's tests bring along. */
function isInstalledPackage(path: string): boolean {
  if (!position.test(path)) return false;
  const [, ...insidePackages] = path.split(packageFolder);
  return !isInTests(insidePackages.join(''));
}

/** `undefined`: not a package. Folders inside packages have manifests too, which only say how to load the code there. */
function readManifest(file: CatalogFile): Manifest | undefined {
  const manifest = jsonOf(file);
  const name = textField(manifest, 'name');
  if (name === undefined || !isPackageName(name)) return undefined;
  const stated = textField(manifest, 'version')?.trim();
  const version = stated === undefined || !isVersion(stated) ? undefined : stated;
  const needs = neededNames(manifest).filter(isPackageName);
  if (needs.length > limits.dependenciesPerPackage) throw malformed(file, 'names too many dependencies');
  return {
    id: npmId(name, version),
    name,
    ...(version === undefined ? {} : { version }),
    licenses: licensesOf(manifest),
    supplier: supplierOf(manifest),
    homepage: homepageOf(manifest),
    // Written by npm up to version 6.
    hashes: [...integrityHashes(textField(manifest, '_integrity')), ...sha1Hash(textField(manifest, '_shasum'))],
    needs,
  };
}

function isApplication(view: View<Manifest>, folder: string): boolean {
  return applicationMarks.some((mark) => view.exists(folder === '' ? mark : `${folder}/${mark}`));
}
