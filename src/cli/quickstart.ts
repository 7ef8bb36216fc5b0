import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { type Assessment, assess } from '../gate/index.ts';
import { type Inventory, toCycloneDx } from '../sbom/index.ts';
import { asCalled } from './as-called.ts';
import { newCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { openAdvisoriesOrStarter, readTarget } from './inspection.ts';
import { looksFor, writeOutput } from './output.ts';
import { packageFile } from './package-folder.ts';
import { loadPolicy, policyFileName } from './policy-file.ts';
import { renderReports } from './render/index.ts';
import { count } from './render/text.ts';
import { rescanCommand } from './rescan.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

const sbomFile = 'plimsoll-sbom.cdx.json';

/** The whole flow on one folder, with what it does said as it goes. It shows; `gate` decides: the exit code is 0 whatever the verdict. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'quickstart',
    `Shows the whole flow on a folder, without network: reads it, writes its SBOM to ${sbomFile}, looks for known vulnerabilities and holds it against the policy.`,
    ['plimsoll quickstart', 'plimsoll quickstart ../my-app'],
    terminal,
  ).argument('[folder]', 'the folder', '.');
  await command.parseAsync(args, { from: 'user' });
  const folder = command.args[0] ?? '.';
  const step = (number: number, text: string) => terminal.err(`${terminal.paint('cyan', `[${number}/4]`)} ${text}\n`);

  step(
    1,
    `Reading ${folder === '.' ? 'this folder' : folder}: lock files, package databases, archives and executables`,
  );
  const inventory = await readTarget(`dir:${folder}`, { cache: false }, terminal);

  step(2, `Writing its SBOM (CycloneDX 1.6, ${count(inventory.components.length, 'component')})`);
  const document = { toolVersion: version(), timestamp: undefined };
  writeOutput({ format: 'the SBOM', file: sbomFile }, toCycloneDx(inventory, document), terminal);

  const database = openAdvisoriesOrStarter(terminal);
  const named = database.data.starter ? 'starter' : undefined;
  /** Holds it against the policy, and shows the answer. */
  const show = async (subject: Inventory, target: string): Promise<Assessment> => {
    const assessment = assess(subject, database, { policy: loadPolicy(undefined), gate: 'build', at: new Date() });
    const report = { ...assessment, rescan: rescanCommand(target, { db: named, cache: true }) };
    terminal.out(
      await renderReports('table', [report], { ...document, looks: looksFor({ format: 'table' }, terminal) }),
    );
    return assessment;
  };
  try {
    step(
      3,
      database.data.starter
        ? `Looking for known vulnerabilities in the starter set: ${count(database.data.advisories, 'well-known advisory')}, a sample. "${asCalled('plimsoll db update', terminal.env)}" gets the full data`
        : 'Looking for known vulnerabilities',
    );
    step(4, 'Holding it against the policy\n');
    const { evidence } = await show(inventory, folder);
    if (evidence.findings.length === 0) {
      const example = `sbom:${exampleFile()}`;
      terminal.err(
        `\nNothing known to be wrong was found here. This is how it looks where something is: ${example}, a made-up shop.\n\n`,
      );
      await show(await readTarget(example, { cache: false }, terminal), example);
    }
  } finally {
    database.close();
  }
  terminal.out(nextCommands(named, terminal));
  return exitCodes.holds;
}

/** As short as it can be said from here. */
function exampleFile(): string {
  const file = packageFile('starter', 'example', 'old-shop.cdx.json');
  const near = relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
}

function nextCommands(database: 'starter' | undefined, { paint, env }: Terminal): string {
  const policy = existsSync(policyFileName)
    ? ['plimsoll policy check', `check ${policyFileName}, this folder's policy`]
    : ['plimsoll policy init', 'start a policy of your own; docs/policy.md tells what it can say'];
  const commands = [
    ['plimsoll db update', 'get the full advisory data, then come back'],
    database === undefined
      ? ['plimsoll scan debian:12', 'scan an image from a registry']
      : ['plimsoll scan debian:12 --db starter', 'scan an image from a registry; with the full data, without --db'],
    policy,
  ].map(([command = '', purpose = '']) => [asCalled(command, env), purpose] as const);
  const width = Math.max(...commands.map(([command]) => command.length));
  const lines = commands.map(([command, purpose]) => `  ${command.padEnd(width)}   ${purpose}\n`);
  return `\n${paint('bold', 'Three commands to try next')}\n${lines.join('')}`;
}
