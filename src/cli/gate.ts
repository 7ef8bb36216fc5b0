import { assess } from '../gate/index.ts';
import { type Gate, gates } from '../policy/index.ts';
import { gather, newCommand, oneOf } from './command.ts';
import { exitCodes } from './failure.ts';
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
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

interface GateOptions extends ReadingOptions {
  readonly output?: readonly Output<ReportFormat>[];
  readonly gate: Gate;
  readonly policy?: string;
  readonly db?: string;
  readonly vex?: readonly string[];
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
    .option('--vex <file>', 'OpenVEX or CycloneDX VEX statements; repeatable', gather);
  await addReadingOptions(command).parseAsync(args, { from: 'user' });
  const options = command.opts<GateOptions>();
  const outputs = options.output ?? [{ format: 'table' }];
  checkOutputs(outputs);
  checkTargets(
    outputs.map(({ format }) => format),
    command.args.length,
  );
  const policy = loadPolicy(options.policy);
  const statements = readVexFiles(options.vex);
  const database = openAdvisories(options.db, terminal);
  try {
    const reports: Report[] = [];
    for (const target of command.args) {
      const inventory = await readTarget(target, options, terminal);
      const assessment = assess(inventory, database, { policy, gate: options.gate, at: new Date(), statements });
      const rescan = rescanCommand(target, { ...options, ubuntuPro: policy.data.ubuntuPro });
      reports.push({ ...assessment, target, rescan });
    }
    const document = { toolVersion: version(), timestamp: documentTimestamp(terminal.env) };
    for (const output of outputs)
      writeOutput(
        output,
        renderReports(output.format, reports, { ...document, looks: looksFor(output, terminal) }),
        terminal,
      );
    return reports.some(({ verdict }) => verdict?.outcome === 'deny') ? exitCodes.broken : exitCodes.holds;
  } finally {
    database.close();
  }
}
