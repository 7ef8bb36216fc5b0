import { inspect, suppressionsFor } from '../gate/index.ts';
import { severityLevels } from '../sbom/index.ts';
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
import { checkTargets, type Report, type ReportFormat, renderReports, reportFormats } from './render/index.ts';
import { count } from './render/text.ts';
import { rescanCommand } from './rescan.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

interface ScanOptions extends ReadingOptions {
  readonly output?: readonly Output<ReportFormat>[];
  readonly failOn?: (typeof failLevels)[number];
  readonly db?: string;
  readonly ubuntuPro?: boolean;
  readonly vex?: readonly string[];
}

const failLevels = severityLevels.filter((level) => level !== 'unknown' && level !== 'none');

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'scan',
    'Finds what is vulnerable. Without --fail-on the exit code says only whether the scan could be done; "plimsoll gate" judges by a policy.',
    [
      'plimsoll scan alpine:3.20',
      'plimsoll scan . -o table -o sarif=findings.sarif',
      'plimsoll scan oci:build/image --fail-on high',
      'docker save app:1 | plimsoll scan docker-archive:-',
    ],
    terminal,
  )
    .argument('<target...>', targetHelp)
    .option(
      '-o, --output <format[=file]>',
      `${reportFormats.join(', ')}; repeatable (default: table)`,
      outputOption(reportFormats),
    )
    .option(
      '--fail-on <severity>',
      `exit with 1 when a finding is this bad or worse: ${failLevels.join(', ')}`,
      oneOf(failLevels),
    )
    .option('--db <file>', databaseHelp)
    .option('--vex <file>', 'OpenVEX or CycloneDX VEX statements; repeatable', gather)
    .option('--ubuntu-pro', 'count fixes that only Ubuntu Pro (ESM) has');
  await addReadingOptions(command).parseAsync(args, { from: 'user' });
  const options = command.opts<ScanOptions>();
  const outputs = options.output ?? [{ format: 'table' }];
  checkOutputs(outputs);
  checkTargets(
    outputs.map(({ format }) => format),
    command.args.length,
  );
  const statements = readVexFiles(options.vex);
  const database = openAdvisories(options.db, terminal);
  try {
    const reports: Report[] = [];
    for (const target of command.args) {
      const evidence = inspect(await readTarget(target, options, terminal), database, {
        ubuntuPro: options.ubuntuPro === true,
      });
      reports.push({
        evidence,
        suppressions: suppressionsFor(evidence, statements),
        target,
        rescan: rescanCommand(target, options),
      });
    }
    const document = { toolVersion: version(), timestamp: documentTimestamp(terminal.env) };
    for (const output of outputs)
      writeOutput(
        output,
        await renderReports(output.format, reports, { ...document, looks: looksFor(output, terminal) }),
        terminal,
      );
    return options.failOn === undefined ? exitCodes.holds : await answer(reports, options.failOn, terminal);
  } finally {
    database.close();
  }
}

async function answer(
  reports: readonly Report[],
  level: (typeof failLevels)[number],
  terminal: Terminal,
): Promise<number> {
  const { failOnSeverity, judge } = await import('../policy/index.ts');
  const policy = failOnSeverity(level);
  const verdicts = reports.map(({ evidence, suppressions }) =>
    judge(evidence, policy, 'build', new Date(), suppressions),
  );
  const denied = verdicts.flatMap(({ reasons }) => reasons.filter(({ action }) => action === 'deny'));
  if (denied.length === 0) return exitCodes.holds;
  // Malware of a high severity has two reasons, and is one thing to mend.
  const things = new Set(
    denied.map(({ component, finding, unknown, message }) => JSON.stringify([component, finding, unknown ?? message])),
  );
  terminal.err(`--fail-on ${level}: ${count(things.size, 'thing')} to mend\n`);
  return exitCodes.broken;
}
