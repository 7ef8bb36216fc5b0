import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { type TestEntry, testZip } from '../../image/testing-zip.ts';
import { limits } from '../../limits.ts';
import { catalogFiles } from '../testing.ts';
import { javaArchive } from './archive.ts';

type Contents = Record<string, string | Uint8Array>;

/** The metadata that Maven's archiver puts into a jar. */
function maven(group: string, artifact: string, version: string, pom?: string): Contents {
  const folder = `META-INF/maven/${group}/${artifact}`;
  const properties = {
    [`${folder}/pom.properties`]: `#x\ngroupId=${group}\nartifactId=${artifact}\nversion=${version}\n`,
  };
  return pom === undefined ? properties : { ...properties, [`${folder}/pom.xml`]: pom };
}

function manifest(attributes: Record<string, string>): Contents {
  const lines = Object.entries(attributes).map(([name, value]) => `${name}: ${value}\r\n`);
  return { 'META-INF/MANIFEST.MF': `Manifest-Version: 1.0\r\n${lines.join('')}\r\n` };
}

function ids(files: Record<string, Uint8Array | string>, links?: Record<string, string>): Record<string, string[]> {
  const { components } = catalogFiles(javaArchive, files, links === undefined ? {} : { links });
  const found: Record<string, string[]> = {};
  for (const { id, locations } of components) found[id] = [...(found[id] ?? []), ...locations.map(({ path }) => path)];
  return found;
}

test('a jar is what its pom.properties says, whatever it is called', () => {
  const jar = testZip({ ...manifest({ 'Implementation-Version': '9' }), ...maven('org.example', 'thing', '1.2') });
  assert.deepEqual(ids({ 'lib/thing.jar': jar }), { 'pkg:maven/org.example/thing@1.2': ['lib/thing.jar'] });
  assert.deepEqual(ids({ 'lib/renamed.jar': jar }), { 'pkg:maven/org.example/thing@1.2': ['lib/renamed.jar'] });
  assert.deepEqual(ids({ 'lib/THING.JAR': jar }), { 'pkg:maven/org.example/thing@1.2': ['lib/THING.JAR'] });
});

test('archives in archives are found to any depth, each at its own place', () => {
  const library = testZip(maven('org.example', 'library', '1.0'));
  const boot = testZip(
    [
      { name: 'BOOT-INF/lib/library-1.0.jar', data: library, stored: true },
      { name: 'BOOT-INF/classes/A.class', data: 'x' },
    ],
    { prefix: Buffer.from('#!/bin/sh\n') },
  );
  const war = testZip({ ...maven('org.example', 'site', '2.0'), 'WEB-INF/lib/boot-3.0.jar': boot });
  const ear = testZip({ ...maven('org.example', 'suite', '4.0'), 'site-2.0.war': war });
  assert.deepEqual(ids({ 'opt/suite.ear': ear }), {
    'pkg:maven/org.example/suite@4.0': ['opt/suite.ear'],
    'pkg:maven/org.example/site@2.0': ['opt/suite.ear!/site-2.0.war'],
    'pkg:generic/boot@3.0': ['opt/suite.ear!/site-2.0.war!/WEB-INF/lib/boot-3.0.jar'],
    'pkg:maven/org.example/library@1.0': [
      'opt/suite.ear!/site-2.0.war!/WEB-INF/lib/boot-3.0.jar!/BOOT-INF/lib/library-1.0.jar',
    ],
  });
});

test('shaded packages are components of their own, embedded in the jar that the name tells', () => {
  const jar = testZip({
    ...maven('a.first', 'shaded-one', '1'),
    ...maven('org.example', 'owner', '2'),
    ...maven('z.last', 'shaded-two', '3'),
  });
  const { components } = catalogFiles(javaArchive, { 'owner-2.jar': jar });
  assert.deepEqual(
    components.map(({ id, embedded, hashes }) => [id, embedded, hashes.length]),
    [
      ['pkg:maven/org.example/owner@2', undefined, 1],
      ['pkg:maven/a.first/shaded-one@1', true, 0],
      ['pkg:maven/z.last/shaded-two@3', true, 0],
    ],
  );
});

