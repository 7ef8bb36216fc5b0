import { type ImageOptions, isRecord, openStore, parseTarget, platformIn } from '../image/index.ts';
import { acceptanceEnded, type Gate, type Policy, policyDigest, type Verdict } from '../policy/index.ts';
import type { AdvisoryData, Evidence, SignerEvidence } from '../sbom/index.ts';
import { attestationFacts, type Predicate, type Statement, type VerifiedSigner } from '../trust/index.ts';
import { authoritiesIn, signerEvidence, verifyNamed } from './trust.ts';

/** A verdict that somebody else came to, by this very policy at this gate, and signed. */
export interface AcceptedSummary {
  /** Of the image's manifest. */
  readonly digest: string;
  readonly signer: SignerEvidence;
  /** When it was judged, RFC 3339. */
  readonly at: string;
  /** The referrer or tag that holds it. */
  readonly place: string;
  readonly policy: { readonly name: string; readonly digest: string };
  readonly gate: Gate;
}

export interface SummaryQuestion {
  readonly policy: Policy;
  readonly gate: Gate;
  readonly at: Date;
  /** Digests of the VEX documents that count here. */
  readonly vex: readonly string[];
}

/** A clock may be ahead of ours by this much. */
const clockSkewMs = 5 * 60_000;

/** Who verified: this program, at this gate. Another gate has another line. */
function verifierId(gate: Gate): string {
  return `urn:plimsoll:gate:${gate}`;
}

/**
 * A verdict as a SLSA verification summary (VSA v1). A warning passes: the line holds. The digest of the policy is that of
 * all that it says at this gate, whom it trusts among it.
 *
 * @param resource the image as it was named; `vex`: digests of the VEX documents that counted
 */
export function summaryOf(
  { gate, outcome, policy, at }: Verdict,
  { trust, advisories }: Evidence,
  {
    resource,
    toolVersion,
    vex,
  }: { readonly resource: string; readonly toolVersion: string; readonly vex: readonly string[] },
): Predicate {
  const passed = outcome !== 'deny';
  const levels = (trust?.attestations ?? []).flatMap(({ facts: { buildLevel } }) => buildLevel ?? []);
  const predicate = {
    verifier: { id: verifierId(gate), version: { plimsoll: toolVersion, advisories: advisories.built } },
    timeVerified: at,
    resourceUri: resource,
    policy: { uri: `urn:plimsoll:policy:${encodeURIComponent(policy.name)}`, digest: digestSet(policy.digest) },
    inputAttestations: [...new Set(vex)].sort().map((digest) => ({ digest: digestSet(digest) })),
    verificationResult: passed ? 'PASSED' : 'FAILED',
    verifiedLevels: [passed ? `SLSA_BUILD_LEVEL_${levels.length === 0 ? 0 : Math.max(...levels)}` : 'FAILED'],
    slsaVersion: '1.0',
  };
  return { type: 'vsa', predicate };
}

/**
 * A verdict to take over instead of inspecting: by somebody whom the policy names for that, about this very image (its
 * manifest, not an index that holds others), by this very policy at this gate and with the same VEX documents, passed and not
 * refused later, not older than the policy accepts, nor on older advisory data than those at hand, nor from before the end of an exception.
 * `undefined`: everything has to be inspected.
 *
 * @throws PlimsollError of the store, and for keys of the policy that cannot be used
 */
