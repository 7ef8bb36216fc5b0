/** The `trust` section of the policy file, as zod sees it. */
import * as z from 'zod/mini';
import { limits } from '../limits.ts';
import { nearest } from '../nearest.ts';
import { predicateTypeNames, predicateTypeUri, signaturePredicateType } from '../sbom/index.ts';
import { action, described, duration, oneOrMany, optional, pattern, reading, ruleName, text, texts } from './field.ts';
import { misread, type Read, read } from './mistake.ts';
import { readCredential, readIdentityPattern, readPublicKey } from './signer.ts';
import { readUriPattern } from './uri-pattern.ts';

const identityPattern = pattern(readIdentityPattern, 'https://github\\.com/acme/.+', limits.identityPatternLength);

const signer = z
  .pipe(
    z.strictObject({
      key: optional(
        pattern(readPublicKey, 'keys/release.pub', limits.policyKeyLength),
        'A public key: a path relative to the policy file, or the PEM text itself.',
      ),
      identity: z.optional(text).register(z.globalRegistry, {
        description: 'Whom the certificate names, exactly: the address of a workflow, or of a person.',
        examples: ['https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'],
      }),
      identityPattern: optional(
        identityPattern,
        'Whom the certificate names, as a regular expression that must fit from the first character to the last.',
      ),
      issuer: z.optional(text).register(z.globalRegistry, {
        description: 'Who vouches for the identity, exactly: the address of an OpenID Connect provider.',
        examples: ['https://token.actions.githubusercontent.com'],
      }),
      issuerPattern: optional(
        identityPattern,
        'Who vouches for the identity, as a regular expression that must fit as a whole.',
      ),
    }),
    reading(readCredential),
  )
  .register(z.globalRegistry, {
    id: 'Signer',
    minProperties: 1,
    description: 'A key, or an identity and who vouches for it.',
  });

const about = described(
  z._default(z.enum(['manifest', 'index']), 'manifest'),
  'What must be signed: the manifest of the image itself; `index`: the index that it was chosen from will do too.',
);
const by = described(texts, 'Whose it must be: names of signers. A list means any of them.');

const signature = z
  .strictObject({
    by,
    count: described(
      z._default(z.int().check(z.minimum(1), z.maximum(limits.policyListEntries)), 1),
      'How many different signers. Who signs twice, or has two names, counts once.',
    ),
    about,
    annotations: described(
      z._default(
        z.record(text, text).check(
          z.refine((value) => Object.keys(value).length <= limits.policyListEntries, {
            error: '"annotations" is too long',
            params: { hint: `It has at most ${limits.policyListEntries} entries.` },
          }),
        ),
        {},
      ),
      'What the signer must have signed along, each exactly: { environment: production }.',
    ),
  })
  .register(z.globalRegistry, {
    id: 'Signature',
    description: 'A signature of the image. No attestation counts as one.',
  });
export type FileSignature = z.output<typeof signature>;

const uri = oneOrMany(pattern(readUriPattern, 'https://github.com/acme/*'));

const attestation = z
  .strictObject({
    type: described(
      pattern(readPredicateType, 'vuln'),
      `What it must be: ${predicateTypeNames.join(', ')}, or the URI of any other predicate type.`,
    ),
    by,
    about,
    maxAge: optional(
      duration,
      'How long ago it may have been made, by what it states and by what a log or timestamp proves: 24h.',
    ),
    scanner: optional(uri, 'Of a scan: the URI of the scanner. `*` stands for anything within one part.'),
    builder: optional(uri, 'Of provenance: the id of the builder.'),
    source: optional(uri, 'Of provenance: the repository of the source, github.com/acme/app.'),
    ref: optional(uri, 'Of provenance: the branch or tag in full, refs/heads/main or refs/tags/v*.'),
    level: optional(
      z.int().check(z.minimum(1), z.maximum(3)),
      'Of provenance or a VSA: this SLSA build level or a higher one.',
    ),
    verifier: optional(uri, 'Of a VSA: the id of the verifier.'),
    policy: optional(uri, 'Of a VSA: the URI of the policy that was held against it.'),
    verifiedLevels: optional(texts, 'Of a VSA: levels that must all be among the verified ones.'),
  })
  .register(z.globalRegistry, { id: 'Attestation', description: 'A signed statement about the image.' });
