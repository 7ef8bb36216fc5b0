import type { Attachment } from '../../trust/index.ts';
import { type Looks, lineOf } from './layout.ts';

/** What was signed or attested, and where the proof of it is. */
export function renderAttached(
  verb: 'signed' | 'attested',
  image: string,
  attached: readonly Attachment[],
  looks: Looks,
): string {
  const lines = [
    lineOf(looks, ['green', verb], '  ', ['bold', image]),
    ...attached.flatMap(({ subject, referrer, legacyTag }) => [
      lineOf(looks, `  ${subject}`),
      lineOf(looks, ['dim', `    bundle  ${referrer}`]),
      ...(legacyTag === undefined ? [] : [lineOf(looks, ['dim', `    tag     ${legacyTag}`])]),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}
