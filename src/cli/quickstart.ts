import { assess } from '../gate/index.ts';
import { toCycloneDx } from '../sbom/index.ts';
import { newCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { openAdvisoriesOrStarter, readTarget } from './inspection.ts';
import { writeOutput } from './output.ts';
import { loadPolicy } from './policy-file.ts';
import { renderReports } from './render/index.ts';
import { count } from './render/text.ts';
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
  try {
    step(
      3,
      database.data.starter
        ? `Looking for known vulnerabilities in the starter set: ${count(database.data.advisories, 'well-known advisory')}, a sample. "npx plimsoll db update" gets the full data`
        : 'Looking for known vulnerabilities',
    );
    step(4, 'Holding it against the policy\n');
    const assessment = assess(inventory, database, { policy: loadPolicy(undefined), gate: 'build', at: new Date() });
    terminal.out(renderReports('table', [assessment], { ...document, looks: terminal }));
  } finally {
    database.close();
  }
  terminal.out(`
${terminal.paint('bold', 'Three commands to try next')}
  npx plimsoll db update                 get the full advisory data, then come back
  npx plimsoll scan debian:12            scan an image from a registry
  npx plimsoll policy init               start a policy of your own; docs/policy.md tells what it can say
`);
  return exitCodes.holds;
}
