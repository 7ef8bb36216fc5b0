export { defaultPolicyText, newPolicyText } from './default-policy.ts';
export { acceptanceEnded } from './exception.ts';
export { failOnSeverity } from './fail-on.ts';
export { judge, policyDigest } from './judge.ts';
export type { Policy } from './line.ts';
export { checkPolicy, defaultPolicy, parsePolicy } from './parse.ts';
export type { Problem } from './problem.ts';
export { type Gate, gates, policyJsonSchema } from './schema.ts';
export type { ExceptionNote, Place, Reason, Suppressed, Suppression, Verdict, VexAnswer } from './verdict.ts';
