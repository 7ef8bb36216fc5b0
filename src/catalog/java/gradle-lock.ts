import { PlimsollError } from '../../error.ts';
import { limits } from '../../limits.ts';
import { purlFor } from '../../sbom/index.ts';
import type { Cataloger } from '../cataloger.ts';
import { lines } from '../lines.ts';
import { exactVersion, isCoordinate } from './pom-xml.ts';

type LockedModule = { readonly name: string; readonly version: string; readonly development: boolean };

/** Configurations that tests, annotation processing and checks use; what only they hold is not part of the program. */
const developmentConfiguration =
  /^(?:test|annotationProcessor|kapt|ksp|kotlinCompiler|kotlinBuildTools|checkstyle|pmd|spotbugs|jacoco|ktlint|detekt|errorprone|lint)|Test|AnnotationProcessor/;

/**
 * Gradle's dependency locking (docs.gradle.org, "Locking Versions"): `group:artifact:version=configuration,…`; up to
 * Gradle 6 one file for each configuration in `gradle/dependency-locks`, named for it and without the `=`.
 */
export const gradleLock: Cataloger<readonly LockedModule[]> = {
  name: 'gradle-lock',
  version: 1,
  title: 'Gradle lock files',
  files: ['**/*.lockfile'],
  tells: { licenses: false, dependencies: false, hashes: false, development: true, files: false },
  read({ path, content }) {
    const text = content.text();
    const file = path.slice(path.lastIndexOf('/') + 1);
    const sole = /(?:^|\/)gradle\/dependency-locks\/([^/]+)\.lockfile$/.exec(path)?.[1];
    const isGradle = /(?:^|-)gradle\.lockfile$/.test(file) || sole !== undefined;
    if (!isGradle && !text.slice(0, 1_000).includes('Gradle generated file for dependency locking')) return undefined;
    // The class path of the build scripts and of the settings: what builds, not what is built.
    const buildsOnly = /^(?:buildscript|settings)-/.test(file) || sole?.startsWith('buildscript-') === true;

    const modules: LockedModule[] = [];
    let number = 0;
    for (const line of lines(text)) {
      number++;
      if (line.trim() === '' || line.startsWith('#') || line.startsWith('empty=')) continue;
      const [, group, artifact, version, equals, configurations = ''] =
        /^([^:=]+):([^:=]+):([^:=]+)(=?)(.*)$/.exec(line.trim()) ?? [];
      if (!isCoordinate(group) || !isCoordinate(artifact) || (equals === '' && sole === undefined))
        throw badLine(number);
      const exact = exactVersion(version);
      if (exact === undefined) throw badLine(number);
      if (modules.length >= limits.componentsPerFile) throw tooMany();
      const used = (sole ?? configurations).split(',');
      const development = buildsOnly || used.every((name) => developmentConfiguration.test(name));
      modules.push({ name: `${group}:${artifact}`, version: exact, development });
    }
    return modules;
  },
  assemble(view) {
    return view.found.flatMap(({ path, layer, fragment }) =>
      fragment.map(({ name, version, development }) => ({
        id: purlFor({ type: 'maven', name, version }),
        type: 'maven',
        name,
        version,
        licenses: [],
        hashes: [],
        scope: development ? 'development' : undefined,
        locations: [{ path, layer }],
        dependsOn: [],
      })),
    );
  },
};

function badLine(number: number): PlimsollError {
  return new PlimsollError('catalog/bad-lock-file', `Line ${number} is not a locked module of Gradle.`, {
    hint: 'Write the file anew with `gradle dependencies --write-locks`.',
  });
}

function tooMany(): PlimsollError {
  return new PlimsollError('catalog/bad-lock-file', `More than ${limits.componentsPerFile} modules are locked.`, {
    hint: 'This is more than any build uses: check where the file comes from.',
  });
}