export type FileAttestation = z.output<typeof attestation>;

const requirement = z
  .strictObject({
    name: optional(
      ruleName,
      'The verdict calls it `trust.NAME`. Left out: `signature`, or the type of the attestation. One with the name of an earlier one takes its place.',
    ),
    action: optional(action, 'What the gate answers where it is missing. `allow`: it is not required.'),
    reason: optional(text, 'Why it is required; stands in the verdict.'),
    signature: optional(signature, 'A signature of the image by somebody.'),
    attestation: optional(attestation, 'A signed statement about the image by somebody.'),
  })
  .register(z.globalRegistry, {
    id: 'Requirement',
    description: 'Something that must be there: a signature, or an attestation.',
  });
export type FileRequirement = z.output<typeof requirement>;

const acceptVsa = z
  .strictObject({
    by: described(texts, 'Whose verification summaries: names of signers. A list means any of them.'),
    maxAge: described(duration, 'How old they may be, by what they state and by what a log or timestamp proves: 24h.'),
  })
  .register(z.globalRegistry, {
    id: 'AcceptVsa',
    description: 'Whose verdicts are taken over instead of inspecting again.',
  });

const atGate = {
  require: optional(
    z.array(requirement).check(z.minLength(1), z.maxLength(limits.policyRules)),
    'What must be there. All of it is required.',
  ),
  action: optional(
    action,
    'What is answered where something required is missing; `deny` unless said. `allow`: nothing is required.',
  ),
  acceptVsa: optional(
    acceptVsa,
    'A verification summary (VSA) of this very policy at this gate, by one of these, stands for the inspection of the image.',
  ),
  unsigned: optional(
    action,
    'What is answered for an image as long as no signers are named: nobody knows who made it.',
  ),
};

export const trustAtGate = z
  .strictObject(atGate)
  .register(z.globalRegistry, { id: 'GateTrust', description: 'What differs at one gate in what must be signed.' });
export type AcceptedVsa = z.output<typeof acceptVsa>;
export type FileTrustAtGate = z.output<typeof trustAtGate>;

export const trust = z
  .strictObject({
    signers: optional(
      z
        .record(ruleName, signer)
        .check(
          z.refine((value) => Object.keys(value).length > 0, {
            error: '"signers" is empty',
            params: { hint: 'Name a signer: release: { key: keys/release.pub }.' },
          }),
          z.refine((value) => Object.keys(value).length <= limits.policyListEntries, {
            error: '"signers" is too long',
            params: { hint: `It has at most ${limits.policyListEntries} entries.` },
          }),
        )
        .register(z.globalRegistry, { minProperties: 1 }),
      'Who is trusted, each by a name of your own.',
    ),
    trustedRoot: optional(
      text,
      'The certificate authorities, logs and timestamp authorities that identities rest on: a file relative to the policy file. Left out: those of the public Sigstore, by TUF.',
    ),
    ...atGate,
  })
  .register(z.globalRegistry, {
    id: 'Trust',
    description: 'Who is trusted, and what they must have signed or attested.',
  });

function readPredicateType(type: string): Read<string> {
  if (type === signaturePredicateType) {
    return misread('this is a signature, and no attestation', 'Write signature: { by: … } instead.');
  }
  if (predicateTypeUri(type) !== undefined) return read(type);
  const guess = nearest(type, predicateTypeNames);
  return misread(
    `"${type}" is no type of attestation`,
    guess === undefined ? `Write ${predicateTypeNames.join(', ')}, or a URI.` : `Did you mean "${guess}"?`,
  );
}
