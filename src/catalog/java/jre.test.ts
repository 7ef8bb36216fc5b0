import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogFiles } from '../testing.ts';
import { javaRuntime } from './jre.ts';

const home = 'usr/lib/jvm/java-17';
const release =
  'IMPLEMENTOR="Eclipse Adoptium"\nJAVA_VERSION="17.0.9"\nJAVA_VERSION_DATE="2023-10-17"\nMODULES="java.base java.xml"\n';

const cases: readonly [what: string, files: Record<string, string>, expected: readonly string[]][] = [
  [
    'a runtime with its modules',
    { [`${home}/release`]: release, [`${home}/lib/modules`]: 'x' },
    ['pkg:generic/openjdk@17.0.9'],
  ],
  [
    'a runtime with its program',
    { [`${home}/release`]: release, [`${home}/bin/java`]: 'x' },
    ['pkg:generic/openjdk@17.0.9'],
  ],
  [
    'Java 8',
    { 'opt/jre/release': 'JAVA_VERSION="1.8.0_392"\n', 'opt/jre/lib/rt.jar': 'x' },
    ['pkg:generic/openjdk@1.8.0_392'],
  ],
  ['GraalVM', { 'g/release': `${release}GRAALVM_VERSION="23.1"\n`, 'g/bin/java': 'x' }, ['pkg:generic/graalvm@17.0.9']],
  [
    "Oracle's commercial build",
    { 'o/release': `${release}BUILD_TYPE="commercial"\n`, 'o/bin/java': 'x' },
    ['pkg:generic/oracle-jdk@17.0.9'],
  ],
  ['a release file without a runtime', { [`${home}/release`]: release }, []],
  ['a release file of something else', { 'etc/release': 'NAME="Linux"\nVERSION="1"\n', 'etc/bin/java': 'x' }, []],
  ['a version that is none', { 'a/release': 'JAVA_VERSION="$(id)"', 'a/bin/java': 'x' }, []],
];
for (const [what, files, expected] of cases) {
  test(`${what} gives ${expected.length === 0 ? 'nothing' : expected.join()}`, () => {
    assert.deepEqual(
      catalogFiles(javaRuntime, files).components.map(({ id }) => id),
      expected,
    );
  });
}

test('who made a runtime is its supplier', () => {
  const { components } = catalogFiles(javaRuntime, { 'a/release': release, 'a/bin/java': 'x' });
  assert.equal(components[0]?.supplier, 'Eclipse Adoptium');
});
