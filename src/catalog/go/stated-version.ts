/** Versions that are stated elsewhere than in the list of modules. */
import { limits } from '../../limits.ts';

/** A release of Go with what distributors and experiments add: `go1.22.1 X:rangefunc`, `go1.19.8-foo`, `go1.20.3 (Red Hat 1.20.3-1)`, `go1.18.1b7`. */
const release = /^go(\d+\.\d+(?:\.\d+)?(?:(?:rc|beta)\d+)?)(?:b\d+)?([-+ ].*)?$/s;

/**
 * `1.19.8` of `go1.19.8`: the version of the standard library. Nothing for a toolchain between releases
 * (`devel go1.23-abc`, `go1.22-20240109-RC01`), which has fixes that no release number tells.
 */
export function standardLibraryVersion(toolchain: string): string | undefined {
  const [, version, rest = ''] = release.exec(toolchain) ?? [];
  const betweenReleases = /^1\.\d+$/.test(version ?? '') && rest.startsWith('-');
  return betweenReleases ? undefined : version;
}

const exactVersion = /^v?(\d{1,9}\.\d{1,9}\.\d{1,9}(?:-(?:alpha|beta|rc|pre)[.\d]*)?)$/;
const versionName = /^(?:app|build|git|program|release)?_?version$/i;

/**
 * The version that whoever built the program had the linker write into it, `-ldflags "-X main.version=1.2.3"`: a variable
 * of the main package or module that is called version. Nothing when several disagree, or when it is not a release
 * (`1.2.3-5-gabcdef` is some commits after one, `1.2.3-dirty` is something else).
 */
export function linkedVersion(linkerFlags: string | undefined, modulePath: string): string | undefined {
  const values = new Set<string>();
  for (const { target, value } of definitions(linkerFlags ?? '')) {
    const dot = target.lastIndexOf('.');
    const owner = target.slice(0, Math.max(dot, 0));
    const ours = owner === 'main' || owner === modulePath || owner.startsWith(`${modulePath}/`);
    if (ours && versionName.test(target.slice(dot + 1))) values.add(value);
  }
  const [only, ...others] = values;
  const version = others.length > 0 ? undefined : exactVersion.exec(only ?? '')?.[1];
  return version === undefined ? undefined : `v${version}`;
}

/** The linker's `-X importpath.name=value`, where words may be quoted (cmd/internal/quoted). */
function definitions(flags: string): { readonly target: string; readonly value: string }[] {
  if (flags.length > limits.goLinkerFlagsLength) return [];
  const words = [...flags.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare = '']) => single ?? double ?? bare,
  );
  return words.flatMap((word, index) => {
    const definition = /^--?X=/.test(word)
      ? word.slice(word.indexOf('=') + 1)
      : /^--?X$/.test(words[index - 1] ?? '')
        ? word
        : '';
    const equals = definition.indexOf('=');
    return equals <= 0 ? [] : [{ target: definition.slice(0, equals), value: definition.slice(equals + 1) }];
  });
}
