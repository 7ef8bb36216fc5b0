/** Writes `schema/report.schema.json`, which describes what `-o json` gives. */
import { writeFileSync } from 'node:fs';
import { reportJsonSchema } from '../src/cli/render/report-schema.ts';

const target = new URL('../schema/report.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(reportJsonSchema(), undefined, 2)}\n`);