export async function acceptedSummary(
  name: string,
  { policy, gate, at, vex }: SummaryQuestion,
  advisories: AdvisoryData,
  options: ImageOptions,
): Promise<AcceptedSummary | undefined> {
  const { acceptVsa } = policy.lines[gate].trust;
  const digest = acceptVsa === undefined ? undefined : await manifestNamed(name, options);
  if (acceptVsa === undefined || digest === undefined) return undefined;
  const authorities = await authoritiesIn(policy, options.env, acceptVsa.by);
  const question = { signatures: false, attestations: ['vsa'] };
  const { verified, rejected } = await verifyNamed(name, { digest }, authorities, question, options);
  // What could not be read may be the verdict that refused it.
  if (rejected.some(({ error }) => error.kind === 'unavailable')) return undefined;
  const expected = { policy: policyDigest(policy, gate), gate, vex, at: at.getTime() };
  const maxAge = Math.min(acceptVsa.maxAge, policy.data.maxAge);
  const [latest] = verified
    .flatMap(({ content, signer, source, subject }) => {
      if (content.kind !== 'attestation' || subject !== digest) return [];
      const said = verdictIn(content.statement, signer, expected);
      return said === undefined ? [] : [{ ...said, signer, place: source.place }];
    })
    .filter(({ judged, signer }) => isFresh([judged, ...signer.times.map(Number)], expected.at, maxAge))
    .toSorted((one, other) => other.judged - one.judged);
  // Whoever passed it first and refused it later refuses it.
  if (latest?.passed !== true) return undefined;
  const { signer, place, judged, advisoriesBuilt } = latest;
  // What became known since was not judged, and what was accepted then may not be now.
  if (!(advisoriesBuilt >= Date.parse(advisories.built)) || acceptanceEnded(policy, gate, judged, expected.at))
    return undefined;
  return {
    digest,
    signer: signerEvidence(signer),
    at: new Date(judged).toISOString(),
    place,
    policy: { name: policy.name, digest: expected.policy },
    gate,
  };
}

/** The manifest that would be inspected; `undefined`: that takes reading more than an index, or it holds no attestations. */
async function manifestNamed(name: string, options: ImageOptions): Promise<string | undefined> {
  const target = await parseTarget(name);
  if (target.kind !== 'registry' && target.kind !== 'oci' && target.kind !== 'oci-archive') return undefined;
  const opened = await openStore(target, options);
  try {
    const root = await opened.image();
    const { platform } = options;
    if (platform !== undefined) return await platformIn(opened.store, root, platform);
    // Which of several images this machine would run is the reader's choice to make.
    return 'manifests' in parsed(root.bytes) ? undefined : root.digest;
  } finally {
    await opened.close();
  }
}

function parsed(bytes: Buffer): object {
  const json: unknown = JSON.parse(bytes.toString('utf8'));
  return typeof json === 'object' && json !== null ? json : {};
}

/** A verdict, and when it was judged, where all of it is as expected. */
function verdictIn(
  statement: Statement,
  signer: VerifiedSigner,
  expected: { readonly policy: string; readonly gate: Gate; readonly vex: readonly string[] },
): { readonly passed: boolean; readonly judged: number; readonly advisoriesBuilt: number } | undefined {
  const { result, verifier, policyDigest: stated, statedAt } = attestationFacts(statement, signer);
  if (verifier !== verifierId(expected.gate) || stated !== expected.policy) return undefined;
  if (!sameTexts(vexIn(statement.predicate), expected.vex) || statedAt === undefined) return undefined;
  const advisoriesBuilt = Date.parse(advisoriesIn(statement.predicate) ?? '');
  return { passed: result === 'PASSED', judged: Date.parse(statedAt), advisoriesBuilt };
}

/** When the advisory data were built that it rests on: beside the versions of what verified (VSA, `verifier.version`). */
function advisoriesIn(predicate: unknown): string | undefined {
  const verifier = isRecord(predicate) ? predicate['verifier'] : undefined;
  const version = isRecord(verifier) ? verifier['version'] : undefined;
  const built = isRecord(version) ? version['advisories'] : undefined;
  return typeof built === 'string' ? built : undefined;
}

function vexIn(predicate: unknown): readonly string[] {
  const inputs = isRecord(predicate) ? predicate['inputAttestations'] : undefined;
  return (Array.isArray(inputs) ? inputs : []).map((input: unknown) => {
    const digest = isRecord(input) && isRecord(input['digest']) ? input['digest']['sha256'] : undefined;
    return typeof digest === 'string' ? `sha256:${digest}` : 'unknown';
  });
}

function sameTexts(one: readonly string[], other: readonly string[]): boolean {
  const [left, right] = [new Set(one), new Set(other)];
  return left.size === right.size && [...left].every((text) => right.has(text));
}

function isFresh(times: readonly number[], now: number, maxAge: number): boolean {
  return times.every((time) => now - time >= -clockSkewMs && now - time <= maxAge);
}

function digestSet(digest: string): Readonly<Record<string, string>> {
  const [algorithm = '', hex = ''] = digest.split(':');
  return { [algorithm]: hex };
}
