import { PlimsollError } from '../error.ts';
import { type SearchHit, searchDatabase } from '../vuln/index.ts';
import { asCalled } from './as-called.ts';
import { newCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { databaseHelp, openAdvisories } from './inspection.ts';
import { count, shown } from './render/text.ts';
import { fit } from './render/width.ts';
import type { Terminal } from './terminal.ts';

const defaultWidth = 140;
const shownHits = 50;
const shownPackages = 12;

export async function dbSearch(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'db search',
    'Finds advisories by package (in all ecosystems or in one), by purl, or by any of their names.',
    [
      'plimsoll db search lodash',
      'plimsoll db search npm/lodash',
      'plimsoll db search pkg:pypi/urllib3',
      'plimsoll db search CVE-2021-44228 --json',
    ],
    terminal,
  )
    .argument('<text>', 'a package, ecosystem/package, purl or id')
    // So that the error below can say what to do.
    .allowExcessArguments()
    .option('--db <file>', databaseHelp)
    .option('--json', 'all of it, as JSON');
  await command.parseAsync(args, { from: 'user' });
  const [text = '', more] = command.args;
  if (more !== undefined)
    throw new PlimsollError('cli/one-search', 'One thing is searched for at a time', {
      hint: 'Quote a text that has blanks.',
    });
  const options = command.opts<{ readonly db?: string; readonly json?: boolean }>();
  const database = openAdvisories(options.db, terminal);
  try {
    const result = searchDatabase(database, text);
    if (options.json === true) {
      terminal.out(`${JSON.stringify(result, null, 2)}\n`);
      return exitCodes.holds;
    }
    const { asked, hits } = result;
    const what = `${asked.name}${asked.kind === 'package' && asked.ecosystem !== undefined ? ` in ${asked.ecosystem}` : ''}`;
    if (hits.length === 0) {
      terminal.out(
        `Nothing is known about ${shown(what)} in ${shown(database.path)}.\nThat is not proof of safety: "${asCalled('plimsoll db status', terminal.env)}" says which ecosystems the data covers.\n`,
      );
      return exitCodes.holds;
    }
    terminal.out(
      `${hits
        .slice(0, shownHits)
        .map((hit) => hitText(hit, terminal))
        .join('\n')}\n`,
    );
    if (hits.length > shownHits)
      terminal.out(`and ${count(hits.length - shownHits, 'more advisory')}; --json has all\n`);
    terminal.out(`${count(hits.length, 'advisory')} for ${shown(what)}\n`);
    return exitCodes.holds;
  } finally {
    database.close();
  }
}

function hitText(
  { advisory, withdrawn, affected, severity, exploited, epss }: SearchHit,
  { paint, width = defaultWidth }: Terminal,
): string {
  const names = [...new Set([...advisory.aliases, ...advisory.upstream])].filter((name) => name !== advisory.id);
  const marks = [
    ...(withdrawn ? ['withdrawn'] : []),
    ...exploited.map(({ cve, since }) => `${cve} known exploited since ${since}`),
    ...epss.map(({ cve, score }) => `${cve} EPSS ${(score * 100).toFixed(1)} %`),
  ];
  const packages = affected
    .slice(0, shownPackages)
    .map(
      (entry) =>
        `  ${entry.ecosystem} ${entry.package}: ${entry.versions}${entry.rating === undefined ? '' : ` (${entry.rating})`}`,
    );
  const lines = [
    ...(advisory.summary === undefined ? [] : [`  ${advisory.summary}`]),
    `  published ${advisory.published?.slice(0, 10) ?? 'at an unknown time'}, ${ratingText(severity, advisory.id)}`,
    ...marks.map((mark) => `  ${mark}`),
    ...packages,
    ...(affected.length > shownPackages
      ? [`  and ${count(affected.length - shownPackages, 'more package')}; --json has all`]
      : []),
  ];
  const title = [advisory.id, ...names].map(shown);
  return [
    paint('bold', fit(title.join('  '), width)),
    ...lines.map((line) => fit(`  ${shown(line.trimStart())}`, width)),
    '',
  ].join('\n');
}

/** `critical, CVSS 9.8`, and by which other advisory where this one does not say. */
function ratingText({ level, score, source }: SearchHit['severity'], own: string): string {
  if (level === 'unknown') return 'severity unknown';
  const rated = score === undefined ? level : `${level}, CVSS ${score.toFixed(1)}`;
  return source === undefined || source === own ? rated : `${rated} by ${source}`;
}
