import { limits } from '../../limits.ts';
import { type Hash, purlFor } from '../../sbom/index.ts';
import type { Cataloged, CatalogFile, Found } from '../cataloger.ts';
import { entriesOf, malformed } from '../document.ts';

/** A NuGet package that a file names. */
export type NugetPackage = {
  readonly name: string;
  /** Absent where the file leaves it to something else. */
  readonly version?: string | undefined;
  /** Lower-case hexadecimal. */
  readonly sha512?: string | undefined;
  readonly development?: true | undefined;
  /** Ids of packages in the same file. */
  readonly needs: readonly string[];
};

export function nugetId(name: string, version: string | undefined): string {
  return purlFor({ type: 'nuget', name, version });
}

/** NuGet's rule for package ids (learn.microsoft.com, nuspec reference, "id"), without its limit of 100 characters. */
export function isPackageName(name: string | undefined): name is string {
  return name !== undefined && /^\w[\w.-]{0,255}$/.test(name);
}

/** One version, written out: no range, no `*`, no property of MSBuild. `[1.2.3]` is `1.2.3`. */
export function exactVersion(version: string | undefined): string | undefined {
  const [, exact] = /^\[?\s*(\d[\w.+-]{0,127})\s*\]?$/.exec(version?.trim() ?? '') ?? [];
  return exact;
}

/** @throws PlimsollError `catalog/malformed-file` */
export function checkCount(file: CatalogFile, count: number): void {
  if (count > limits.componentsPerFile) throw malformed(file, `names ${count} packages, which is more than are read`);
}

/** Base64, with or without `sha512-` before it, as hexadecimal; `undefined` for what is no SHA-512. */
export function sha512Hex(text: string | undefined): string | undefined {
  const bytes = Buffer.from(text?.replace(/^sha512-/i, '') ?? '', 'base64');
  return bytes.length === 64 ? bytes.toString('hex') : undefined;
}

/** Names and texts of a mapping such as `"dependencies": { "A": "1.0.0" }`. */
export function textsOf(value: unknown): readonly (readonly [name: string, text: string])[] {
  return entriesOf(value).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text] as const] : []));
}

export function nugetComponents({ path, layer, fragment }: Found<readonly NugetPackage[]>): readonly Cataloged[] {
  return fragment.map(({ name, version, sha512, development, needs }) => {
    const hashes: readonly Hash[] = sha512 === undefined ? [] : [{ algorithm: 'SHA-512', value: sha512 }];
    return {
      id: nugetId(name, version),
      type: 'nuget',
      name,
      version,
      licenses: [],
      hashes,
      scope: development === true ? 'development' : undefined,
      locations: [{ path, layer }],
      dependsOn: needs,
    };
  });
}
