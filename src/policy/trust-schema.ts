/** The `trust` section of the policy file, as zod sees it. */
import { z } from 'zod';
import { limits } from '../limits.ts';
import { predicateTypeNames, predicateTypeUri, signaturePredicateType } from '../sbom/index.ts';
import { action, duration, oneOrMany, pattern, ruleName, text } from './field.ts';
import { misread, type Read, read } from './mistake.ts';
import { nearest } from './nearest.ts';
import { type Credential, readCredential, readIdentityPattern, readPublicKey } from './signer.ts';
import { readUriPattern } from './uri-pattern.ts';

const identityPattern = pattern(readIdentityPattern, 'https://github\\.com/acme/.+', limits.identityPatternLength);

const signer = z
  .strictObject({
    key: pattern(readPublicKey, 'keys/release.pub', limits.policyKeyLength)
      .optional()
      .describe('A public key: a path relative to the policy file, or the PEM text itself.'),
    identity: text
      .optional()
      .describe('Whom the certificate names, exactly: the address of a workflow, or of a person.')
      .meta({ examples: ['https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'] }),
    identityPattern: identityPattern
      .optional()
      .describe(
        'Whom the certificate names, as a regular expression that must fit from the first character to the last.',
      ),
    issuer: text
      .optional()
      .describe('Who vouches for the identity, exactly: the address of an OpenID Connect provider.')
      .meta({ examples: ['https://token.actions.githubusercontent.com'] }),
    issuerPattern: identityPattern
      .optional()
      .describe('Who vouches for the identity, as a regular expression that must fit as a whole.'),
  })
  .transform((fields, context): Credential => {
    const answer = readCredential(fields);
    if (answer.ok) return answer.value;
    const { message, hint } = answer.mistake;
    context.addIssue({ code: 'custom', message, params: { hint }, input: fields });
    return z.NEVER;
  })
  .meta({ id: 'Signer', minProperties: 1, description: 'A key, or an identity and who vouches for it.' });

const about = z
  .enum(['manifest', 'index'])
  .default('manifest')
  .describe(
    'What must be signed: the manifest of the image itself; `index`: the index that it was chosen from will do too.',
  );
const by = oneOrMany(text).describe('Whose it must be: names of signers. A list means any of them.');

const signature = z
  .strictObject({
    by,
    count: z
      .int()
      .min(1)
      .max(limits.policyListEntries)
      .default(1)
      .describe('How many different signers. Who signs twice, or has two names, counts once.'),
    about,
    annotations: z
      .record(text, text)
      .refine((value) => Object.keys(value).length <= limits.policyListEntries, {
        error: '"annotations" is too long',
        params: { hint: `It has at most ${limits.policyListEntries} entries.` },
      })
      .default({})
      .describe('What the signer must have signed along, each exactly: { environment: production }.'),
  })
  .meta({ id: 'Signature', description: 'A signature of the image. No attestation counts as one.' });
export type FileSignature = z.output<typeof signature>;

const uri = oneOrMany(pattern(readUriPattern, 'https://github.com/acme/*'));

const attestation = z
  .strictObject({
    type: pattern(readPredicateType, 'vuln').describe(
      `What it must be: ${predicateTypeNames.join(', ')}, or the URI of any other predicate type.`,
    ),
    by,
    about,
    maxAge: duration
      .optional()
      .describe('How long ago it may have been made, by what it states and by what a log or timestamp proves: 24h.'),
    scanner: uri.optional().describe('Of a scan: the URI of the scanner. `*` stands for anything within one part.'),
    builder: uri.optional().describe('Of provenance: the id of the builder.'),
    source: uri.optional().describe('Of provenance: the repository of the source, github.com/acme/app.'),
    ref: uri.optional().describe('Of provenance: the branch or tag in full, refs/heads/main or refs/tags/v*.'),
    level: z.int().min(1).max(3).optional().describe('Of provenance or a VSA: this SLSA build level or a higher one.'),
    verifier: uri.optional().describe('Of a VSA: the id of the verifier.'),
    policy: uri.optional().describe('Of a VSA: the URI of the policy that was held against it.'),
    verifiedLevels: oneOrMany(text).optional().describe('Of a VSA: levels that must all be among the verified ones.'),
  })
  .meta({ id: 'Attestation', description: 'A signed statement about the image.' });
export type FileAttestation = z.output<typeof attestation>;

const requirement = z
  .strictObject({
    name: ruleName
      .optional()
      .describe(
        'The verdict calls it `trust.NAME`. Left out: `signature`, or the type of the attestation. One with the name of an earlier one takes its place.',
      ),
    action: action.optional().describe('What the gate answers where it is missing. `allow`: it is not required.'),
    reason: text.optional().describe('Why it is required; stands in the verdict.'),
    signature: signature.optional().describe('A signature of the image by somebody.'),
    attestation: attestation.optional().describe('A signed statement about the image by somebody.'),
  })
  .meta({ id: 'Requirement', description: 'Something that must be there: a signature, or an attestation.' });
export type FileRequirement = z.output<typeof requirement>;

const acceptVsa = z
  .strictObject({
    by: oneOrMany(text).describe('Whose verification summaries: names of signers. A list means any of them.'),
    maxAge: duration.describe('How old they may be, by what they state and by what a log or timestamp proves: 24h.'),
  })
  .meta({ id: 'AcceptVsa', description: 'Whose verdicts are taken over instead of inspecting again.' });

const atGate = {
  require: z
    .array(requirement)
    .min(1)
    .max(limits.policyRules)
    .optional()
    .describe('What must be there. All of it is required.'),
  action: action
    .optional()
    .describe(
      'What is answered where something required is missing; `deny` unless said. `allow`: nothing is required.',
    ),
  acceptVsa: acceptVsa
    .optional()
    .describe(
      'A verification summary (VSA) of this very policy at this gate, by one of these, stands for the inspection of the image.',
    ),
  unsigned: action
    .optional()
    .describe('What is answered for an image as long as no signers are named: nobody knows who made it.'),
};

export const trustAtGate = z
  .strictObject(atGate)
  .meta({ id: 'GateTrust', description: 'What differs at one gate in what must be signed.' });
export type AcceptedVsa = z.output<typeof acceptVsa>;
export type FileTrustAtGate = z.output<typeof trustAtGate>;

export const trust = z
  .strictObject({
    signers: z
      .record(ruleName, signer)
      .refine((value) => Object.keys(value).length > 0, {
        error: '"signers" is empty',
        params: { hint: 'Name a signer: release: { key: keys/release.pub }.' },
      })
      .refine((value) => Object.keys(value).length <= limits.policyListEntries, {
        error: '"signers" is too long',
        params: { hint: `It has at most ${limits.policyListEntries} entries.` },
      })
      .meta({ minProperties: 1 })
      .optional()
      .describe('Who is trusted, each by a name of your own.'),
    trustedRoot: text
      .optional()
      .describe(
        'The certificate authorities, logs and timestamp authorities that identities rest on: a file relative to the policy file. Left out: those of the public Sigstore, by TUF.',
      ),
    ...atGate,
  })
  .meta({ id: 'Trust', description: 'Who is trusted, and what they must have signed or attested.' });

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
