import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { catalogFiles } from '../testing.ts';
import { gemspec } from './gemspec.ts';

const folder = 'usr/lib/ruby/gems/3.1.0/specifications';

/** As RubyGems 3.3 writes it. */
const railties = `# -*- encoding: utf-8 -*-
# stub: railties 6.1.7 ruby lib

Gem::Specification.new do |s|
  s.name = "railties".freeze
  s.version = "6.1.7"

  s.required_rubygems_version = Gem::Requirement.new(">= 1.8.11".freeze) if s.respond_to? :required_rubygems_version=
  s.metadata = { "homepage" => "https://example.org", "source_code_uri" => "https://github.com/rails/rails" } if s.respond_to? :metadata=
  s.require_paths = ["lib".freeze]
  s.authors = ["David Heinemeier Hansson".freeze, "Andr\\u00E9 Lu\\xC3\\xADs".freeze]
  s.description = "s.name = \\"no\\"\\n  s.name = \\"no\\"".freeze
  s.homepage = "https://rubyonrails.org".freeze
  s.licenses = ["MIT".freeze, "Ruby".freeze]
  s.rubygems_version = "3.3.15".freeze

  if s.respond_to? :specification_version then
    s.specification_version = 4
  end

  if s.respond_to? :add_runtime_dependency then
    s.add_runtime_dependency(%q<activesupport>.freeze, ["= 6.1.7"])
    s.add_runtime_dependency(%q<rake>.freeze, [">= 12.2".freeze])
    s.add_runtime_dependency(%q<thor>.freeze, ["~> 1.0"])
    s.add_runtime_dependency(%q<absent>.freeze, [">= 0"])
    s.add_development_dependency(%q<minitest>.freeze, [">= 0"])
  else
    s.add_dependency(%q<activesupport>.freeze, ["= 6.1.7"])
    s.add_dependency(%q<rake>.freeze, [">= 12.2"])
    s.add_dependency(%q<minitest>.freeze, [">= 0"])
  end
end
`;

const plain = (name: string, version: string, more = '') =>
  `Gem::Specification.new do |s|\n  s.name = "${name}"\n  s.version = "${version}"\n${more}end\n`;

function catalog(files: Readonly<Record<string, string>>) {
  const { components, unread } = catalogFiles(
    gemspec,
    Object.fromEntries(
      Object.entries(files).map(([name, text]) => [
        name.endsWith('.gemspec') ? name : `${folder}/${name}.gemspec`,
        text,
      ]),
    ),
  );
  return { components, unread, named: components.map(({ name, version }) => `${name} ${version}`) };
}

const only = (text: string) => catalog({ x: text });

