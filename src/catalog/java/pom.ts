import { purlFor } from '../../sbom/index.ts';
import type { Cataloged, Cataloger } from '../cataloger.ts';
import { declaredDependencies } from './effective-pom.ts';
import { type Pom, parsePom } from './pom-xml.ts';

/** Where a built archive keeps its pom: what that one needs lies beside it, and is read there. */
const builtPattern = /(?:^|\/)META-INF\/maven\/[^/]+\/[^/]+\/pom\.xml$/;

/** What Maven projects declare that they need. Modules of the same tree are what is being built, and no components. */
export const mavenPom: Cataloger<Pom> = {
  name: 'maven-pom',
  version: 1,
  title: 'Maven projects',
  files: ['**/pom.xml'],
  tells: { licenses: false, dependencies: false, hashes: false, development: true, files: false },
  read({ path, content }) {
    return builtPattern.test(path) ? undefined : parsePom(content.text());
  },
  assemble(view) {
    const projects = view.found.map(({ path, fragment }) => ({ path, pom: fragment }));
    const byPath = new Map(projects.map((project) => [project.path, project]));
    const modules = new Set(projects.map(({ pom }) => `${pom.group ?? pom.parent?.group}:${pom.artifact}`));
    return view.found.flatMap(({ path, layer, fragment }): Cataloged[] =>
      declaredDependencies({ path, pom: fragment }, (other) => byPath.get(other))
        .filter(({ name }) => !modules.has(name))
        .map(({ name, version, scope }) => ({
          id: purlFor({ type: 'maven', name, version }),
          type: 'maven',
          name,
          version,
          licenses: [],
          hashes: [],
          scope,
          locations: [{ path, layer }],
          dependsOn: [],
        })),
    );
  },
};
