import { newCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { databaseHelp, openAdvisories } from './inspection.ts';
import { count, shown } from './render/text.ts';
import { pad } from './render/width.ts';
import type { Terminal } from './terminal.ts';

const dayMs = 24 * 60 * 60 * 1000;

export async function dbStatus(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'db status',
    'Says what the advisory database holds and how old it is.',
    ['plimsoll db status', 'plimsoll db status --json', 'plimsoll db status --db starter'],
    terminal,
  )
    .option('--db <file>', databaseHelp)
    .option('--json', 'as JSON');
  await command.parseAsync(args, { from: 'user' });
  const options = command.opts<{ readonly db?: string; readonly json?: boolean }>();
  const database = openAdvisories(options.db, terminal);
  try {
    const status = database.status();
    if (options.json === true) {
      terminal.out(`${JSON.stringify(status, null, 2)}\n`);
      return exitCodes.holds;
    }
    const { data, feeds, exploited, epss, unread } = status;
    const width = Math.max(...feeds.map(({ ecosystem }) => ecosystem.length), 0);
    terminal.out(
      [
        `${terminal.paint('bold', status.path)}${data.starter ? '  (the starter set: a small sample, not for real decisions)' : ''}`,
        `built     ${data.built}, ${ageText(data.built)} ago, from ${shown(status.source)}`,
        `newest    ${data.newest}`,
        `content   ${data.digest}`,
        `exploited ${exploited === undefined ? 'unknown: the source has no CISA catalogue' : count(exploited, 'vulnerability')}`,
        `EPSS      ${epss === undefined ? 'unknown: the source has no EPSS scores' : count(epss, 'score')}`,
        '',
        ...feeds.map(
          (feed) =>
            `${pad(feed.ecosystem, width)}  ${feed.advisories.toLocaleString('en-US').padStart(9)} advisories${feed.withdrawn === 0 ? '' : `, ${feed.withdrawn} withdrawn`}${feed.unread === 0 ? '' : `, ${feed.unread} not read`}`,
        ),
        ...unread.map(({ ecosystem, id, reason }) =>
          terminal.paint('yellow', `not read: ${shown(ecosystem)} ${shown(id)}: ${shown(reason)}`),
        ),
        '',
      ].join('\n'),
    );
    return exitCodes.holds;
  } finally {
    database.close();
  }
}

function ageText(time: string): string {
  const days = Math.floor((Date.now() - Date.parse(time)) / dayMs);
  return days < 1 ? 'less than a day' : count(days, 'day');
}
