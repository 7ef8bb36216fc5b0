import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArchiveName } from './archive-name.ts';

const cases: readonly [file: string, artifact: string, version: string | undefined][] = [
  ['commons-io-2.11.0.jar', 'commons-io', '2.11.0'],
  ['guava-31.1-jre.jar', 'guava', '31.1-jre'],
  ['junit.jar', 'junit', undefined],
  ['commons-lang3.jar', 'commons-lang3', undefined],
  ['log4j-1.2-api-2.17.1.jar', 'log4j-1.2-api', '2.17.1'],
  ['log4j-1.2-api.jar', 'log4j-1.2-api', undefined],
  ['geronimo-annotation_1.3_spec-1.3.jar', 'geronimo-annotation_1.3_spec', '1.3'],
  ['kafka_2.13-3.4.0.jar', 'kafka_2.13', '3.4.0'],
  ['bcprov-jdk15on-1.68.jar', 'bcprov-jdk15on', '1.68'],
  ['app-1.0-20200101.123456-7.jar', 'app', '1.0-20200101.123456-7'],
  ['app-1.0-SNAPSHOT.war', 'app', '1.0-SNAPSHOT'],
  ['app-2.0-rc-1.jar', 'app', '2.0-rc-1'],
  ['app-1.0-3f2a9bc.jar', 'app', '1.0-3f2a9bc'],
  ['app-v1.4.jar', 'app', 'v1.4'],
  ['app-1.0-sources.jar', 'app', '1.0'],
  ['app-1.0-jar-with-dependencies.jar', 'app', '1.0'],
  ['netty-transport-native-epoll-4.1.100.Final-linux-x86_64.jar', 'netty-transport-native-epoll', '4.1.100.Final'],
  ['guice-4.2.3-no_aop.jar', 'guice', '4.2.3'],
  ['jsr305-0.1~+svn49.jar', 'jsr305', '0.1~+svn49'],
  ['org.eclipse.core.runtime_3.7.0.v20110110.jar', 'org.eclipse.core.runtime', '3.7.0.v20110110'],
  ['BOOT-INF/lib/h2-1.4.200.jar', 'h2', '1.4.200'],
  ['servlet-api-2.5-20081211.jar', 'servlet-api', '2.5-20081211'],
  ['my app (1).jar', 'my app (1)', undefined],
  ['noextension', 'noextension', undefined],
  ['.jar', '.jar', undefined],
  ['-1.0.jar', '-1.0', undefined],
  [' .jar', ' .jar', undefined],
];
for (const [file, artifact, version] of cases) {
  test(`${file} is ${artifact} in version ${version}`, () => {
    const name = parseArchiveName(file);
    assert.deepEqual([name.artifact, name.version], [artifact, version]);
  });
}

test('long names are taken apart in time', () => {
  for (const word of ['-', '1-', 'a-1-', '_1.1.1', '-sources', '~'.repeat(3)])
    parseArchiveName(`${word.repeat(1_300)}.jar`);
});
