import { segmentMistake, segmentsMatch } from './glob.ts';
import { misread, type Read, read } from './mistake.ts';

/** A pattern over a URI, a repository or a git reference, by the parts between its slashes, as in paths. */
export interface UriPattern {
  readonly text: string;
}

/** `https://github.com/acme/*`, `refs/tags/v*`, `github.com/acme/app`. */
export function readUriPattern(text: string): Read<UriPattern> {
  const rest = text.replace(/^[a-z][a-z0-9+.-]{0,31}:\/\//, '');
  if (/^[*/]+$/.test(rest)) return misread(`"${text}" fits anything`, 'Leave it out, or say what it must be.');
  return segmentMistake(text, rest.split('/')) ?? read({ text });
}

export function uriMatches({ text }: UriPattern, uri: string): boolean {
  return segmentsMatch(text.split('/'), uri.split('/'));
}

/** Whichever way both are written: `git+https://github.com/acme/app.git` is `github.com/acme/app`. */
export function repositoryMatches({ text }: UriPattern, repository: string): boolean {
  return uriMatches({ text: plainRepository(text) }, plainRepository(repository));
}

/** GitHub takes owners and names in any case, other hosts as they are. */
function plainRepository(text: string): string {
  const plain = text.replace(/^(?:git\+)?https:\/\//, '').replace(/(?:\.git)?\/?$/, '');
  return /^github\.com\//i.test(plain) ? plain.toLowerCase() : plain;
}
