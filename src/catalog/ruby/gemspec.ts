import { limits } from '../../limits.ts';
import { purlFor } from '../../sbom/index.ts';
import type { Cataloger, CatalogFile } from '../cataloger.ts';
import { boundedText, malformed } from '../document.ts';
import { licenseExpression } from '../license.ts';
import { compareGemVersions, satisfies } from './gem-version.ts';
import { literalAt } from './literal.ts';

type Gem = {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly licenses: readonly string[];
  readonly supplier?: string | undefined;
  readonly homepage?: string | undefined;
  readonly needs: readonly Need[];
};

type Need = { readonly name: string; readonly requirements: readonly string[] };

/**
 * Installed gems: what RubyGems writes into `specifications` for each, and Debian into `rubygems-integration`. The
 * file is a program; only its literal assignments are read. A gem for several platforms is one component.
 */
export const gemspec: Cataloger<Gem> = {
  name: 'gemspec',
  version: 1,
  title: 'Ruby gems that are installed',
  files: ['**/specifications/*.gemspec', '**/specifications/default/*.gemspec'],
  tells: { licenses: true, dependencies: true, hashes: false, development: false, files: false },

  read(file) {
    const source = boundedText(file, limits.gemspecBytes);
    const { name, version } = identity(source) ?? {};
    if (name === undefined || version === undefined)
      throw malformed(file, 'does not state a name and a version in plain text');
    const supplier = (assigned(source, 'authors?') ?? []).join(', ').slice(0, 300);
    return {
      id: gemId(name, version),
      name,
      version,
      licenses: (assigned(source, 'licenses?') ?? []).filter((text) => text.trim() !== '').map(licenseExpression),
      supplier: supplier === '' ? undefined : supplier,
      homepage: homepageIn(source),
      needs: needsIn(file, source),
    };
  },

  assemble(view) {
    const byName = new Map(
      [...Map.groupBy(view.found, ({ fragment }) => fragment.name)].map(([name, found]) => [
        name,
        // Of those that will do, Ruby takes the highest.
        found
          .map(({ fragment }) => fragment)
          .sort((a, b) => compareGemVersions(b.version, a.version))
          .slice(0, limits.providersPerName),
      ]),
    );
    return view.found.map(({ path, layer, fragment: { needs, ...gem } }) => ({
      ...gem,
      type: 'gem',
      hashes: [],
      locations: [{ path, layer }],
      dependsOn: needs.flatMap(
        ({ name, requirements }) => byName.get(name)?.find(({ version }) => satisfies(version, requirements))?.id ?? [],
      ),
    }));
  },
};

export function gemId(name: string, version: string | undefined): string {
  return purlFor({ type: 'gem', name, version });
}

/** RubyGems also writes `# stub: NAME VERSION PLATFORM PATHS`, which it reads itself where it needs no more. */
function identity(
  source: string,
): { readonly name?: string | undefined; readonly version?: string | undefined } | undefined {
  const [name] = assigned(source, 'name') ?? [];
  const [version] = assigned(source, 'version') ?? [];
  if (name !== undefined && version !== undefined) return { name, version };
  const [, stubName, stubVersion] = /^# stub: (\S+) (\S+) /m.exec(source) ?? [];
  return stubName === undefined ? undefined : { name: stubName, version: stubVersion };
}

function homepageIn(source: string): string | undefined {
  const [homepage = ''] = assigned(source, 'homepage') ?? [];
  return /^https?:\/\/\S{1,1000}$/.test(homepage) ? homepage : undefined;
}

/** The literal that is assigned to a field, `s.FIELD = …`. */
function assigned(source: string, field: string): readonly string[] | undefined {
  const assignment = new RegExp(`^[ \\t]*\\w+\\.${field}[ \\t]*=(?![=~])`, 'm').exec(source);
  if (assignment === null) return undefined;
  return literalAt(source, assignment.index + assignment[0].length)?.texts;
}

/**
 * Older RubyGems repeat all dependencies in an `else`, for versions that know no kinds of them: there, those for
 * development are told by what stands before.
 */
function needsIn(file: CatalogFile, source: string): readonly Need[] {
  const needs = new Map<string, Need>();
  const development = new Set<string>();
  for (const call of source.matchAll(/^[ \t]*\w+\.add_(runtime_|development_)?dependency[ \t]*\(?/gm)) {
    const start = call.index + call[0].length;
    const [name] = literalAt(source, start)?.texts ?? [];
    if (name === undefined || needs.has(name)) continue;
    if (call[1] === 'development_') development.add(name);
    else if (call[1] === 'runtime_' || !development.has(name)) {
      needs.set(name, { name, requirements: requirementsAt(source, start) });
    }
    if (needs.size > limits.dependenciesPerPackage) throw malformed(file, 'has more dependencies than are read');
  }
  return [...needs.values()];
}

/** After the name: `, ["~> 1.0", ">= 1.0.2"]` or `, "~> 1.0", ">= 1.0.2"`. */
function requirementsAt(source: string, start: number): readonly string[] {
  const requirements: string[] = [];
  let at = literalAt(source, start)?.end ?? source.length;
  while (source[at] === ',') {
    const literal = literalAt(source, at + 1);
    if (literal === undefined) break;
    requirements.push(...literal.texts);
    at = literal.end;
  }
  return requirements;
}
