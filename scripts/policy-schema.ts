/** Writes `schema/plimsoll.schema.json`, by which editors complete and check `plimsoll.yaml`. */
import { writeFileSync } from 'node:fs';
import { policyJsonSchema } from '../src/policy/index.ts';

const target = new URL('../schema/plimsoll.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(policyJsonSchema(), undefined, 2)}\n`);