test('a package that is alone in a jar of another name and manifest is shaded into it', () => {
  const jar = testZip({
    ...manifest({ 'Bundle-Name': 'guice', 'Bundle-SymbolicName': 'com.google.inject', 'Bundle-Version': '4.2.3' }),
    ...maven('cglib', 'cglib', '3.2.12'),
  });
  assert.deepEqual(Object.keys(ids({ 'guice.jar': jar })), ['pkg:generic/guice@4.2.3', 'pkg:maven/cglib/cglib@3.2.12']);
});

test('a manifest that came with a shaded package does not say what the jar is', () => {
  const jar = testZip({
    ...manifest({
      'Implementation-Title': 'Commons Exec',
      'Implementation-Version': '1.3',
      'Implementation-Vendor-Id': 'org.apache',
    }),
    ...maven('org.apache.commons', 'commons-exec', '1.3'),
    ...maven('g', 'other', '2'),
  });
  assert.deepEqual(Object.keys(ids({ 'selenium-server-3.141.59.jar': jar })), [
    'pkg:generic/selenium-server@3.141.59',
    'pkg:maven/org.apache.commons/commons-exec@1.3',
    'pkg:maven/g/other@2',
  ]);
});

test('a package that is alone in a jar of another version is shaded into it', () => {
  assert.deepEqual(Object.keys(ids({ 'app-3.0.jar': testZip(maven('g', 'gson', '2.8')) })), [
    'pkg:generic/app@3.0',
    'pkg:maven/g/gson@2.8',
  ]);
});

const own: readonly [file: string, artifact: string, attributes: Record<string, string>][] = [
  ['maven3-core.jar', 'maven-core', { 'Implementation-Title': 'Maven Core' }],
  ['sisu-inject.jar', 'org.eclipse.sisu.inject', {}],
  ['geronimo-annotation-1.3-spec.jar', 'geronimo-annotation_1.3_spec', {}],
  ['wagon-http-shaded-3.5.3.jar', 'wagon-http', {}],
  ['x.jar', 'maven-core', { 'Bundle-SymbolicName': 'org.apache.maven.core' }],
];
for (const [file, artifact, attributes] of own) {
  test(`${file} with ${JSON.stringify(attributes)} is ${artifact}, not what is shaded into it`, () => {
    const jar = testZip({ ...manifest(attributes), ...maven('a', 'other', '1'), ...maven('g', artifact, '2') });
    const { components } = catalogFiles(javaArchive, { [file]: jar });
    assert.deepEqual(
      components.map(({ name, embedded }) => [name, embedded]),
      [
        [`g:${artifact}`, undefined],
        ['a:other', true],
      ],
    );
  });
}

