import { cacheFolder } from '../cache-folder.ts';
import { PlimsollError } from '../error.ts';
import { type ImageOptions, openStore, parseTarget } from '../image/index.ts';
import type { Gate, Policy } from '../policy/index.ts';
import type { Artifact, Evidence, SignerEvidence } from '../sbom/index.ts';
import {
  type Authority,
  anchoredPattern,
  attestationFacts,
  identityAuthorities,
  keyAuthority,
  parsePublicKey,
  type Question,
  trustedRootByTuf,
  type Verification,
  type Verified,
  type VerifiedSigner,
  verifyImage,
} from '../trust/index.ts';

/** What was found out about who signed an artifact, or why nobody could. */
export type TrustFindings = Pick<Evidence, 'trust' | 'trustUnknown'>;

/**
 * Finds out who signed an image and what they state of it, as far as the policy asks for it at this gate: of the image itself
 * and, told apart, of the index that it was chosen from. What cannot be found out is unknown, and not missing.
 *
 * @param name as the user named the image
 */
export async function findTrust(
  name: string,
  artifact: Artifact,
  policy: Policy,
  gate: Gate,
  options: ImageOptions,
): Promise<TrustFindings> {
  const { requirements } = policy.lines[gate].trust;
  if (artifact.kind !== 'image' || requirements.length === 0) return {};
  const question: Question = {
    signatures: requirements.some(({ kind }) => kind === 'signature'),
    attestations: requirements.flatMap((each) => (each.kind === 'attestation' ? [each.type] : [])),
  };
  const { digest, indexDigest: index } = artifact;
  try {
    const verification = await verifyNamed(
      name,
      { digest, index },
      await authoritiesIn(policy, options.env),
      question,
      options,
    );
    return findingsIn(verification);
  } catch (error) {
    if (error instanceof PlimsollError) return { trustUnknown: error.message };
    throw error;
  }
}

/** @throws PlimsollError `image/not-a-store` for what holds no signatures, and those of the store */
export async function verifyNamed(
  name: string,
  image: { readonly digest: string; readonly index?: string | undefined },
  authorities: readonly Authority[],
  question: Question,
  options: ImageOptions,
): Promise<Verification> {
  const opened = await openStore(await parseTarget(name), options);
  try {
    return await verifyImage(opened.store, image, authorities, question);
  } finally {
    await opened.close();
  }
}

/**
 * Those whom a policy names, by its names for them. `only`: of these names.
 *
 * @throws PlimsollError for keys, patterns and trusted roots that cannot be used
 */
export async function authoritiesIn(
  { trust }: Policy,
  env: NodeJS.ProcessEnv,
  only?: readonly string[],
): Promise<readonly Authority[]> {
  const { signers, trustedRoot } = trust;
  const authorities: Authority[] = [];
  for (const signer of signers) {
    const { name } = signer;
    if (only?.includes(name) === false) continue;
    if (signer.kind === 'key') {
      authorities.push(keyAuthority(parsePublicKey(Buffer.from(signer.key), `The key of ${name}`), name));
      continue;
    }
    const [identity, issuer] = [signer.identity, signer.issuer].map((match) =>
      'exact' in match ? match : anchoredPattern(match.pattern),
    );
    if (identity === undefined || issuer === undefined) continue;
    for (const each of await identityAuthorities({ identity, issuer }, await rootOf(trustedRoot, env)))
      authorities.push({ ...each, name });
  }
  return authorities;
}

/** Where nothing was verified and something could not be read, nobody can say what it is. */
function findingsIn({ verified, rejected }: Verification): TrustFindings {
  const unread = rejected.find(({ error }) => error.kind === 'unavailable');
  if (unread !== undefined && verified.length === 0) return { trustUnknown: unread.error.message };
  return {
    trust: {
      signatures: verified.flatMap(({ source, subject, content, signer }) =>
        content.kind === 'signature'
          ? [{ ...signedBy(signer, subject), form: source.form, annotations: content.annotations }]
          : [],
      ),
      attestations: verified.flatMap((each) => attestationIn(each)),
      unverified: rejected.map(({ source, error }) => ({ source: source.place, reason: error.message })),
    },
  };
}

function attestationIn({ subject, content, signer }: Verified) {
  if (content.kind !== 'attestation') return [];
  const { statement } = content;
  const facts = attestationFacts(statement, signer);
  return [{ ...signedBy(signer, subject), predicateType: statement.predicateType, facts }];
}

function signedBy(signer: VerifiedSigner, subject: string) {
  return { signer: signerEvidence(signer), subject, time: provenTime(signer) };
}

export function signerEvidence(signer: VerifiedSigner): SignerEvidence {
  const { name } = signer;
  return signer.kind === 'key'
    ? { kind: 'key', name, fingerprint: signer.fingerprint }
    : { kind: 'identity', name, issuer: signer.issuer, identity: signer.identity };
}

/** The earliest of the times that are vouched for: by then it was signed, so that it is at least as old as that. */
function provenTime({ times }: VerifiedSigner): string | undefined {
  const earliest = times.toSorted((one, other) => one.getTime() - other.getTime())[0];
  return earliest?.toISOString();
}

/** That of the policy, or of the public Sigstore. */
async function rootOf(trustedRoot: string | undefined, env: NodeJS.ProcessEnv) {
  if (trustedRoot === undefined) return trustedRootByTuf({ cacheFolder: cacheFolder(env) });
  return { content: Buffer.from(trustedRoot), name: 'trust.trustedRoot' };
}
