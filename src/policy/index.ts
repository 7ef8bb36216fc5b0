export { defaultPolicyText, newPolicyText } from './default-policy.ts';
export { failOnSeverity } from './fail-on.ts';
export { judge } from './judge.ts';
export type { Exception, Line, Policy, PolicyData, Rule } from './line.ts';
export { checkPolicy, defaultPolicy, parsePolicy } from './parse.ts';
export type { Problem } from './problem.ts';
export { type Action, type Gate, gates, policyJsonSchema, type UnknownKind } from './schema.ts';
export type { ExceptionNote, Place, Reason, Suppressed, Suppression, Verdict } from './verdict.ts';