const guessed: readonly [file: string, attributes: Record<string, string>, id: string][] = [
  [
    'spring-beans-5.3.17.jar',
    { 'Implementation-Title': 'spring-beans', 'Implementation-Version': '5.3.17' },
    'pkg:maven/org.springframework/spring-beans@5.3.17',
  ],
  [
    'catalina.jar',
    {
      'Implementation-Title': 'Apache Tomcat',
      'Implementation-Version': '9.0.80',
      'Bundle-SymbolicName': 'org.apache.tomcat-catalina',
    },
    'pkg:maven/org.apache.tomcat/tomcat-catalina@9.0.80',
  ],
  [
    'micro.jar',
    { 'Implementation-Title': 'io.micrometer#micrometer-core;1.9.0' },
    'pkg:maven/io.micrometer/micrometer-core@1.9.0',
  ],
  [
    'jackson-databind-2.9.jar',
    { 'Bundle-SymbolicName': 'com.fasterxml.jackson.core.jackson-databind;singleton:=true' },
    'pkg:maven/com.fasterxml.jackson.core/jackson-databind@2.9',
  ],
  [
    'maven-core-3.8.7.jar',
    { 'Bundle-SymbolicName': 'org.apache.maven.core' },
    'pkg:maven/org.apache.maven/maven-core@3.8.7',
  ],
  [
    'commons-io-2.11.0.jar',
    { 'Bundle-SymbolicName': 'org.apache.commons.io' },
    'pkg:maven/commons-io/commons-io@2.11.0',
  ],
  ['thing-1.jar', { 'Implementation-Vendor-Id': 'org.example.things' }, 'pkg:maven/org.example.things/thing@1'],
  [
    'git.hpi',
    { 'Group-Id': 'org.jenkins-ci.plugins', 'Short-Name': 'git', 'Plugin-Version': '4.11.3' },
    'pkg:maven/org.jenkins-ci.plugins/git@4.11.3',
  ],
  // No group, rather than a wrong one.
  [
    'guava-31.1-jre.jar',
    { 'Bundle-SymbolicName': 'com.google.guava', 'Bundle-Version': '31.1.0.jre' },
    'pkg:generic/guava@31.1-jre',
  ],
  [
    'thing-1.jar',
    { 'Implementation-Vendor-Id': 'Example Inc.', 'Implementation-Vendor': 'org.example' },
    'pkg:generic/thing@1',
  ],
  ['thing.jar', { 'Implementation-Version': '1.4-a1b2c3d' }, 'pkg:generic/thing@1.4-a1b2c3d'],
  ['thing.jar', { 'Implementation-Version': 'today' }, 'pkg:generic/thing'],
  ['thing-1.0.jar', { 'Implementation-Version': '2.0' }, 'pkg:generic/thing@2.0'],
  [
    'thing-1.0.jar',
    { 'Implementation-Version': '1.0 build 77', 'Bundle-Version': '1.0.0.77' },
    'pkg:generic/thing@1.0',
  ],
];
for (const [file, attributes, id] of guessed) {
  test(`without Maven's metadata, ${file} with ${JSON.stringify(attributes)} is ${id}`, () => {
    assert.deepEqual(Object.keys(ids({ [file]: testZip(manifest(attributes)) })), [id]);
  });
}

test('a jar without any metadata is a component all the same', () => {
  assert.deepEqual(ids({ 'a/app.jar': testZip({ 'A.class': 'x' }) }), { 'pkg:generic/app': ['a/app.jar'] });
});

test('files of other kinds that share an extension say nothing', () => {
  const files = { 'a.sar': 'sysstat data', 'b.nar': 'nix archive', 'c.par': testZip({ 'script/main.pl': 'print 1' }) };
  assert.deepEqual(catalogFiles(javaArchive, files), { components: [], unread: [] });
});

const pom = (body: string) =>
  `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>${body}</project>`;

