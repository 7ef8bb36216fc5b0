/** Statements that Plimsoll makes itself, by the flow of "plimsoll sbom" and "plimsoll scan". */
import { PlimsollError } from '../error.ts';
import { inspect } from '../gate/index.ts';
import { type Inventory, toCycloneDx } from '../sbom/index.ts';
import type { Predicate } from '../trust/index.ts';
import { documentTimestamp, openAdvisories, type ReadingOptions, readTarget } from './inspection.ts';
import { renderReports } from './render/index.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

export interface PredicateOptions extends ReadingOptions {
  readonly db?: string;
}

/** About the image that was read, which is one of several where `digest` is that of an index. */
type MadePredicate = Predicate & { readonly subject: string };

export async function sbomPredicate(
  name: string,
  digest: string,
  options: PredicateOptions,
  terminal: Terminal,
): Promise<MadePredicate> {
  const { inventory, subject } = await readImage(name, digest, options, terminal);
  const document = { toolVersion: version(), timestamp: documentTimestamp(terminal.env) };
  const predicate: unknown = JSON.parse(toCycloneDx(inventory, document));
  return { subject, type: 'cyclonedx', predicate };
}

/** As cosign's specification has it ("Vulnerability attestation"), with our own report as the result. */
export async function scanPredicate(
  name: string,
  digest: string,
  options: PredicateOptions,
  terminal: Terminal,
): Promise<MadePredicate> {
  const database = openAdvisories(options.db, terminal);
  try {
    const scanStartedOn = new Date().toISOString();
    const { inventory, subject } = await readImage(name, digest, options, terminal);
    const evidence = inspect(inventory, database, { ubuntuPro: false });
    const looks = { width: undefined, paint: (_: string, text: string) => text };
    const report = await renderReports('json', [{ evidence, suppressions: [], target: name, rescan: undefined }], {
      toolVersion: version(),
      timestamp: documentTimestamp(terminal.env),
      looks,
    });
    const predicate = {
      invocation: { parameters: [], uri: '', event_id: '', 'builder.id': '' },
      scanner: {
        uri: `pkg:npm/plimsoll@${version()}`,
        version: version(),
        db: { uri: '', version: evidence.advisories.built },
        result: JSON.parse(report),
      },
      metadata: { scanStartedOn, scanFinishedOn: new Date().toISOString() },
    };
    return { subject, type: 'vuln', predicate };
  } finally {
    database.close();
  }
}

/** By the digest that is signed: the tag may have moved by now. */
async function readImage(
  name: string,
  digest: string,
  options: PredicateOptions,
  terminal: Terminal,
): Promise<{ readonly inventory: Inventory; readonly subject: string }> {
  const inventory = await readTarget(name, options, terminal);
  const { artifact } = inventory;
  if (artifact.kind === 'image' && (artifact.digest === digest || artifact.indexDigest === digest)) {
    return { inventory, subject: artifact.digest };
  }
  throw new PlimsollError('cli/tag-moved', `${name} means another image now than a moment ago`, {
    hint: 'Somebody pushed it meanwhile. Call it again, with the digest that you mean.',
    kind: 'unavailable',
  });
}
