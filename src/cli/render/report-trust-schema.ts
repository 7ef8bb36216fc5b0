/** What the `json` report tells of signatures and attestations, as zod sees it. */
import { z } from 'zod';
import { gates } from '../../policy/index.ts';

const time = z.string().describe('RFC 3339.');

const signer = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('key'), name: z.string(), fingerprint: z.string() }),
    z.object({ kind: z.literal('identity'), name: z.string(), issuer: z.string(), identity: z.string() }),
  ])
  .meta({ id: 'Signer', description: 'Somebody whom the policy names, by its name.' });

export const accepted = z
  .object({
    target: z.string().describe('As the user named it.'),
    digest: z.string().describe('Of the manifest.'),
    signer,
    at: time,
    place: z.string().describe('The referrer or tag that holds the summary.'),
    policy: z.object({ name: z.string(), digest: z.string() }),
    gate: z.enum(gates),
  })
  .meta({ id: 'Accepted', description: 'A verdict by this policy at this gate, that allowed or warned.' });

const facts = z
  .object({
    statedAt: time.optional().describe('When what it tells was found out.'),
    scanner: z.string().optional(),
    builder: z.string().optional(),
    sourceRepository: z.string().optional(),
    sourceRef: z.string().optional(),
    buildLevel: z.number().optional(),
    verifier: z.string().optional(),
    result: z.enum(['PASSED', 'FAILED']).optional(),
    policy: z.string().optional(),
    policyDigest: z.string().optional(),
    verifiedLevels: z.array(z.string()).optional(),
  })
  .describe('What it states, as far as a policy can ask for it.');

export const trust = z
  .object({
    signatures: z.array(
      z.object({
        signer,
        subject: z.string().describe('The digest that is signed: the manifest, or the index.'),
        time: time.optional().describe('When it was signed at the latest, as a log or timestamp proves.'),
        form: z.enum(['bundle', 'legacy']),
        annotations: z.record(z.string(), z.string()),
      }),
    ),
    attestations: z.array(
      z.object({
        signer,
        subject: z.string(),
        time: time.optional(),
        predicateType: z.string(),
        facts,
      }),
    ),
    unverified: z.array(z.object({ source: z.string(), reason: z.string() })),
  })
  .meta({
    id: 'Trust',
    description: 'Who signed the image and what they state of it. Absent: nobody asked, or nobody could tell.',
  });