test('the pom inside tells licences, homepage, supplier and what is needed', () => {
  const needs = (group: string, artifact: string, rest = '') =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId>${rest}</dependency>`;
  const a =
    pom(`<parent><groupId>g</groupId><artifactId>p</artifactId><version>1</version></parent><artifactId>a</artifactId>
    <url>https://example.org/a</url><organization><name>Example</name></organization><properties><b>2</b></properties>
    <licenses><license><name>The Apache Software License, Version 2.0</name></license><license><name>Own words</name></license></licenses>
    <dependencies>${needs(`\${project.groupId}`, 'b', `<version>\${b}</version>`)}${needs('g', 'c')}${needs('g', 'd', '<scope>test</scope>')}${needs('g', 'e')}</dependencies>`);
  const { components } = catalogFiles(javaArchive, {
    'lib/a-1.jar': testZip(maven('g', 'a', '1', a)),
    'lib/b-2.jar': testZip(maven('g', 'b', '2')),
    'lib/b-1.jar': testZip(maven('g', 'b', '1')),
    'lib/c-1.jar': testZip(maven('g', 'c', '1')),
    'other/c-2.jar': testZip(maven('g', 'c', '2')),
    'lib/d-1.jar': testZip(maven('g', 'd', '1')),
  });
  const [first] = components;
  assert.deepEqual(first?.licenses, ['Apache-2.0', 'Own words']);
  assert.equal(first?.homepage, 'https://example.org/a');
  assert.equal(first?.supplier, 'Example');
  assert.deepEqual(first?.dependsOn, ['pkg:maven/g/b@2', 'pkg:maven/g/c@1']);
});

test('licences of a bundle come from its manifest where no pom states them', () => {
  const jar = testZip(
    manifest({ 'Bundle-License': 'http://www.apache.org/licenses/LICENSE-2.0.txt;description=x, <<EXTERNAL>>' }),
  );
  assert.deepEqual(catalogFiles(javaArchive, { 'a.jar': jar }).components[0]?.licenses, ['Apache-2.0']);
});

test('each archive has its SHA-1', () => {
  const [inner, path] = [testZip(maven('g', 'inner', '1')), 'outer-1.jar'];
  const outer = testZip({ ...maven('g', 'outer', '1'), 'inner-1.jar': inner });
  const sha1 = (data: Buffer) => [{ algorithm: 'SHA-1', value: createHash('sha1').update(data).digest('hex') }];
  assert.deepEqual(
    catalogFiles(javaArchive, { [path]: outer }).components.map(({ hashes }) => hashes),
    [sha1(outer), sha1(inner)],
  );
});

test('a Maven repository tells what the jars beside its poms are, also by links', () => {
  const repo = 'usr/share/maven-repo/com/example/old/thing';
  const files = {
    'usr/share/java/thing.jar': testZip(manifest({ 'Bundle-Version': '1.2.0' })),
    'usr/share/java/own.jar': testZip(maven('org.own', 'own', '5')),
    'usr/share/java/only.jar': testZip(manifest({ 'Bundle-Version': '7' })),
    [`${repo}/1.2/thing-1.2.pom`]: pom(
      '<groupId>com.example.old</groupId><artifactId>thing</artifactId><version>1.2</version>',
    ),
    [`${repo}/debian/thing-debian.pom`]: pom(
      '<groupId>com.example.old</groupId><artifactId>thing</artifactId><version>debian</version>',
    ),
    'usr/share/maven-repo/x/own/6/own-6.pom': pom(
      '<groupId>x</groupId><artifactId>own</artifactId><version>6</version>',
    ),
    'usr/share/maven-repo/x/only/debian/only-debian.pom': pom(
      '<groupId>x</groupId><artifactId>only</artifactId><version>debian</version>',
    ),
    'root/.m2/repository/a/b/1/b-1.pom': pom('<groupId>a</groupId><artifactId>b</artifactId><version>1</version>'),
    'root/.m2/repository/a/b/1/b-1.jar': testZip({ 'B.class': '' }),
    'root/.m2/repository/a/parent/1/parent-1.pom': pom(
      '<groupId>a</groupId><artifactId>parent</artifactId><version>1</version>',
    ),
  };
  const links = {
    [`${repo}/1.2/thing-1.2.jar`]: 'usr/share/java/thing.jar',
    [`${repo}/debian/thing-debian.jar`]: 'usr/share/java/thing.jar',
    'usr/share/maven-repo/x/own/6/own-6.jar': 'usr/share/java/own.jar',
    'usr/share/maven-repo/x/only/debian/only-debian.jar': 'usr/share/java/only.jar',
  };
  assert.deepEqual(ids(files, links), {
    'pkg:maven/a/b@1': ['root/.m2/repository/a/b/1/b-1.jar'],
    'pkg:maven/x/only@7': ['usr/share/java/only.jar'],
    'pkg:maven/org.own/own@5': ['usr/share/java/own.jar'],
    'pkg:maven/com.example.old/thing@1.2': ['usr/share/java/thing.jar'],
  });
});

test('an unpacked archive is known by the pom.properties in it', () => {
  const [[path, text] = ['', '']] = Object.entries(maven('g', 'site', '1'));
  assert.deepEqual(ids({ [`webapps/site/${path}`]: text }), { 'pkg:maven/g/site@1': [`webapps/site/${path}`] });
});

test('a corrupt archive is unread, and loses nothing of the archive around it', () => {
  const broken = testZip([{ name: 'META-INF/MANIFEST.MF', data: 'x', lies: { crc32: 7 } }]);
  const war = testZip({
    ...maven('g', 'site', '1'),
    'WEB-INF/lib/cut-1.jar': testZip(maven('g', 'cut', '1')).subarray(0, 50),
    'WEB-INF/lib/broken-1.jar': broken,
    'WEB-INF/lib/fine-1.jar': testZip(maven('g', 'fine', '1')),
    'META-INF/maven/a/b/pom.xml': '<project',
  });
  const { components, unread } = catalogFiles(javaArchive, { 'a.jar': 'no archive', 'site.war': war });
  assert.deepEqual(
    components.map(({ id }) => id),
    ['pkg:maven/g/site@1', 'pkg:generic/broken@1', 'pkg:maven/g/fine@1'],
  );
  assert.deepEqual(
    unread.map(({ path }) => path),
    [
      'a.jar',
      'site.war!/META-INF/maven/a/b/pom.xml',
      'site.war!/WEB-INF/lib/cut-1.jar',
      'site.war!/WEB-INF/lib/broken-1.jar!/META-INF/MANIFEST.MF',
    ],
  );
});

test('nesting beyond the limit is reported, and what lies above it is not lost', () => {
  let archive = testZip(maven('g', 'core', '1'));
  for (let depth = 0; depth < limits.archiveDepth + 5; depth++) {
    archive = testZip([{ name: `shell${depth}-1.jar`, data: archive, stored: true }]);
  }
  const { components, unread } = catalogFiles(javaArchive, { 'outer.jar': archive });
  assert.equal(components.length, limits.archiveDepth);
  assert.equal(unread.length, 1);
  assert.match(unread[0]?.message ?? '', /deeper than 8/);
});

test('a bomb inside an archive is reported and not unpacked', () => {
  const zeros = Buffer.alloc(10 * 1024 * 1024);
  const bomb = testZip([{ name: 'META-INF/MANIFEST.MF', data: zeros }]);
  const overlapping: TestEntry[] = [1, 2, 3].map((index) => ({
    name: `${index}.jar`,
    data: zeros,
    lies: { start: 0 },
  }));
  const { components, unread } = catalogFiles(javaArchive, { 'bomb.jar': bomb, 'overlap.jar': testZip(overlapping) });
  assert.deepEqual(
    components.map(({ id }) => id),
    ['pkg:generic/bomb'],
  );
  assert.deepEqual(
    unread.map(({ path }) => path),
    ['bomb.jar!/META-INF/MANIFEST.MF', 'overlap.jar'],
  );
});

test('a jar inside that is damaged anywhere gives components and unread files, and nothing else is thrown', () => {
  const inner = testZip({
    ...manifest({ 'Implementation-Version': '1' }),
    ...maven('g', 'inner', '1', pom('<artifactId>x</artifactId>')),
  });
  const change = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 5 });
  fc.assert(
    fc.property(change, fc.string(), fc.string(), fc.string(), (edits, text, name, xml) => {
      const damaged = Buffer.from(inner);
      for (const [at, value] of edits) damaged[at % damaged.length] = value;
      const outer = testZip({
        'META-INF/MANIFEST.MF': text,
        'META-INF/maven/a/b/pom.properties': `groupId=${name}\nartifactId=${text}\nversion=${text}`,
        'META-INF/maven/a/c/pom.xml': pom(xml),
        'in.jar': damaged,
        [`${name}.jar`]: inner,
      });
      assert.ok(catalogFiles(javaArchive, { [`x/${name.replaceAll('/', '_')}.jar`]: outer }).components.length > 0);
    }),
    { numRuns: 300 },
  );
});
