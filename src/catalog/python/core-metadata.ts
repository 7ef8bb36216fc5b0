import type { CatalogFile } from '../cataloger.ts';
import { boundedText } from '../document.ts';
import { exactLicense, licenseExpression } from '../license.ts';
import { lines } from '../lines.ts';

/** The fields of a METADATA or PKG-INFO file, by name in lower case, each value with its continuation lines. */
export type Metadata = ReadonlyMap<string, readonly string[]>;

/**
 * The header of the file (Python packaging specifications, "Core metadata", which is in the form of RFC 822). It ends at
 * an empty line; some files have a line that is no field before that, where Python's own reader stops too.
 */
export function readMetadata(file: CatalogFile): Metadata {
  const fields = new Map<string, string[]>();
  let values: string[] | undefined;
  for (const line of lines(boundedText(file))) {
    const [, name, value = ''] = /^([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)$/s.exec(line) ?? [];
    if (name !== undefined) {
      const key = name.toLowerCase();
      values = fields.get(key) ?? [];
      fields.set(key, values);
      values.push(value);
    } else if (/^[ \t]/.test(line) && values !== undefined) {
      values.push(`${values.pop() ?? ''}\n${line.trim()}`);
    } else break;
  }
  return fields;
}

/** The first value; setuptools writes `UNKNOWN` for what it was not told. */
function metadataField(metadata: Metadata, name: string): string | undefined {
  const value = metadata.get(name)?.[0]?.trim();
  return value === undefined || value === '' || value === 'UNKNOWN' ? undefined : value;
}

/**
 * `License-Expression` (PEP 639) says it exactly. Before that there is free text in `License`, often the whole text of a
 * licence or a word such as `BSD`, and there are classifiers: those are believed, unless the text is exact.
 */
export function metadataLicenses(metadata: Metadata): readonly string[] {
  const expression = metadataField(metadata, 'license-expression');
  if (expression !== undefined) return [licenseExpression(expression)];
  const text = metadataField(metadata, 'license');
  const exact = text === undefined ? undefined : exactLicense(text);
  if (exact !== undefined) return [exact];
  const classifiers = (metadata.get('classifier') ?? [])
    .map((classifier) => classifier.trim())
    .filter((classifier) => classifier.startsWith('License :: ') && classifier !== 'License :: OSI Approved');
  const named = classifiers.map(
    (classifier) => exactLicense(classifier) ?? classifier.slice(classifier.lastIndexOf(':: ') + ':: '.length),
  );
  if (named.length > 0) return [...new Set(named)].sort();
  return text === undefined ? [] : [licenseExpression(text)];
}

export function metadataHomepage(metadata: Metadata): string | undefined {
  const labelled = (metadata.get('project-url') ?? []).flatMap((entry): (readonly [string, string])[] => {
    const comma = entry.indexOf(',');
    return comma < 0
      ? []
      : [
          [
            entry
              .slice(0, comma)
              .toLowerCase()
              .replace(/[^a-z]/g, ''),
            entry.slice(comma + 1).trim(),
          ],
        ];
  });
  const urls = new Map(labelled.reverse());
  const page =
    metadataField(metadata, 'home-page') ??
    ['homepage', 'home', 'repository', 'source', 'sourcecode', 'github'].map((label) => urls.get(label)).find(Boolean);
  return page !== undefined && page.length <= 1_000 && /^https?:\/\/\S+$/.test(page) ? page : undefined;
}

/** `Author`, or the name in `Author-email: Name <mail>`, or a maintainer's. */
export function metadataSupplier(metadata: Metadata): string | undefined {
  for (const role of ['author', 'maintainer']) {
    const name = metadataField(metadata, role) ?? metadataField(metadata, `${role}-email`)?.split('<', 1)[0];
    const plain = name?.trim().replace(/^"|"$/g, '').replace(/\s+/g, ' ');
    if (plain !== undefined && plain !== '') return plain.slice(0, 300);
  }
  return undefined;
}
