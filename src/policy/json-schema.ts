import * as z from 'zod/mini';
import { policySchema } from './schema.ts';

/** JSON Schema 2020-12 of the policy file as it is written, for editors. A file of its own, so that no gate loads it. */
export function policyJsonSchema(): object {
  return z.toJSONSchema(policySchema, { io: 'input', target: 'draft-2020-12' });
}
