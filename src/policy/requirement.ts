import { type PredicateTypeName, predicateTypeName, predicateTypeNames } from '../sbom/index.ts';
import type { Action } from './field.ts';
import type { Located } from './problem.ts';
import type { AcceptedVsa, FileAttestation, FileRequirement, FileSignature, FileTrustAtGate } from './trust-schema.ts';
import type { Path } from './yaml-source.ts';

/** A signature or an attestation that must be there. */
export type Requirement = Demand & {
  /** As the verdict names it: `trust.signature`. */
  readonly rule: string;
  readonly action: 'deny' | 'warn';
  readonly reason?: string | undefined;
};

/** What the file says of it, `by` being names of signers. */
export type Demand =
  | (FileSignature & { readonly kind: 'signature' })
  | (FileAttestation & { readonly kind: 'attestation' });

/** What holds at one gate about who made it. */
export interface TrustLine {
  readonly requirements: readonly Requirement[];
  /** What is answered for an image while the policy names no signers. */
  readonly unsigned: Action;
  /** Whose verdicts are taken over; absent: everything is inspected. */
  readonly acceptVsa?: AcceptedVsa | undefined;
}

/** The parts of a policy as far as they are laid over one another for one gate. */
export interface TrustDraft {
  readonly requirements: Map<string, Draft | 'off'>;
  action: Action | undefined;
  unsigned: Action | undefined;
  acceptVsa: AcceptedVsa | undefined;
}

interface Draft {
  readonly demand: Demand;
  /** Its own; absent: that of the section. */
  readonly action?: 'deny' | 'warn' | undefined;
  readonly reason?: string | undefined;
}

export function newTrustDraft(): TrustDraft {
  return { requirements: new Map(), action: undefined, unsigned: undefined, acceptVsa: undefined };
}

/** The rule about images while no signers are named. */
export const unsignedRule = 'trust.unsigned';

/** The name by which rules, exceptions and verdicts know a requirement; `undefined` where nothing says it. */
export function nameOf({ name, signature, attestation }: FileRequirement): string | undefined {
  if (name !== undefined || signature !== undefined) return name ?? 'signature';
  return attestation === undefined ? undefined : (shortName(attestation.type) ?? 'attestation');
}

/** `undefined` for a type that has none. */
export function shortName(type: string): PredicateTypeName | undefined {
  return predicateTypeNames.find((name) => name === type) ?? predicateTypeName(type);
}

/** Lays a part over `draft`, in place. `at`: where the part stands. */
export function layTrust(draft: TrustDraft, part: FileTrustAtGate | undefined, at: Path): Located[] {
  draft.action = part?.action ?? draft.action;
  draft.unsigned = part?.unsigned ?? draft.unsigned;
  draft.acceptVsa = part?.acceptVsa ?? draft.acceptVsa;
  return (part?.require ?? []).flatMap((requirement, index): readonly Located[] => {
    const name = nameOf(requirement);
    const path = [...at, 'require', index];
    if (name === undefined) {
      const message = 'this requires nothing';
      return [{ level: 'error', path, part: 'value', message, hint: 'Give it a signature or an attestation.' }];
    }
    const answer = requirementOver(draft.requirements.get(name), requirement, name);
    if (typeof answer === 'object' && 'message' in answer) {
      return [{ ...answer, level: 'error', path: [...path, ...answer.path] }];
    }
    draft.requirements.set(name, answer);
    return [];
  });
}

export function settledTrust(
  { requirements, action = 'deny', unsigned, acceptVsa }: TrustDraft,
  hasSigners: boolean,
): TrustLine {
  return {
    requirements: [...requirements].flatMap(([name, draft]): readonly Requirement[] => {
      const answer = draft === 'off' ? 'allow' : (draft.action ?? action);
      if (draft === 'off' || answer === 'allow') return [];
      return [{ ...draft.demand, rule: `trust.${name}`, action: answer, reason: draft.reason }];
    }),
    unsigned: hasSigners ? 'allow' : (unsigned ?? 'allow'),
    ...(acceptVsa === undefined ? {} : { acceptVsa }),
  };
}

function requirementOver(
  earlier: Draft | 'off' | undefined,
  { action, reason, signature, attestation }: FileRequirement,
  name: string,
): Draft | 'off' | Located {
  const problem = (path: Path, part: Located['part'], message: string, hint: string): Located => {
    return { level: 'error', path, part, message, hint };
  };
  if (name === 'unsigned') {
    return problem(
      ['name'],
      'value',
      `"${unsignedRule}" is about images while no signers are named`,
      'Use another name.',
    );
  }
  if (signature !== undefined && attestation !== undefined) {
    const hint = 'Make two entries of it: all entries are required.';
    return problem(['attestation'], 'key', 'an entry requires a signature or an attestation, not both', hint);
  }
  if (action === 'allow') {
    if (signature !== undefined || attestation !== undefined) {
      const hint = 'Leave the entry out, or leave out what it requires to switch off an earlier one of the same name.';
      return problem(['action'], 'value', 'with "action: allow" this requires nothing', hint);
    }
    if (earlier !== undefined) return 'off';
  }
  const demand = demandOf(signature, attestation);
  if (demand !== undefined) return { demand, action: action === 'allow' ? undefined : action, reason };
  if (earlier === undefined || earlier === 'off') {
    const hint = 'Give it a signature or an attestation, or correct the name.';
    return problem(['name'], 'value', `nothing earlier is called "${name}", and this requires nothing itself`, hint);
  }
  return {
    demand: earlier.demand,
    action: action === undefined || action === 'allow' ? earlier.action : action,
    reason: reason ?? earlier.reason,
  };
}

function demandOf(
  signature: FileRequirement['signature'],
  attestation: FileRequirement['attestation'],
): Demand | undefined {
  if (signature !== undefined) return { ...signature, kind: 'signature' };
  return attestation === undefined ? undefined : { ...attestation, kind: 'attestation' };
}
