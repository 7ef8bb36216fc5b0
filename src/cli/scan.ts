import { inspect } from '../gate/index.ts';
import { type Evidence, severityLevels } from '../sbom/index.ts';
import { gather, newCommand, oneOf } from './command.ts';
import { exitCodes } from './failure.ts';
import {
  addReadingOptions,
  databaseHelp,
  openAdvisories,
  type ReadingOptions,
  readTarget,
  targetHelp,
} from './inspection.ts';
import { checkOutputs, type Output, outputOption, writeOutput } from './output.ts';
import { type Report, type ReportFormat, renderReports, reportFormats } from './render/index.ts';
import type { Terminal } from './terminal.ts';

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
      '-o, --output FORMAT[=FILE]',
      `${reportFormats.join(', ')}; repeatable (default: table)`,
      outputOption(reportFormats),
    )
    .option(
      '--fail-on SEVERITY',
      `exit with 1 when a finding is this bad or worse: ${failLevels.join(', ')}`,
      oneOf(failLevels),
    )
    .option('--db FILE', databaseHelp)
    .option('--vex FILE', 'OpenVEX or CycloneDX VEX statements; repeatable', gather)
    .option('--ubuntu-pro', 'count fixes that only Ubuntu Pro (ESM) has');
  await addReadingOptions(command).parseAsync(args, { from: 'user' });
  const options = command.opts<ScanOptions>();
  const outputs = options.output ?? [{ format: 'table' }];
  checkOutputs(outputs);
  const database = openAdvisories(options.db, terminal);
  try {
    const reports: Report[] = [];
    for (const target of command.args) {
      const inventory = await readTarget(target, options, terminal);
      reports.push({ evidence: inspect(inventory, database, { ubuntuPro: options.ubuntuPro === true }) });
    }
    for (const output of outputs) writeOutput(output, renderReports(output.format, reports, terminal), terminal);
    const failOn = options.failOn;
    return failOn !== undefined && reports.some(({ evidence }) => reaches(evidence, failOn))
      ? exitCodes.broken
      : exitCodes.holds;
  } finally {
    database.close();
  }
}

function reaches({ findings }: Evidence, level: (typeof failLevels)[number]): boolean {
  const limit = severityLevels.indexOf(level);
  return findings.some(({ severity, kind }) => kind === 'malware' || severityLevels.indexOf(severity.level) <= limit);
}
