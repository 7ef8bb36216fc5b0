/** Writes `docs/ecosystems.md`: what the catalogers declare about themselves, between words for people. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Capabilities, Cataloger } from '../src/catalog/cataloger.ts';
import { catalogers } from '../src/catalog/index.ts';

type Declared = Pick<Cataloger, 'name' | 'title' | 'files' | 'binaries' | 'tells' | 'distro'>;

export const ecosystemsFile = new URL('../docs/ecosystems.md', import.meta.url);
const begin = '<!-- Written by "npm run generate" from what the catalogers declare: do not edit by hand. -->';
const end = '<!-- End of what is written by "npm run generate". -->';

const capabilities: readonly (readonly [column: string, key: keyof Capabilities])[] = [
  ['Licences', 'licenses'],
  ['Dependencies', 'dependencies'],
  ['Hashes', 'hashes'],
  ['Development', 'development'],
  ['File list', 'files'],
];

const binaryNames = { elf: 'ELF', pe: 'PE', 'mach-o': 'Mach-O' } as const;

/** `document` with the part between the marks written anew. Same catalogers, same text. */
export function withEcosystems(document: string, declared: readonly Declared[]): string {
  const [before, rest = ''] = document.split(begin, 2);
  const [, after] = rest.split(end, 2);
  if (before === undefined || after === undefined) throw new Error('docs/ecosystems.md has lost its marks');
  return `${before}${begin}\n\n${ecosystemTables(declared)}\n${end}${after}`;
}

function ecosystemTables(declared: readonly Declared[]): string {
  // The one that tells the distribution finds no packages.
  const packages = declared.filter(({ distro }) => distro === undefined);
  return [
    '## What each cataloger tells',
    '',
    table(
      ['What is read', 'Cataloger', ...capabilities.map(([column]) => column)],
      packages.map(({ name, title, tells }) => [
        cell(title),
        code(name),
        ...capabilities.map(([, key]) => (tells[key] ? 'yes' : '')),
      ]),
    ),
    '',
    '## Which files each cataloger reads',
    '',
    table(
      ['Cataloger', 'Files'],
      declared.map(({ name, files, binaries = [] }) => [
        code(name),
        [
          ...files.map(code),
          ...(binaries.length === 0
            ? []
            : [
                `programs and libraries (${binaries.map((format) => binaryNames[format]).join(', ')}), whatever their name`,
              ]),
        ].join('<br>'),
      ]),
    ),
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** GitHub Flavored Markdown, "Tables (extension)": a bar ends a cell, even within code. */
function cell(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#]/g, '\\$&').replaceAll('|', '\\|');
}

/** CommonMark, "Code spans": delimited by more backticks than are in it. */
function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const padding = longest > 0 ? ' ' : '';
  return `${fence}${padding}${text.replaceAll('|', '\\|')}${padding}${fence}`;
}

if (import.meta.main) writeFileSync(ecosystemsFile, withEcosystems(readFileSync(ecosystemsFile, 'utf8'), catalogers));
