import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { catalogFiles } from '../testing.ts';
import { gradleLock } from './gradle-lock.ts';

const header = `# This is a Gradle generated file for dependency locking.
# Manual edits can break the build and are not advised.
# This file is expected to be part of source control.
`;

function found(files: Record<string, string>) {
  return catalogFiles(gradleLock, files).components.map(({ id, scope }) => (scope === undefined ? [id] : [id, scope]));
}

test('each locked module is a component, for development where only tests and tools use it', () => {
  const text = `${header}com.google.guava:guava:31.1-jre=compileClasspath,runtimeClasspath,testRuntimeClasspath
junit:junit:4.13.2=testCompileClasspath,integrationTestRuntimeClasspath\r
org.projectlombok:lombok:1.18.24=annotationProcessor
org.example:latest:1=latestDependencies
empty=developmentOnly
`;
  assert.deepEqual(found({ 'app/gradle.lockfile': text }), [
    ['pkg:maven/com.google.guava/guava@31.1-jre'],
    ['pkg:maven/junit/junit@4.13.2', 'development'],
    ['pkg:maven/org.projectlombok/lombok@1.18.24', 'development'],
    ['pkg:maven/org.example/latest@1'],
  ]);
});

test('what builds the program is for development', () => {
  const text = `${header}g:plugin:1=classpath\nempty=`;
  assert.deepEqual(found({ 'buildscript-gradle.lockfile': text, 'settings-gradle.lockfile': text }), [
    ['pkg:maven/g/plugin@1', 'development'],
    ['pkg:maven/g/plugin@1', 'development'],
  ]);
});

test('lock files of one configuration are told by their name', () => {
  const files = {
    'gradle/dependency-locks/runtimeClasspath.lockfile': `${header}g:a:1\n`,
    'gradle/dependency-locks/testCompileClasspath.lockfile': `${header}g:b:1\n`,
    'gradle/dependency-locks/buildscript-classpath.lockfile': `${header}g:c:1\n`,
  };
  assert.deepEqual(found(files), [
    ['pkg:maven/g/c@1', 'development'],
    ['pkg:maven/g/a@1'],
    ['pkg:maven/g/b@1', 'development'],
  ]);
});

test('a lock file of another name is told by its header, and others say nothing', () => {
  assert.deepEqual(found({ 'locks/app.lockfile': `${header}g:a:1=x\n` }), [['pkg:maven/g/a@1']]);
  assert.deepEqual(catalogFiles(gradleLock, { 'other.lockfile': '{"packages": []}' }), { components: [], unread: [] });
});

for (const line of ['g:a:1', 'g:a=x', 'hello', 'g:a:1:2=x', 'g:a:[1,2)=x', 'g h:a:1=x']) {
  test(`the line "${line}" makes the file unread`, () => {
    const { components, unread } = catalogFiles(gradleLock, { 'gradle.lockfile': `${header}${line}\n` });
    assert.deepEqual(components, []);
    assert.match(unread[0]?.message ?? '', /^Line 4 /);
  });
}

test('any text gives components or a PlimsollError', () => {
  const piece = fc.constantFrom('g:a:1', '=', ':', ',', '\n', '#', 'empty=', '{v}');
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 20 }), (pieces) => {
      catalogFiles(gradleLock, { 'gradle.lockfile': pieces.join('') });
    }),
  );
});
