import { databasePath, type UpdateProgress, updateDatabase } from '../vuln/index.ts';
import { asCalled } from './as-called.ts';
import { gather, newCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { bytesText, throttledProgress } from './progress.ts';
import { count, shown } from './render/text.ts';
import type { Terminal } from './terminal.ts';

interface DbUpdateOptions {
  readonly from?: string;
  readonly db?: string;
  readonly ecosystem?: readonly string[];
  readonly kev?: string;
  readonly epss?: string;
}

const shownUnread = 10;

export async function dbUpdate(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'db update',
    "Gets advisories (OSV), CISA's known exploited vulnerabilities and EPSS, and puts one new database in place of the old one when it is whole. The first time reads everything, later only what changed.",
    [
      'plimsoll db update',
      'plimsoll db update --from /mnt/osv-mirror',
      'plimsoll db update --ecosystem Debian --ecosystem npm',
    ],
    terminal,
  )
    .option('--from <url|folder>', 'a mirror in the layout of the public OSV bucket (default: that bucket)')
    .option('--ecosystem <name>', 'only this ecosystem, such as Debian or npm; repeatable', gather)
    .option('--kev <url|file>', "CISA's catalogue, if it is elsewhere")
    .option('--epss <url|file>', 'EPSS scores as CSV or CSV.gz, if they are elsewhere')
    .option('--db <file>', 'the database to make or replace');
  await command.parseAsync(args, { from: 'user' });
  const { from, db, ecosystem, kev, epss } = command.opts<DbUpdateOptions>();
  const result = await updateDatabase({
    from,
    to: db ?? databasePath(terminal.env),
    ecosystems: ecosystem,
    kev,
    epss,
    onProgress: throttledProgress(terminal, progressText),
  });
  terminal.progress(undefined);
  for (const { id, ecosystem, reason } of result.unread.slice(0, shownUnread)) {
    terminal.err(`warning: ${shown(ecosystem)} record ${shown(id)} was not read: ${shown(reason)}\n`);
  }
  if (result.unreadCount > shownUnread)
    terminal.err(
      `warning: and ${result.unreadCount - shownUnread} more records; "${asCalled('plimsoll db status', terminal.env)}" lists them\n`,
    );
  const changed = result.feeds.reduce((sum, { read, removed }) => sum + read + removed, 0);
  terminal.out(
    `${count(result.data.advisories, 'advisory')} in ${count(result.feeds.length, 'ecosystem')}, newest of ${result.data.newest.slice(0, 10)}; ${count(changed, 'record')} read now\n` +
      `${result.path}\n`,
  );
  return exitCodes.holds;
}

function progressText({ step, ecosystem, done, total }: UpdateProgress): string {
  const where = ecosystem === undefined ? '' : ` ${ecosystem}`;
  const amount = step === 'download' ? bytesText : (number: number) => number.toLocaleString('en-US');
  return `${stepText[step]}${where}  ${amount(done)}${total === undefined ? '' : ` of ${amount(total)}`}`;
}

const stepText = {
  list: 'looking for changes',
  download: 'downloading',
  read: 'reading',
  finish: 'finishing',
} as const;
