import { nearest } from '../nearest.ts';
import type { PredicateTypeName } from '../sbom/index.ts';
import type { Line } from './line.ts';
import type { Located } from './problem.ts';
import { nameOf, shortName, unsignedRule } from './requirement.ts';
import { type Gate, gates, type PolicyFile } from './schema.ts';
import { type Credential, identityText } from './signer.ts';
import type { FileAttestation, FileRequirement, FileTrustAtGate } from './trust-schema.ts';
import type { Path } from './yaml-source.ts';

type Lines = Readonly<Record<Gate, Pick<Line, 'trust'>>>;
type Signers = ReadonlyMap<string, Credential>;
type Say = (level: Located['level'], path: Path, part: Located['part'], message: string, hint: string) => void;

/** The rules about trust that hold at any gate, by name. */
export function trustRules(lines: Lines): ReadonlySet<string> {
  const all = gates.map((gate) => lines[gate].trust);
  const unsigned = all.some((line) => line.unsigned !== 'allow') ? [unsignedRule] : [];
  return new Set([...all.flatMap(({ requirements }) => requirements.map(({ rule }) => rule)), ...unsigned]);
}

/**
 * What is well formed and still cannot be meant: signers whom nobody names, requirements that nothing can meet or that hold
 * nowhere. `isWhole`: nothing was left out of `lines` because of a mistake.
 */
export function trustSenseOf(
  { trust, gates: atGates }: PolicyFile,
  lines: Lines,
  isWhole: boolean,
): readonly Located[] {
  const problems: Located[] = [];
  const say: Say = (level, path, part, message, hint) => problems.push({ level, path, part, message, hint });
  const signers: Signers = new Map(Object.entries(trust?.signers ?? {}));
  const parts: readonly (readonly [part: FileTrustAtGate | undefined, at: Path, where: readonly Gate[]])[] = [
    [trust, ['trust'], gates],
    ...gates.map((gate) => [atGates?.[gate]?.trust, ['gates', gate, 'trust'], [gate]] as const),
  ];
  checkSigners(signers, trust?.trustedRoot, say);
  for (const [part, at, where] of parts) {
    checkRequirements(part?.require ?? [], [...at, 'require'], signers, say);
    checkNames(part?.acceptVsa?.by ?? [], [...at, 'acceptVsa', 'by'], signers, say);
    const answered = part?.action !== undefined && part.action !== 'allow';
    if (answered && where.every((gate) => lines[gate].trust.requirements.length === 0)) {
      say('error', [...at, 'action'], 'key', 'nothing is required here, so nothing is answered', 'Add "require".');
    }
    if (part?.unsigned !== undefined && signers.size > 0) {
      const hint = 'Leave it out: what is required says who must have signed.';
      say(
        'warning',
        [...at, 'unsigned'],
        'key',
        'this is about policies that name no signers, and here are some',
        hint,
      );
    }
  }
  if (gates.some((gate) => lines[gate].trust.requirements.length > 0)) checkUse(signers, parts, say);
  else if (parts.some(([part]) => part?.require !== undefined)) {
    if (!isWhole) return problems;
    const hint = 'Write "action: deny" or "action: warn" at least at one gate.';
    say('error', ['trust'], 'key', 'all that is required may be missing at every gate', hint);
  } else if (signers.size > 0 && parts.every(([part]) => part?.acceptVsa === undefined)) {
    const hint = 'Add what they must have signed: require: [{ signature: { by: NAME } }].';
    say('error', ['trust', 'signers'], 'key', 'signers are named, and nothing is required of them at any gate', hint);
  }
  return problems;
}

function checkSigners(signers: Signers, trustedRoot: string | undefined, say: Say): void {
  if (trustedRoot !== undefined && ![...signers.values()].some(({ kind }) => kind === 'identity')) {
    const hint = 'Leave it out, or name a signer by identity and issuer.';
    say('warning', ['trust', 'trustedRoot'], 'key', 'certificates rest on this, and no signer has one', hint);
  }
  const known = new Map<string, string>();
  for (const [name, credential] of signers) {
    const path = ['trust', 'signers', name];
    const same = known.get(JSON.stringify(credential));
    if (same !== undefined) {
      const hint = 'Keep one of them: whoever has two names still counts once.';
      say('warning', path, 'key', `the signers "${same}" and "${name}" are the same`, hint);
    }
    known.set(JSON.stringify(credential), same ?? name);
    if (credential.kind === 'key') continue;
    for (const key of ['identity', 'issuer'] as const) {
      const match = credential[key];
      if ('exact' in match || !/(?<!\\)\b\.[a-z]/i.test(match.pattern)) continue;
      const hint = 'Write "\\." for a dot that stands for itself.';
      say('warning', [...path, `${key}Pattern`], 'value', 'a dot without a backslash fits any character', hint);
    }
  }
}

