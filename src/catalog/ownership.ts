import { parentOf, type Tree } from '../image/index.ts';
import type { Component } from '../sbom/index.ts';
import type { Cataloged } from './cataloger.ts';

/**
 * For each component whose every place is in the file list of a distribution package: that package's id. Such a
 * component came with the distribution, whose advisories speak for it. File lists and archives may name a place
 * differently (`/lib` is a link to `/usr/lib`), so both are compared by their one true name.
 *
 * Where no distribution installs anything, a package in its format is another vendor's, or its file list was written by
 * somebody else: it owns nothing there.
 */
export function findOwners(
  owners: readonly Pick<Cataloged, 'id' | 'type' | 'owns'>[],
  components: readonly Pick<Component, 'id' | 'locations'>[],
  tree: Tree,
): ReadonlyMap<string, string> {
  const canonical = memoised(tree);
  const placesOf = components.map(({ id, locations }) => ({
    id,
    places: locations.map(({ path }) => canonical(outermost(path))),
  }));
  const sought = new Set(placesOf.flatMap(({ places }) => places));
  const soughtNames = new Set([...sought].map(nameOf));
  const ownerOf = new Map<string, string>();
  for (const { id, type, owns } of owners) {
    for (const path of owns ?? []) {
      // Only a handful of a distribution's files are of interest, and their last name does not change by links.
      if (!soughtNames.has(nameOf(path))) continue;
      const place = canonical(path);
      if (sought.has(place) && isOfDistribution(place, type)) ownerOf.set(place, id);
    }
  }
  const result = new Map<string, string>();
  for (const { id, places } of placesOf) {
    const [owner] = places.map((place) => ownerOf.get(place));
    if (owner !== undefined && places.every((place) => ownerOf.has(place))) result.set(id, owner);
  }
  return result;
}

/** FHS 3.0: what is below `/usr` but for `/usr/local`, and what those of its folders hold that are at the top, too. */
const systemFolder = /^(?:usr\/(?!local\/)|(?:bin|sbin|lib\d*|etc|var\/lib)\/)/;
/** Debian's packages are in `/usr/share/nodejs` and `/usr/lib/*\/nodejs`; in this folder NodeSource's are. */
const notDebian = /^(?:usr\/)?lib\/node_modules\//;

function isOfDistribution(place: string, type: Cataloged['type']): boolean {
  return systemFolder.test(place) && !(type === 'deb' && notDebian.test(place));
}

/** The file on the file system: `a.war` of `a.war!/WEB-INF/lib/b.jar`. */
function outermost(path: string): string {
  const inside = path.indexOf('!/');
  return inside < 0 ? path : path.slice(0, inside);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function memoised(tree: Tree): (path: string) => string {
  const folders = new Map<string, string>();
  return (path) => {
    const folder = parentOf(path);
    let known = folders.get(folder);
    if (known === undefined) {
      const entry = tree.canonical(path);
      known = entry === undefined ? folder : parentOf(entry);
      folders.set(folder, known);
    }
    return known === '' ? nameOf(path) : `${known}/${nameOf(path)}`;
  };
}
