import { type Component, purlFor } from '../../sbom/index.ts';
import { type Executable, sectionNamed } from '../binary/executable.ts';
import { executablesIn } from '../binary/formats.ts';
import type { Cataloger, CatalogFile } from '../cataloger.ts';
import { malformed } from '../document.ts';
import { rawBuildInfo } from './build-info.ts';
import { type GoModule, type ModuleList, parseModuleList } from './module-list.ts';
import { linkedVersion, standardLibraryVersion } from './stated-version.ts';

type Module = { readonly id: string; readonly name: string; readonly version?: string | undefined };

const marks = ['.go.buildinfo', '__go_buildinfo', '.gopclntab', '__gopclntab', '.note.go.buildid'];
/** At the start of the program's code, which is within the first 32 KiB (cmd/internal/buildid). */
const buildId = Buffer.from('\xff Go build ID: "', 'latin1');
const buildIdWithin = 32 * 1024;
const upx = Buffer.from('UPX!');
const upxWithin = 4 * 1024;

/**
 * The modules that `go version -m` lists for a program, the main module, and the standard library as `stdlib` at the
 * toolchain's version, as the Go vulnerability database calls it. Programs of the Go distribution itself
 * are its `toolchain`.
 */
export const goBinary: Cataloger<readonly Module[]> = {
  name: 'go-binary',
  version: 1,
  title: 'Go modules in programs (build information)',
  files: [],
  binaries: ['elf', 'pe', 'mach-o'],
  tells: { licenses: false, dependencies: false, hashes: false, development: false, files: false },

  read(file) {
    const executables = executablesIn(file);
    const modules = new Map<string, Module>();
    for (const executable of executables) {
      const info = rawBuildInfo(file, executable);
      if (info === undefined) continue;
      const list = parseModuleList(info.modules);
      if (typeof list === 'string') throw malformed(file, list);
      for (const each of modulesOf(file, info.toolchain, list)) modules.set(each.id, each);
    }
    if (modules.size > 0) return [...modules.values()];
    const reason = executables.map((executable) => whyUnread(file, executable)).find((each) => each !== undefined);
    if (reason !== undefined) file.unread(file.path, reason);
    return undefined;
  },

  assemble(view) {
    return view.found.flatMap(({ path, layer, fragment }) =>
      fragment.map((each) => ({
        ...each,
        type: 'golang' as const,
        licenses: [],
        hashes: [],
        locations: [{ path, layer }],
        dependsOn: [],
        embedded: true as const,
      })),
    );
  },
};

function modulesOf(file: CatalogFile, toolchain: string, list: ModuleList): readonly Module[] {
  const release = standardLibraryVersion(toolchain);
  const modules = [moduleOf('stdlib', release)];
  const { path, main, dependencies, settings } = list;
  if (main !== undefined) {
    modules.push(moduleOf(main.path, stated(main) ?? linkedVersion(settings.get('-ldflags'), main.path)));
  }
  for (const each of dependencies) modules.push(moduleOf(each.path, stated(each)));
  if (modules.length > 1) return modules;
  if (path?.startsWith('cmd/') === true) return [...modules, moduleOf('toolchain', release)];
  file.unread(file.path, 'It is a Go program that was built without module support, so its modules are not stated.');
  return modules;
}

function stated({ version }: GoModule): string | undefined {
  return version === '(devel)' || version === '' ? undefined : version;
}

function moduleOf(name: string, version: string | undefined): Module {
  const component: Pick<Component, 'type' | 'name' | 'version'> = { type: 'golang', name, version };
  return { id: purlFor(component), name, version };
}

function whyUnread({ content }: CatalogFile, executable: Executable): string | undefined {
  if (
    marks.some((name) => sectionNamed(executable, name) !== undefined) ||
    content.indexOf(buildId, 0, buildIdWithin) >= 0
  ) {
    return 'It is a Go program without build information, so its modules are not stated.';
  }
  const packed = executable.sections.length === 0 || sectionNamed(executable, 'UPX0') !== undefined;
  return packed && content.indexOf(upx, 0, upxWithin) >= 0
    ? 'It is packed with UPX, so what was compiled into it cannot be read.'
    : undefined;
}
