import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { catalogFiles } from '../testing.ts';
import { mavenPom } from './pom.ts';

function pom(body: string): string {
  return `<?xml version="1.0"?><project xmlns="http://maven.apache.org/POM/4.0.0">${body}</project>`;
}

function id(group: string, artifact: string, version?: string): string {
  const versioned = version === undefined ? '' : `<version>${version}</version>`;
  return `<groupId>${group}</groupId><artifactId>${artifact}</artifactId>${versioned}`;
}

function needs(...dependencies: string[]): string {
  return `<dependencies>${dependencies.map((body) => `<dependency>${body}</dependency>`).join('')}</dependencies>`;
}

function found(files: Record<string, string>): readonly (readonly [id: string, scope?: string])[] {
  return catalogFiles(mavenPom, files).components.map(({ id, scope }) => (scope === undefined ? [id] : [id, scope]));
}

test('dependencies have their versions from literals, properties and the project itself', () => {
  const project = pom(
    `${id('g', 'a', '1.5')}<properties><b.version>2.0</b.version><c>\${d}</c><d>3</d></properties>${needs(
      id('x', 'plain', '1'),
      id('x', 'property', `\${b.version}`),
      id('x', 'twice', `\${c}`),
      id(`\${project.groupId}`, 'sibling', `\${project.version}`),
      id('x', 'pinned', '[4.0]'),
    )}`,
  );
  assert.deepEqual(found({ 'pom.xml': project }), [
    ['pkg:maven/x/plain@1'],
    ['pkg:maven/x/property@2.0'],
    ['pkg:maven/x/twice@3'],
    ['pkg:maven/g/sibling@1.5'],
    ['pkg:maven/x/pinned@4.0'],
  ]);
});

test('a version that cannot be known is left out', () => {
  const project = pom(
    `${id('g', 'a', '1')}<properties><loop>\${loop}</loop><two>\${two}\${two}</two></properties>${needs(
      id('x', 'none'),
      id('x', 'range', '[1.0,2.0)'),
      id('x', 'latest', 'LATEST'),
      id('x', 'unset', `\${not.here}`),
      id('x', 'loop', `\${loop}`),
      id('x', 'doubling', `\${two}`),
      id(`\${not.here}`, 'no-group', '1'),
    )}`,
  );
  assert.deepEqual(found({ 'pom.xml': project }), [
    ['pkg:maven/x/none'],
    ['pkg:maven/x/range'],
    ['pkg:maven/x/latest'],
    ['pkg:maven/x/unset'],
    ['pkg:maven/x/loop'],
    ['pkg:maven/x/doubling'],
  ]);
});

test('test and provided dependencies are for development, optional ones optional', () => {
  const project = pom(
    needs(
      `${id('x', 'test', '1')}<scope>test</scope>`,
      `${id('x', 'provided', '1')}<scope>provided</scope>`,
      `${id('x', 'runtime', '1')}<scope>runtime</scope>`,
      `${id('x', 'optional', '1')}<optional>true</optional>`,
      `${id('x', 'system', '1')}<scope>system</scope>`,
    ),
  );
  assert.deepEqual(found({ 'pom.xml': project }), [
    ['pkg:maven/x/test@1', 'development'],
    ['pkg:maven/x/provided@1', 'development'],
    ['pkg:maven/x/runtime@1'],
    ['pkg:maven/x/optional@1', 'optional'],
  ]);
});

const parent = pom(
  `${id('g', 'parent', '1')}<properties><v>1.0</v><w>7</w></properties>
   <dependencyManagement>${needs(id('x', 'managed', `\${v}`), `${id('x', 'tool', '5')}<scope>test</scope>`)}</dependencyManagement>
   ${needs(id('x', 'everywhere', `\${w}`))}`,
);
const child = (relativePath: string, parentId = id('g', 'parent', '1')) =>
  pom(
    `<parent>${parentId}${relativePath}</parent><artifactId>child</artifactId><properties><v>2.0</v></properties>
     ${needs(id('x', 'managed'), id('x', 'tool'), id('g', 'other', '1'))}`,
  );
