import { purlFor } from '../../sbom/index.ts';
import type { Cataloger } from '../cataloger.ts';
import { lines } from '../lines.ts';

type Runtime = { readonly name: string; readonly version: string; readonly supplier?: string | undefined };

const setting = /^([A-Z_]+)="?([^"]*)"?\s*$/;

/** Java runtimes, by the `release` file in their home (OpenJDK, "Release file"; JEP 223 for the form of versions). */
export const javaRuntime: Cataloger<Runtime> = {
  name: 'java-runtime',
  version: 1,
  title: 'Java runtimes',
  files: ['**/release'],
  tells: { licenses: false, dependencies: false, hashes: false, development: false, files: false },
  read({ content }) {
    if (content.size > 64 * 1024) return undefined;
    const settings = new Map<string, string>();
    for (const line of lines(content.text())) {
      const [, name, value] = setting.exec(line) ?? [];
      if (name !== undefined && value !== undefined && value !== '') settings.set(name, value);
    }
    const version = settings.get('JAVA_VERSION');
    if (version === undefined || !/^\d[\w.+-]*$/.test(version)) return undefined;
    const commercial = settings.get('BUILD_TYPE') === 'commercial';
    const name = settings.has('GRAALVM_VERSION') ? 'graalvm' : commercial ? 'oracle-jdk' : 'openjdk';
    return { name, version, supplier: settings.get('IMPLEMENTOR') };
  },
  assemble(view) {
    return view.found.flatMap(({ path, layer, fragment }) => {
      const home = path.slice(0, -'release'.length);
      // Java 9 and newer keep their classes in `lib/modules`, Java 8 in `rt.jar`.
      const parts = ['bin/java', 'lib/modules', 'lib/rt.jar', 'jre/lib/rt.jar'];
      if (!parts.some((part) => view.exists(`${home}${part}`))) return [];
      const { name, version, supplier } = fragment;
      return {
        id: purlFor({ type: 'generic', name, version }),
        type: 'generic',
        name,
        version,
        licenses: [],
        supplier,
        hashes: [],
        locations: [{ path, layer }],
        dependsOn: [],
      };
    });
  },
};
