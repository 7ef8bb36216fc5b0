/** What the `json` report tells of signatures and attestations, as zod sees it. */
import * as z from 'zod/mini';
import { gates } from '../../policy/index.ts';

const time = z.string().check(z.describe('RFC 3339.'));

const signer = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('key'), name: z.string(), fingerprint: z.string() }),
    z.object({ kind: z.literal('identity'), name: z.string(), issuer: z.string(), identity: z.string() }),
  ])
  .check(z.meta({ id: 'Signer', description: 'Somebody whom the policy names, by its name.' }));

export const accepted = z
  .object({
    target: z.string().check(z.describe('As the user named it.')),
    digest: z.string().check(z.describe('Of the manifest.')),
    signer,
    at: time,
    place: z.string().check(z.describe('The referrer or tag that holds the summary.')),
    policy: z.object({ name: z.string(), digest: z.string() }),
    gate: z.enum(gates),
  })
  .check(z.meta({ id: 'Accepted', description: 'A verdict by this policy at this gate, that allowed or warned.' }));

const facts = z
  .object({
    statedAt: z.optional(time).check(z.describe('When what it tells was found out.')),
    scanner: z.optional(z.string()),
    builder: z.optional(z.string()),
    sourceRepository: z.optional(z.string()),
    sourceRef: z.optional(z.string()),
    buildLevel: z.optional(z.number()),
    verifier: z.optional(z.string()),
    result: z.optional(z.enum(['PASSED', 'FAILED'])),
    policy: z.optional(z.string()),
    policyDigest: z.optional(z.string()),
    verifiedLevels: z.optional(z.array(z.string())),
  })
  .check(z.describe('What it states, as far as a policy can ask for it.'));

export const trust = z
  .object({
    signatures: z.array(
      z.object({
        signer,
        subject: z.string().check(z.describe('The digest that is signed: the manifest, or the index.')),
        time: z.optional(time).check(z.describe('When it was signed at the latest, as a log or timestamp proves.')),
        form: z.enum(['bundle', 'legacy']),
        annotations: z.record(z.string(), z.string()),
      }),
    ),
    attestations: z.array(
      z.object({
        signer,
        subject: z.string(),
        time: z.optional(time),
        predicateType: z.string(),
        facts,
      }),
    ),
    unverified: z.array(z.object({ source: z.string(), reason: z.string() })),
  })
  .check(
    z.meta({
      id: 'Trust',
      description: 'Who signed the image and what they state of it. Absent: nobody asked, or nobody could tell.',
    }),
  );
