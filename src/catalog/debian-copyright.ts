import { limits } from '../limits.ts';
import { exactLicense, licenseExpression } from './license.ts';
import { lines } from './lines.ts';

/**
 * The licences that a Debian copyright file states, as SPDX expressions where they are exact. Of a machine-readable
 * file (DEP-5, copyright-format 1.0) those of its header and of its `Files` paragraphs; of any other file the common
 * licences that it refers to.
 */
export function copyrightLicenses(text: string): readonly string[] {
  const machineReadable = /^Format(?:-Specification)?:/im.test(text.slice(0, 4_000));
  const licenses = machineReadable ? [...statedLicenses(text)].map(debianLicense) : commonLicenses(text);
  return [...new Set(licenses)].sort();
}

/** A paragraph of its own that only spells a licence out states nothing about files, unless there is nothing else. */
function statedLicenses(text: string): ReadonlySet<string> {
  const ofFiles = new Set<string>();
  const others = new Set<string>();
  let first = true;
  let files = false;
  let license: string | undefined;
  const close = () => {
    if (license !== undefined) (first || files ? ofFiles : others).add(license);
    if (files || license !== undefined) first = false;
    files = false;
    license = undefined;
  };
  for (const line of lines(text)) {
    if (line === '') close();
    else if (/^license:/i.test(line)) license = shortName(line.slice(8).trim());
    else if (/^files:/i.test(line)) files = true;
  }
  close();
  return ofFiles.size > 0 ? ofFiles : others;
}

/** A short name has no blanks but those around operators and exceptions; what reads like a sentence is a licence's text. */
function shortName(value: string): string | undefined {
  const parts = value.slice(0, limits.licenseLength).split(/,? (?:and\/or|and|or) /i);
  return parts.every((part) => /^[^\s]+(?: with .{1,60} exception)?$/i.test(part)) ? value : undefined;
}

/**
 * Whether a later version of a GNU licence will do stands in the words before the reference. Where those words are not
 * found the name stays as it is, since neither `only` nor `or-later` is said.
 */
function commonLicenses(text: string): readonly string[] {
  const licenses: string[] = [];
  let from = 0;
  for (const match of text.matchAll(/\/usr\/share\/common-licenses\/([A-Za-z][A-Za-z0-9.+-]{0,30})/g)) {
    const name = match[1]?.replace(/[.-]+$/, '') ?? '';
    const before = text.slice(Math.max(from, match.index - 3_000), match.index);
    if (!/^(?:L?GPL|GFDL)-\d/.test(name)) licenses.push(debianLicense(name));
    else licenses.push(/\blater\s+version|\bor\s+later\b/.test(before) ? debianLicense(`${name}+`) : name);
    from = match.index + match[0].length;
  }
  return licenses;
}

function debianLicense(name: string): string {
  // Debian's `Artistic` is the licence that comes with Perl (/usr/share/common-licenses/Artistic).
  return exactLicense(grouped(name).replace(/\bArtistic(?![\w.-])/g, 'Artistic-1.0-Perl')) ?? licenseExpression(name);
}

/** A comma binds weaker than the operators around it (DEP-5, "License specification"): `A, and B or C` is `A and (B or C)`. */
function grouped(name: string): string {
  const parts = name.split(/, (?=(?:and|or) )/i);
  const operators = new Set(parts.slice(1).map((part) => part.slice(0, 3).trim().toLowerCase()));
  if (operators.size !== 1) return name;
  return parts
    .map((part, index) => (index === 0 ? `(${part})` : part.replace(/^(and|or) (.*)$/is, '$1 ($2)')))
    .join(' ');
}