function checkUse(
  signers: Signers,
  parts: readonly (readonly [FileTrustAtGate | undefined, ...unknown[]])[],
  say: Say,
): void {
  const all = parts.flatMap(([part]) => part?.require ?? []);
  const named = new Set([
    ...all.flatMap(({ signature, attestation }) => [...(signature?.by ?? []), ...(attestation?.by ?? [])]),
    ...parts.flatMap(([part]) => part?.acceptVsa?.by ?? []),
  ]);
  for (const name of signers.keys()) {
    if (named.has(name)) continue;
    const hint = 'Add it to a "by", or leave it out.';
    say('warning', ['trust', 'signers', name], 'key', `nothing is required of the signer "${name}"`, hint);
  }
}

function checkRequirements(requirements: readonly FileRequirement[], at: Path, signers: Signers, say: Say): void {
  const seen = new Set<string>();
  for (const [index, requirement] of requirements.entries()) {
    const path = [...at, index];
    const { signature, attestation } = requirement;
    const name = nameOf(requirement);
    if (name !== undefined && seen.has(name)) {
      const hint = 'Give each its own "name": the verdict names the requirement.';
      say('error', path, 'value', `there are two requirements "${name}" here`, hint);
    }
    seen.add(name ?? '');
    if (signature !== undefined) {
      checkNames(signature.by, [...path, 'signature', 'by'], signers, say);
      checkCount(signature, [...path, 'signature', 'count'], signers, say);
    }
    if (attestation !== undefined) {
      checkNames(attestation.by, [...path, 'attestation', 'by'], signers, say);
      checkFacts(attestation, [...path, 'attestation'], say);
    }
  }
}

function checkNames(by: readonly string[], path: Path, signers: Signers, say: Say): void {
  for (const [index, name] of by.entries()) {
    if (signers.has(name)) continue;
    const guess = nearest(name, signers.keys());
    const known =
      signers.size === 0
        ? 'The policy names none: add trust.signers.'
        : `The signers are ${[...signers.keys()].join(', ')}.`;
    const hint = guess === undefined ? known : `Did you mean "${guess}"?`;
    say('error', [...path, index], 'value', `there is no signer "${name}"`, hint);
  }
}

/** A pattern may fit any number of people; everybody else is one. */
function checkCount(
  signature: { readonly by: readonly string[]; readonly count: number },
  path: Path,
  signers: Signers,
  say: Say,
): void {
  const credentials = signature.by.flatMap((name) => signers.get(name) ?? []);
  const people = credentials.map(personOf);
  if (people.includes(undefined)) return;
  const most = new Set(people).size;
  if (most === 0 || signature.count <= most) return;
  const hint = 'Name more signers in "by", or ask for fewer.';
  say('error', path, 'value', `${signature.count} different signers are asked for, and "by" has ${most}`, hint);
}

/** `undefined`: whoever a pattern fits. */
function personOf(credential: Credential): string | undefined {
  if (credential.kind === 'key') return JSON.stringify([credential.key]);
  const { identity, issuer } = credential;
  return 'exact' in identity && 'exact' in issuer ? identityText(issuer.exact, identity.exact) : undefined;
}

type Fact = Exclude<keyof FileAttestation, 'type' | 'by' | 'about'>;

/** What an attestation of each type states that can be asked for. */
const stated: Readonly<Record<PredicateTypeName, readonly Fact[]>> = {
  vuln: ['maxAge', 'scanner'],
  cyclonedx: ['maxAge'],
  spdx: ['maxAge'],
  openvex: ['maxAge'],
  slsaprovenance1: ['maxAge', 'builder', 'source', 'ref', 'level'],
  slsaprovenance02: ['maxAge', 'builder', 'source', 'ref', 'level'],
  vsa: ['maxAge', 'verifier', 'policy', 'level', 'verifiedLevels'],
  link: [],
};

function checkFacts({ type, by: _by, about: _about, ...facts }: FileAttestation, path: Path, say: Say): void {
  const name = shortName(type);
  const known: readonly string[] = name === undefined ? [] : stated[name];
  for (const key of Object.keys(facts)) {
    if (known.includes(key)) continue;
    const what =
      name === undefined ? 'what this type of attestation states is not known' : `no ${name} attestation states it`;
    const hint = known.length === 0 ? 'Leave it out.' : `Leave it out, or use ${known.join(', ')}.`;
    say('error', [...path, key], 'key', `"${key}" can never hold: ${what}`, hint);
  }
}
