import type { AcceptedSummary } from '../../gate/index.ts';
import { type Looks, lineOf, wrapped } from './layout.ts';
import { shortDigest } from './text.ts';

/** A target that was not inspected, because a verdict on it by this policy was there. */
export type Accepted = AcceptedSummary & { readonly target: string };

export function renderAccepted(accepted: readonly Accepted[], looks: Looks): string {
  return accepted
    .flatMap(({ target, digest, gate, policy, signer, at }) => {
      const by = signer.kind === 'key' ? signer.name : `${signer.name}, ${signer.identity}`;
      const how = `Taken over: ${by} judged it at ${at} by this policy (${shortDigest(policy.digest)}). It was not inspected again; "--inspect" does.`;
      return [
        lineOf(looks, ['green', 'ALLOW'], '  ', ['bold', target], `  at the ${gate} gate`),
        lineOf(looks, ['dim', digest]),
        ...wrapped(looks, how),
        '',
      ];
    })
    .map((line) => `${line}\n`)
    .join('');
}