describe('installed gems', () => {
  it('are told with licences, authors, home page and what they need to run', () => {
    const { components } = catalog({
      railties,
      activesupport: plain('activesupport', '6.1.7'),
      'default/rake': plain('rake', '13.0.6'),
      thor: plain('thor', '1.2.1'),
      minitest: plain('minitest', '5.15.0'),
    });
    assert.deepEqual(
      components.find(({ name }) => name === 'railties'),
      {
        id: 'pkg:gem/railties@6.1.7',
        name: 'railties',
        version: '6.1.7',
        type: 'gem',
        licenses: ['MIT', 'Ruby'],
        supplier: 'David Heinemeier Hansson, André Luís',
        homepage: 'https://rubyonrails.org',
        hashes: [],
        locations: [{ path: `${folder}/railties.gemspec`, layer: 0 }],
        // Its development needs minitest, which is repeated where kinds are not known.
        dependsOn: ['pkg:gem/activesupport@6.1.7', 'pkg:gem/rake@13.0.6', 'pkg:gem/thor@1.2.1'],
      },
    );
  });

  const places: readonly (readonly [string, boolean])[] = [
    ['usr/lib/ruby/gems/3.1.0/specifications/a-1.gemspec', true],
    ['usr/lib/ruby/gems/3.1.0/specifications/default/a-1.gemspec', true],
    ['usr/share/rubygems-integration/all/specifications/a-1.gemspec', true],
    ['srv/vendor/bundle/ruby/3.1.0/specifications/a-1.gemspec', true],
    ['usr/lib/ruby/gems/3.1.0/gems/a-1/a.gemspec', false],
    ['srv/a.gemspec', false],
  ];
  for (const [path, counts] of places) {
    it(`${counts ? 'stand' : 'do not stand'} at ${path}`, () =>
      assert.equal(catalog({ [path]: plain('a', '1') }).components.length, counts ? 1 : 0));
  }

  const spellings: readonly (readonly [string, string])[] = [
    ['s.name = "a"\ns.version = Gem::Version.new("1.0.rc1")', 'a 1.0.rc1'],
    ["  spec.name = 'a'\n  spec.version = '1.0'.freeze", 'a 1.0'],
    ['s.name = %q{a}\ns.version = Gem::Version.create("2")', 'a 2'],
    ['# stub: a 1.5 x86_64-linux lib\ns.name = NAME\ns.version = VERSION', 'a 1.5'],
    ['s.name = "nokogiri".freeze\ns.version = "1.15.0"\ns.platform = "x86_64-linux".freeze', 'nokogiri 1.15.0'],
    ['s.name\t=\t"a"\ns.version="1"', 'a 1'],
  ];
  for (const [text, answer] of spellings) {
    it(`are understood as ${answer} in ${JSON.stringify(text)}`, () => assert.deepEqual(only(text).named, [answer]));
  }

  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['s.license = "MIT"', ['MIT']],
    ['s.licenses = %w[MIT Apache-2.0]', ['MIT', 'Apache-2.0']],
    ["s.licenses = [\n  'MIT', # or\n]", []],
    ["s.licenses = [\n  'MIT',\n  'GPL-2.0-only',\n]", ['MIT', 'GPL-2.0-only']],
    ['s.licenses = []', []],
    ['s.licenses = [[["MIT"]]]', []],
    ['s.licenses = ["MIT", "#{other}"]', []],
    ['s.licenses = ["A \\#{not code}"]', ['A #{not code}']],
    ['s.licenses = LICENSES', []],
    ['s.licenses == ["MIT"]', []],
  ];
  for (const [text, answer] of lists) {
    it(`have the licences ${JSON.stringify(answer)} by ${JSON.stringify(text)}`, () => {
      assert.deepEqual(only(plain('a', '1', `${text}\n`)).components[0]?.licenses, answer);
    });
  }

  const requirements: readonly (readonly [string, readonly string[], string | undefined])[] = [
    ['["~> 1.2"]', ['1.1', '1.2', '1.10', '2.0'], '1.10'],
    ['["~> 1.2.3"]', ['1.2.2', '1.2.9', '1.3.0'], '1.2.9'],
    ['["~> 1"]', ['1.9', '2.0.rc1', '2.0'], '1.9'],
    ['[">= 1.0", "< 2"]', ['0.9', '1.0.0', '2'], '1.0.0'],
    ['["< 2.0"]', ['2.0.pre', '2.0'], '2.0.pre'],
    ['["!= 2.0"]', ['1.0', '2.0.0'], '1.0'],
    ['["> 1.0"]', ['1.0', '1.0.0.1'], '1.0.0.1'],
    ['["<= 1.0"]', ['1.0.0', '1.0.1'], '1.0.0'],
    ['["= 1.0"]', ['1.0.a', '1.0.0', '1.1'], '1.0.0'],
    ['"1.1"', ['1.0', '1.1'], '1.1'],
    ['">= 1.0", "< 1.5"', ['1.4', '1.5'], '1.4'],
    ['["nonsense !"]', ['1.0'], undefined],
    ['["> 5"]', ['1.0'], undefined],
  ];
  for (const [written, installed, answer] of requirements) {
    it(`need ${answer ?? 'none'} of ${installed.join(', ')} by ${written}`, () => {
      const { components } = catalog({
        x: plain('x', '1', `  s.add_dependency(%q<needed>.freeze, ${written})\n`),
        ...Object.fromEntries(installed.map((version) => [`needed-${version}`, plain('needed', version)])),
      });
      assert.deepEqual(
        components.find(({ name }) => name === 'x')?.dependsOn,
        answer === undefined ? [] : [`pkg:gem/needed@${answer}`],
      );
    });
  }

  for (const text of [
    '',
    'garbage',
    's.name = NAME',
    's.name = "a"',
    's.name = "a#{b}"\ns.version = "1"',
    's.name = ""\ns.version = "1"',
    's.name = "a\ns.version = "1',
  ]) {
    it(`are reported as unread when the file is ${JSON.stringify(text)}`, () => {
      const { components, unread } = only(text);
      assert.deepEqual([components, unread.length], [[], 1]);
    });
  }

  it('do not take long to read, whatever the file repeats', () => {
    for (const piece of [
      's.name = "\\',
      's.licenses = ["a",',
      's.add_dependency(%q<',
      '\\u{',
      '#',
      '"',
      's.name = "a" '.repeat(3),
    ]) {
      const started = performance.now();
      only(piece.repeat(Math.floor(900_000 / piece.length)));
      only(`s.name = "a"\ns.version = "1"\n${`${piece}\n`.repeat(Math.floor(900_000 / (piece.length + 1)))}`);
      assert.ok(performance.now() - started < 2_000, piece);
    }
  });

  it('never make the reader fail otherwise', () => {
    fc.assert(
      fc.property(
        fc.nat(1500),
        fc.nat(30),
        fc.string(),
        (at, length, put) => void only(railties.slice(0, at) + put + railties.slice(at + length)),
      ),
      { numRuns: 500 },
    );
  });
});
