import type { ReadingOptions } from './inspection.ts';

interface Asked extends ReadingOptions {
  readonly db?: string | undefined;
  readonly vex?: readonly string[] | undefined;
  readonly ubuntuPro?: boolean | undefined;
}

/**
 * The command that looks at a target once more, with all that its answer rests on, as it can be pasted into a shell.
 * `undefined` for standard input, which is gone.
 */
export function rescanCommand(target: string, asked: Asked): string | undefined {
  if (/^(?:oci-archive|docker-archive|sbom):-(?:[:@]|$)/.test(target)) return undefined;
  const { db, vex, ubuntuPro, platform, plainHttp, allowRealm, cache } = asked;
  const words = [
    ...option('--db', db),
    ...(vex ?? []).flatMap((file) => option('--vex', file)),
    ...(ubuntuPro === true ? ['--ubuntu-pro'] : []),
    ...option('--platform', platform),
    ...(plainHttp ?? []).flatMap((host) => option('--plain-http', host)),
    ...(allowRealm ?? []).flatMap((host) => option('--allow-realm', host)),
    ...(cache ? [] : ['--no-cache']),
    target,
  ];
  return ['plimsoll', 'scan', ...words.map(quoted)].join(' ');
}

function option(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [name, value];
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
