/**
 * What an in-toto statement says about its subject, by the short names that people write and the URIs that stand in
 * statements (in-toto attestation v1, "Predicate layer"). The first URI is the one to write; all are read.
 */
const uris = {
  vuln: ['https://cosign.sigstore.dev/attestation/vuln/v1', 'https://in-toto.io/attestation/vulns'],
  cyclonedx: ['https://cyclonedx.org/bom'],
  spdx: ['https://spdx.dev/Document'],
  openvex: ['https://openvex.dev/ns'],
  slsaprovenance1: ['https://slsa.dev/provenance/v1'],
  slsaprovenance02: ['https://slsa.dev/provenance/v0.2'],
  vsa: ['https://slsa.dev/verification_summary/v1'],
  link: ['https://in-toto.io/Link/v1'],
} as const;

export type PredicateTypeName = keyof typeof uris;
export const predicateTypeNames = Object.keys(uris).filter((name): name is PredicateTypeName =>
  Object.hasOwn(uris, name),
);

/** Of the statement by which an image is signed in the bundle format. No attestation of any other type is a signature. */
export const signaturePredicateType = 'https://sigstore.dev/cosign/sign/v1';

/** URIs that are also written with the version of their format behind them: `https://spdx.dev/Document/v2.3`. */
const versioned: ReadonlySet<string> = new Set([
  ...uris.cyclonedx,
  ...uris.spdx,
  ...uris.openvex,
  'https://in-toto.io/attestation/vulns',
]);

/** The URI to write for a short name or a URI; `undefined` for what is neither. */
export function predicateTypeUri(type: string): string | undefined {
  if (isName(type)) return uris[type][0];
  return /^[a-z][a-z0-9+.-]{1,31}:[^\s"<>\\^`{|}]{1,1000}$/.test(type) ? type : undefined;
}

/** The short name of a URI that stands in a statement; `undefined` for a type that has none. */
export function predicateTypeName(uri: string): PredicateTypeName | undefined {
  const base = uri.replace(/\/v\d{1,4}(?:\.\d{1,4}){0,3}$/, '');
  return predicateTypeNames.find((name) => {
    const known: readonly string[] = uris[name];
    return known.includes(uri) || (versioned.has(base) && known.includes(base));
  });
}

/** Whether a statement of type `uri` is of the wanted type: a short name takes every URI that it stands for, a URI only itself. */
export function isPredicateType(wanted: string, uri: string): boolean {
  return isName(wanted) ? predicateTypeName(uri) === wanted : wanted === uri;
}

function isName(type: string): type is PredicateTypeName {
  return Object.hasOwn(uris, type);
}
