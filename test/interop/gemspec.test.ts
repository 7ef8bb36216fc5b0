/** Our reader of gem specifications against the RubyGems that writes them. Skipped where Ruby is not installed. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { it } from 'node:test';
import { gemspec } from '../../src/catalog/ruby/gemspec.ts';
import { catalogFiles } from '../../src/catalog/testing.ts';
import { peer } from './peer.ts';

const { skip } = peer('ruby');

const written = `
  require 'json'
  gems = [
    Gem::Specification.new('plain', '1.0') { |s| s.licenses = ['MIT', 'GPL-2.0-only']; s.authors = ['A', 'B'] },
    Gem::Specification.new('strange_name-2', '1.0.0.rc1') do |s|
      s.authors = ["André \\"quoted\\" \\\\ \\t back", "\\e[1m # \\#{no code} \\#$x", "\u{1F600}"]
      s.homepage = 'https://example.org/a?b=c'
      s.platform = 'x86_64-linux'
      s.description = "\\n  s.name = \\"other\\"\\n"
      s.license = 'Apache-2.0'
      s.add_runtime_dependency 'plain', '~> 1.0', '>= 1.0'
      s.add_runtime_dependency 'absent'
      s.add_development_dependency 'plain2'
    end,
    Gem::Specification.new('plain2', '3') { |s| s.authors = 'x' },
  ]
  puts gems.map { |s| { text: s.to_ruby, name: s.name, version: s.version.to_s, licenses: s.licenses, authors: s.authors, homepage: s.homepage } }.to_json
`;

const installed = `
  require 'json'
  puts Gem::Specification.map { |s| { text: File.read(s.loaded_from, encoding: 'UTF-8'), name: s.name, version: s.version.to_s, authors: s.authors, homepage: s.homepage } }.to_json
`;

interface Told {
  readonly text: string;
  readonly name: string;
  readonly version: string;
  readonly authors: readonly string[];
  readonly homepage: string | null;
  readonly licenses?: readonly string[];
}

function read(program: string) {
  const output = execFileSync('ruby', ['-Eutf-8', '-rrubygems', '-e', program], { encoding: 'utf8', maxBuffer: 1e9 });
  const told: readonly Told[] = JSON.parse(output);
  const path = (index: number) => `specifications/${String(index).padStart(6, '0')}.gemspec`;
  return { told, ...catalogFiles(gemspec, Object.fromEntries(told.map(({ text }, index) => [path(index), text]))) };
}

function assertSame({ told, components, unread }: ReturnType<typeof read>): void {
  assert.deepEqual(unread, []);
  assert.deepEqual(
    components.map(({ name, version, supplier, homepage }) => ({ name, version, supplier, homepage })),
    told.map(({ name, version, authors, homepage }) => ({
      name,
      version,
      supplier: authors.join(', ').slice(0, 300),
      homepage: homepage ?? undefined,
    })),
  );
}

it('what RubyGems writes is read as it was meant, escapes and all', { skip }, () => {
  const result = read(written);
  assertSame(result);
  assert.deepEqual(
    result.components.map(({ licenses }) => licenses),
    [['MIT', 'GPL-2.0-only'], ['Apache-2.0'], []],
  );
  assert.deepEqual(
    result.components.map(({ dependsOn }) => dependsOn),
    [[], ['pkg:gem/plain@1.0'], []],
  );
});

it('every gem of this Ruby is read as Ruby reads it', { skip }, () => assertSame(read(installed)));
