/** What the documents say that a machine can check. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { ecosystemsFile, withEcosystems } from '../scripts/ecosystems.ts';
import type { Cataloger } from '../src/catalog/cataloger.ts';
import { catalogers } from '../src/catalog/index.ts';
import { commands } from '../src/cli/commands.ts';
import { renderError } from '../src/cli/failure.ts';
import type { Terminal } from '../src/cli/terminal.ts';
import { checkPolicy, defaultPolicyText } from '../src/policy/index.ts';
import { evidence, verdictOf } from '../src/policy/testing.ts';
import { openDatabase } from '../src/vuln/index.ts';

const root = join(import.meta.dirname, '..');
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root }).sort();
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');

describe('docs/ecosystems.md', () => {
  it('says what the catalogers declare (node scripts/ecosystems.ts writes it anew)', () => {
    const written = readFileSync(ecosystemsFile, 'utf8');
    assert.equal(written, withEcosystems(written, catalogers));
  });

  it('shows what would be markup elsewhere as it is', () => {
    const document = withEcosystems(readFileSync(ecosystemsFile, 'utf8'), [declaring('a|b *c*', ['x|y', 'x`y'])]);
    assert.match(document, /^\| a\\\|b \\\*c\\\* \| `odd` \| yes \| {2}\| {2}\| {2}\| {2}\|$/m);
    assert.match(document, /^\| `odd` \| `x\\\|y`<br>`` x`y `` \|$/m);
  });

  it('does not count the one that tells the distribution among those that find packages', () => {
    const [osRelease] = catalogers;
    assert.equal(osRelease?.distro !== undefined, true);
    assert.equal(readFileSync(ecosystemsFile, 'utf8').includes(`| ${osRelease?.title} |`), false);
  });
});

function declaring(title: string, files: readonly string[]): Cataloger {
  const tells = { licenses: true, dependencies: false, hashes: false, development: false, files: false };
  return { name: 'odd', version: 1, title, files, tells, read: () => undefined, assemble: () => [] };
}

describe('the documents', () => {
  for (const file of documents) {
    it(`${file} leads nowhere that is not there`, () => {
      const broken = linksIn(textOf(file)).filter((link) => !leadsSomewhere(file, link));
      assert.deepEqual(broken, []);
    });

    it(`${file} names only commands that there are`, () => {
      const known = new Set(commands.flatMap(({ name, flags = [] }) => [name, ...flags]));
      const named = codeIn(textOf(file)).flatMap((code) =>
        [...code.matchAll(/(?:^|[^/\w.-])(?:npx )?plimsoll ([a-z-]+)/gm)].map(([, name = '']) => name),
      );
      assert.deepEqual(
        named.filter((name) => !known.has(name)),
        [],
      );
    });
  }

  for (const file of ['README.md', 'docs/policy.md']) {
    it(`${file} shows policies that hold`, () => {
      const policies = blocksIn(textOf(file)).filter((block) => block.startsWith('version: 1\n'));
      assert.ok(policies.length > 0);
      for (const policy of policies) assert.deepEqual(checkPolicy(policy), [], policy);
    });
  }

  it('docs/cli.md tells every option of every command', async () => {
    const document = textOf('docs/cli.md');
    const missing: string[] = [];
    for (const [name, ...rest] of [
      ['scan'],
      ['sbom'],
      ['gate'],
      ['keys', 'create'],
      ['keys', 'import'],
      ['keys', 'show'],
      ['sign'],
      ['attest'],
      ['verify'],
      ['verify-attestation'],
      ['tree'],
      ['copy'],
      ['save'],
      ['load'],
      ['sign-blob'],
      ['attest-blob'],
      ['verify-blob'],
      ['verify-blob-attestation'],
      ['provenance', 'create'],
      ['provenance', 'verify'],
      ['quickstart'],
      ['db', 'update'],
      ['db', 'status'],
      ['db', 'search'],
    ]) {
      const help = await helpOf(name ?? '', rest);
      const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option = '']) => option);
      assert.ok(options.includes('--help'), `${name} ${rest.join(' ')}`);
      missing.push(...options.filter((option) => option !== '--help' && !document.includes(`\`${option}`)));
    }
    assert.deepEqual(missing, []);
  });

  it('docs/cli.md tells every environment variable that is asked for', () => {
    const sources = globSync('src/**/*.ts', { cwd: root }).filter((file) => !/\.test\.ts$|testing/.test(file));
    const asked = sources.flatMap((file) =>
      [...textOf(file).matchAll(/\benv(?:\.|\[')([A-Z][A-Z_]+)\b/g)].map(([, name = '']) => name),
    );
    assert.ok(asked.includes('PLIMSOLL_DB'));
    const document = textOf('docs/cli.md');
    const missing = asked.filter((name) => name !== 'HOME' && !document.includes(`\`${name}\``));
    assert.deepEqual(missing, []);
  });

  it('docs/cli.md shows an error as it is', () => {
    const shown = blocksIn(textOf('docs/cli.md')).find((block) => block.startsWith('error: '));
    const path = '/home/me/.local/share/plimsoll/advisories.db';
    const told: string[] = [];
    try {
      openDatabase(path).close();
    } catch (thrown) {
      renderError(thrown, { ...silent, err: (text) => told.push(text) });
    }
    assert.deepEqual(told, [shown]);
  });

  it('README.md shows the verdict of the default line as it is', () => {
    const { digest } = verdictOf(defaultPolicyText, evidence()).policy;
    const shown = [...textOf('README.md').matchAll(/by built-in default \((sha256:[0-9a-f]+)\)/g)].map(
      ([, one]) => one,
    );
    assert.deepEqual(new Set(shown), new Set([digest.slice(0, 'sha256:'.length + 12)]));
  });
});

const silent: Terminal = {
  out: () => undefined,
  err: () => undefined,
  env: {},
  interactive: false,
  width: undefined,
  paint: (_, text) => text,
  progress: () => undefined,
};

async function helpOf(name: string, rest: readonly string[]): Promise<string> {
  let written = '';
  const terminal: Terminal = {
    ...silent,
    out: (text) => {
      written += text;
    },
  };
  const command = await commands.find((known) => known.name === name)?.load();
  // Commander ends help by throwing.
  await assert.rejects(async () => command?.run([...rest, '--help'], terminal), { code: 'commander.helpDisplayed' });
  return written;
}

/** Code blocks and code spans. */
function codeIn(markdown: string): readonly string[] {
  const spans = [...withoutBlocks(markdown).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...blocksIn(markdown), ...spans];
}

function blocksIn(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^```.*\n([\s\S]*?)^```/gm)].map(([, code = '']) => code);
}

function withoutBlocks(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '');
}

function linksIn(markdown: string): readonly string[] {
  const prose = withoutBlocks(markdown).replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
}

/** Links to other sites are not followed: tests need no network. */
function leadsSomewhere(file: string, link: string): boolean {
  if (/^https?:/.test(link)) return true;
  const [path = '', heading] = link.split('#', 2);
  const target = path === '' ? file : join(dirname(file), path);
  if (!existsSync(join(root, target))) return false;
  return heading === undefined || headingsOf(textOf(target)).includes(heading);
}

/** As GitHub makes anchors of headings: lower case, punctuation dropped, blanks dashed. */
function headingsOf(markdown: string): readonly string[] {
  return [...withoutBlocks(markdown).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