const inherited = [
  ['pkg:maven/x/managed@2.0'],
  ['pkg:maven/x/tool@5', 'development'],
  ['pkg:maven/g/other@1'],
  ['pkg:maven/x/everywhere@7'],
];
const alone = [['pkg:maven/x/managed'], ['pkg:maven/x/tool'], ['pkg:maven/g/other@1']];

test('managed versions, properties and dependencies come from parents in the same tree', () => {
  assert.deepEqual(found({ 'child/pom.xml': child(''), 'pom.xml': parent }).slice(0, 4), inherited);
  const base = '<relativePath>../base</relativePath>';
  assert.deepEqual(found({ 'base/pom.xml': parent, 'child/pom.xml': child(base) }).slice(1), inherited);
});

test('a parent elsewhere, of another name, or said to be outside is not applied', () => {
  assert.deepEqual(found({ 'pom.xml': child('') }), alone);
  assert.deepEqual(found({ 'child/pom.xml': child('<relativePath/>'), 'pom.xml': parent }).slice(0, 3), alone);
  assert.deepEqual(
    found({ 'child/pom.xml': child('', id('g', 'stranger', '1')), 'pom.xml': parent }).slice(0, 3),
    alone,
  );
});

test('parents in a circle come to an end', () => {
  const [a, b] = ['a', 'b'].map((name, index) =>
    pom(
      `<parent>${id('g', index === 0 ? 'b' : 'a', '1')}<relativePath>../${index === 0 ? 'b' : 'a'}</relativePath></parent><artifactId>${name}</artifactId>${needs(id('x', name, '1'))}`,
    ),
  );
  assert.equal(found({ 'a/pom.xml': a ?? '', 'b/pom.xml': b ?? '' }).length, 4);
});

test('modules of the tree and poms of built archives are no dependencies', () => {
  const files = {
    'a/pom.xml': pom(`${id('g', 'a', '1')}${needs(id('g', 'b', '1'), id('x', 'y', '1'))}`),
    'b/pom.xml': pom(id('g', 'b', '1')),
    'a/target/classes/META-INF/maven/g/a/pom.xml': pom(`${id('g', 'a', '1')}${needs(id('x', 'z', '1'))}`),
  };
  assert.deepEqual(found(files), [['pkg:maven/x/y@1']]);
});

test('a pom.xml that is something else says nothing, and a broken one is unread', () => {
  assert.deepEqual(catalogFiles(mavenPom, { 'pom.xml': '<html/>' }), { components: [], unread: [] });
  assert.deepEqual(
    catalogFiles(mavenPom, { 'pom.xml': '<project><dependencies>' }).unread.map(({ code }) => code),
    ['catalog/bad-xml'],
  );
});

test('whatever a pom holds, nothing but a PlimsollError is thrown', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom(`\${project.version}`, '../..', '/', '__proto__', `\${`, '}', '[1]'),
  );
  const escaped = text.map((value) => value.replace(/[<&>]/g, '_').replace(/[^\x20-\x7e]/g, 'x'));
  fc.assert(
    fc.property(
      fc.array(escaped, { minLength: 6, maxLength: 6 }),
      fc.string(),
      ([a = '', b = '', c = '', d = '', e = '', f = ''], raw) => {
        catalogFiles(mavenPom, {
          'x/pom.xml': pom(
            `<parent>${id(a, b, c)}<relativePath>${d}</relativePath></parent>${id(a, c, e)}${needs(id(d, e, f), id(a, b))}`,
          ),
          'pom.xml': pom(
            `${id(a, b, c)}<properties><p>${d}</p></properties><dependencyManagement>${needs(id(d, e, f))}</dependencyManagement>`,
          ),
          'y/pom.xml': raw,
        });
      },
    ),
    { numRuns: 300 },
  );
});
