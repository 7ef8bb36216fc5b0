import { segmentMistake, segmentsMatch, textMatches } from './glob.ts';
import { misread, type Read, read } from './mistake.ts';

/** A pattern over package URLs without qualifiers: `pkg:npm/lodash`, `pkg:npm/@scope/*`, `pkg:deb/**`, `pkg:cargo/time@0.1.*`. */
export interface PurlPattern {
  readonly text: string;
  readonly type: string;
  /** Namespace and name. */
  readonly segments: readonly string[];
  /** Absent: any version, or none. */
  readonly version?: string | undefined;
}

/** A package URL taken apart for matching, decoded. */
export type PurlParts = Omit<PurlPattern, 'text'>;

/** package-url/purl-spec, "PURL types": for telling a slip of the pen from a type that Plimsoll merely has no reader for. */
export const purlTypes: readonly string[] =
  'alpm apk bitbucket bitnami cargo cocoapods composer conan conda cpan cran deb docker gem generic github golang hackage hex huggingface julia luarocks maven mlflow npm nuget oci opam otp pub pypi qpkg rpm swid swift vscode-extension yocto'.split(
    ' ',
  );

export function readPurlPattern(text: string): Read<PurlPattern> {
  if (!text.startsWith('pkg:')) {
    return misread(`"${text}" is not a package URL`, 'Write pkg:TYPE/NAME, for example pkg:npm/lodash or pkg:deb/**.');
  }
  if (/[?#]/.test(text)) {
    return misread(
      `"${text}" has qualifiers or a subpath`,
      'Patterns hold type, name and version only: leave out "?" or "#" and what follows.',
    );
  }
  const parts = splitPurl(text);
  if (!/^[a-z*][a-z0-9.+*-]*$/.test(parts.type) || parts.segments.length === 0) {
    return misread(
      `"${text}" lacks a package type or a name`,
      'Write pkg:TYPE/NAME, or pkg:TYPE/** for all of a type.',
    );
  }
  if (parts.version === '') {
    return misread(`"${text}" ends in "@" without a version`, 'Write the version after "@", or leave the "@" out.');
  }
  if (parts.version === undefined && parts.segments.length === 1 && parts.segments[0]?.startsWith('@')) {
    return misread(`"${text}" names a scope, but no package`, `Write ${text}/* for all packages of the scope.`);
  }
  return segmentMistake(text, parts.segments) ?? read({ text, ...parts });
}

export function purlMatches(pattern: PurlPattern, purl: PurlParts): boolean {
  return (
    purl.type !== '' &&
    textMatches(pattern.type, purl.type) &&
    segmentsMatch(pattern.segments, purl.segments) &&
    (pattern.version === undefined || (purl.version !== undefined && textMatches(pattern.version, purl.version)))
  );
}

/**
 * Takes apart a purl (package-url/purl-spec, "How to parse a purl string") or a pattern of one, where an npm scope may
 * also stand as `@scope` instead of `%40scope`. Never throws: what is not a purl has an empty type.
 */
export function splitPurl(purl: string): PurlParts {
  const [bare = ''] = purl.split(/[?#]/, 1);
  const [, type = '', rest = ''] = /^pkg:\/*([^/]*)\/(.*)$/s.exec(bare) ?? [];
  const slash = rest.lastIndexOf('/');
  const at = rest.indexOf('@', slash + 2);
  const path = at < 0 ? rest : rest.slice(0, at);
  return {
    type: type.toLowerCase(),
    segments: path === '' ? [] : path.split('/').map(decoded),
    version: at < 0 ? undefined : decoded(rest.slice(at + 1)),
  };
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
