/** For tests of SARIF: the schema of its 2.1.0, as the public schema store has it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

const file = join(import.meta.dirname, '../../../test/schemas/sarif-2.1.0-rtm.5.schema.json');
let validate: ValidateFunction | undefined;

/** Validates against SARIF 2.1.0, and returns what is wrong. */
export function sarifMistakes(document: unknown): string {
  validate ??= compiled();
  return validate(document) ? '' : JSON.stringify(validate.errors?.slice(0, 3));
}

/** It is of draft 4; of what later drafts changed it uses nothing but `id`, which names the schema. */
function compiled(): ValidateFunction {
  const { $schema: _, id, ...schema } = JSON.parse(readFileSync(file, 'utf8'));
  // One of its patterns is none with the `u` flag.
  const ajv = new Ajv({ strict: false, unicodeRegExp: false });
  addFormats.default(ajv);
  return ajv.compile({ ...schema, $id: id });
}
