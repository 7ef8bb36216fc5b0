/** What Composer writes about a package, in lock files and where packages are installed (getcomposer.org, "The composer.json schema"). */
import { limits } from '../../limits.ts';
import { type Component, purlFor } from '../../sbom/index.ts';
import type { Cataloged, CatalogFile, Found } from '../cataloger.ts';
import { entriesOf, field, listOf, malformed, textField } from '../document.ts';
import { isInTests } from '../installed-folder.ts';
import { exactLicense, licenseExpression } from '../license.ts';
import { type LockedHash, type LockedPackage, lockedComponents, lockedPackages } from '../lock-file.ts';

type ComposerFacts = {
  readonly name: string;
  readonly version: string;
  readonly licenses: readonly string[];
  readonly hashes: readonly LockedHash[];
  readonly scope: Component['scope'];
  readonly supplier: string | undefined;
  readonly homepage: string | undefined;
};

export type ComposerPackage = LockedPackage<ComposerFacts>;

export interface Written {
  readonly written: unknown;
  readonly development: boolean;
}

/**
 * What a package requires is found by its name, or by what other packages replace or provide. The platform (`php`,
 * `ext-json`, `composer-runtime-api`) is no package, and so is never found.
 *
 * @throws PlimsollError `catalog/malformed-file` when a package has no name or version, or one that is none
 */
export function composerPackages(file: CatalogFile, entries: readonly Written[]): readonly ComposerPackage[] {
  const byName = new Map<string, Written[]>();
  const offer = (name: string, entry: Written) => {
    const same = byName.get(name.toLowerCase());
    if (same === undefined) byName.set(name.toLowerCase(), [entry]);
    else if (same.length < limits.providersPerName) same.push(entry);
  };
  for (const entry of entries) offer(textField(entry.written, 'name') ?? '', entry);
  for (const entry of entries) {
    for (const kind of ['replace', 'provide']) {
      for (const [name] of entriesOf(field(entry.written, kind))) offer(name, entry);
    }
  }
  return lockedPackages<Written, ComposerFacts>(file, entries, {
    describe: (entry) => factsOf(file, entry),
    id: composerId,
    *dependencies({ written }) {
      for (const [name] of entriesOf(field(written, 'require'))) yield* byName.get(name.toLowerCase()) ?? [];
    },
  });
}

export function composerComponents(found: readonly Found<readonly ComposerPackage[]>[]): readonly Cataloged[] {
  return found.flatMap((each) =>
    lockedComponents('composer', [each]).map((component, index) => ({
      ...component,
      supplier: each.fragment[index]?.supplier,
      homepage: each.fragment[index]?.homepage,
    })),
  );
}

export function composerId(name: string, version: string | undefined): string {
  return purlFor({ type: 'composer', name, version });
}

/** `vendor/a/b/Tests/Fixtures/vendor/composer/installed.json`: some packages bring along packages for their tests. */
export function isMadeUpForTests(path: string): boolean {
  const [, ...inside] = path.toLowerCase().split(/(?:^|\/)vendor\//);
  const [, , ...pathInPackage] = inside.join('/').split('/');
  return isInTests(pathInPackage.join('/'));
}

function factsOf(file: CatalogFile, { written, development }: Written): ComposerFacts {
  const name = textField(written, 'name');
  const version = textField(written, 'version');
  if (name === undefined || version === undefined) throw malformed(file, 'has a package without a name or version');
  // Composer 1 also takes names without a vendor.
  if (name.length > 300 || !/^(?:[^/@\s\p{Cc}]+\/)?[^/@\s\p{Cc}]+$/u.test(name))
    throw malformed(file, `names a package "${name.slice(0, 100)}"`);
  if (version.length > limits.versionLength || !/^[^\s\p{Cc}]+$/u.test(version))
    throw malformed(file, `gives ${name} the version "${version.slice(0, 100)}"`);
  return {
    name,
    version: plainVersion(version),
    licenses: licensesOf(written),
    hashes: hashesOf(written),
    scope: development ? 'development' : undefined,
    supplier: supplierOf(written),
    homepage: homepageOf(written),
  };
}

/** Tags are written as they are, `v5.4.21`; for Composer that is the same version as `5.4.21`. `dev-main` stays. */
function plainVersion(version: string): string {
  return /^v\d/i.test(version) ? version.slice(1) : version;
}

/** Several licences are a choice ("The composer.json schema", "license"). */
function licensesOf(written: unknown): readonly string[] {
  const value = field(written, 'license');
  const texts = [value, ...listOf(value)]
    .filter((text) => typeof text === 'string')
    .filter((text) => text.trim() !== '');
  const [only] = texts;
  if (only === undefined) return [];
  if (texts.length === 1) return [licenseExpression(only)];
  const choice = exactLicense(texts.map((text) => `(${text})`).join(' or '));
  return choice === undefined ? texts.map(licenseExpression) : [choice];
}

/** Of the archive that was downloaded; most repositories give none. */
function hashesOf(written: unknown): readonly LockedHash[] {
  const value = textField(field(written, 'dist'), 'shasum') ?? '';
  return /^[\da-f]{40}$/i.test(value) ? [{ algorithm: 'SHA-1', value: value.toLowerCase() }] : [];
}

function supplierOf(written: unknown): string | undefined {
  const names = listOf(field(written, 'authors')).flatMap((author) => textField(author, 'name') ?? []);
  return names.length === 0 ? undefined : names.join(', ').slice(0, 300);
}

function homepageOf(written: unknown): string | undefined {
  const homepage = textField(written, 'homepage') ?? '';
  return /^https?:\/\/\S{1,1000}$/.test(homepage) ? homepage : undefined;
}
