import { PlimsollError } from '../error.ts';
import { type AcceptedSummary, acceptedSummary, assess, findTrust, summaryOf } from '../gate/index.ts';
import { type ImageOptions, parseTarget } from '../image/index.ts';
import { type Gate, gates } from '../policy/index.ts';
import { attest, type Sealer } from '../trust/index.ts';
import { gather, newCommand, oneOf } from './command.ts';
import { exitCodes } from './failure.ts';
import { inPlace } from './image-place.ts';
import { fileDigest } from './input-file.ts';
import {
  addReadingOptions,
  databaseHelp,
  documentTimestamp,
  openAdvisories,
  type ReadingOptions,
  readTarget,
  readVexFiles,
  targetHelp,
} from './inspection.ts';
import { checkOutputs, looksFor, type Output, outputOption, writeOutput } from './output.ts';
import { loadPolicy } from './policy-file.ts';
import { checkTargets, type Report, type ReportFormat, renderReports, reportFormats } from './render/index.ts';
import { rescanCommand } from './rescan.ts';
import { addSigningOptions, checkUnsigned, type SigningOptions, sealerOf } from './signing.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Formats that can tell of a verdict that was taken over. */
const acceptFormats: ReadonlySet<ReportFormat> = new Set(['table', 'json']);

interface GateOptions extends ReadingOptions, SigningOptions {
  readonly output?: readonly Output<ReportFormat>[];
  readonly gate: Gate;
  readonly policy?: string;
  readonly db?: string;
  readonly vex?: readonly string[];
  readonly attest?: boolean;
  readonly inspect?: boolean;
}

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'gate',
    'Holds artifacts against the policy and answers allow, warn or deny, with every reason. The exit code is 0 for allow and warn, 1 for deny, 3 when it could not be found out.',
    [
      'plimsoll gate myapp:1.4',
      'plimsoll gate . --policy plimsoll.yaml',
      'plimsoll gate oci:build/image --gate admission -o table -o json=verdict.json',
      'plimsoll gate . -o markdown >> "$GITHUB_STEP_SUMMARY"',
      'plimsoll gate registry.example/app@sha256:… --attest --key gate.key',
    ],
    terminal,
  )
    .argument('<target...>', targetHelp)
    .option(
      '-o, --output <format[=file]>',
      `${reportFormats.join(', ')}; repeatable (default: table)`,
      outputOption(reportFormats),
    )
    .option('--gate <gate>', `the policy's part that holds: ${gates.join(', ')}`, oneOf(gates), 'build')
    .option('--policy <file>', 'the policy (default: plimsoll.yaml of this folder, else the built-in default line)')
    .option('--db <file>', databaseHelp)
    .option('--vex <file>', 'OpenVEX or CycloneDX VEX statements; repeatable', gather)
    .option('--attest', 'sign the verdict onto the image, as a SLSA verification summary (VSA)')
    .option('--inspect', 'inspect the image even where the policy takes over the verdicts of others');
  await addSigningOptions(addReadingOptions(command)).parseAsync(args, { from: 'user' });
  const options = command.opts<GateOptions>();
  const outputs = options.output ?? [{ format: 'table' }];
  checkOutputs(outputs);
  checkTargets(
    outputs.map(({ format }) => format),
    command.args.length,
  );
  if (options.attest === true) await checkAttestable(command.args);
  else checkUnsigned(options);
  const policy = loadPolicy(options.policy);
  const statements = readVexFiles(options.vex);
  const vex = await Promise.all((options.vex ?? []).map(fileDigest));
  const seal = options.attest === true ? await sealerOf(options, terminal) : undefined;
  const database = openAdvisories(options.db, terminal);
  const { gate } = options;
  const reading = readingOf(options, terminal);
  // What is taken over has no components and findings to write down.
  const mayAccept =
    seal === undefined && options.inspect !== true && outputs.every(({ format }) => acceptFormats.has(format));
  try {
    const reports: Report[] = [];
    const accepted: (AcceptedSummary & { readonly target: string })[] = [];
    for (const target of command.args) {
      const at = new Date();
      const summary = mayAccept
        ? await acceptedSummary(target, { policy, gate, at, vex }, database.data, reading)
        : undefined;
      if (summary !== undefined) {
        accepted.push({ ...summary, target });
        continue;
      }
      const inventory = await readTarget(target, options, terminal);
      const trust = await findTrust(target, inventory.artifact, policy, gate, reading);
      const assessment = assess(inventory, database, { policy, gate, at, statements, trust });
      const rescan = rescanCommand(target, { ...options, ubuntuPro: policy.data.ubuntuPro });
      reports.push({ ...assessment, target, rescan });
    }
    const document = { toolVersion: version(), timestamp: documentTimestamp(terminal.env), accepted };
    for (const output of outputs)
      writeOutput(
        output,
        await renderReports(output.format, reports, { ...document, looks: looksFor(output, terminal) }),
        terminal,
      );
    if (seal !== undefined) await attestVerdicts(reports, seal, vex, options, terminal);
    return reports.some(({ verdict }) => verdict?.outcome === 'deny') ? exitCodes.broken : exitCodes.holds;
  } finally {
    database.close();
  }
}

function readingOf({ platform, plainHttp, allowRealm }: GateOptions, { env }: Terminal): ImageOptions {
  return { env, platform, plainHttp, allowRealm };
}

/** Onto the image that was inspected, and not onto the index that it was chosen from: nothing was said of the others in it. */
async function attestVerdicts(
  reports: readonly Report[],
  seal: Sealer,
  vex: readonly string[],
  options: GateOptions,
  terminal: Terminal,
): Promise<void> {
  for (const { evidence, verdict, target = '' } of reports) {
    const { artifact } = evidence;
    if (verdict === undefined || artifact.kind !== 'image') throw notAttestable(target);
    const attached = await inPlace(target, options, terminal, ({ store }) =>
      attest(
        store,
        artifact.digest,
        seal,
        summaryOf(verdict, evidence, { resource: artifact.reference, toolVersion: version(), vex }),
        {
          legacy: options.legacy,
        },
      ),
    );
    terminal.err(`attested the verdict on ${attached.subject} (bundle ${attached.referrer})\n`);
  }
}

/** Before the work of judging it is done. */
async function checkAttestable(targets: readonly string[]): Promise<void> {
  for (const target of targets) {
    const { kind } = await parseTarget(target);
    if (kind !== 'registry' && kind !== 'oci') throw notAttestable(target);
  }
}

function notAttestable(target: string): PlimsollError {
  return new PlimsollError(
    'cli/not-attestable',
    `${target} is no image in a registry or an OCI layout, and a verdict is attached to those only`,
    { hint: 'Leave --attest out, or copy the image there first: plimsoll copy --help' },
  );
}
