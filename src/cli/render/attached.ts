import type { Attachment } from '../../trust/index.ts';
import { type Looks, wholeLine } from './layout.ts';

/** What was signed or attested, and where the proof of it is. */
export function renderAttached(
  verb: 'signed' | 'attested',
  image: string,
  attached: readonly Attachment[],
  looks: Looks,
): string {
  const lines = [
    wholeLine(looks, ['green', verb], '  ', ['bold', image]),
    ...attached.flatMap(({ subject, referrer, legacyTag }) => [
      wholeLine(looks, `  ${subject}`),
      wholeLine(looks, ['dim', `    bundle  ${referrer}`]),
      ...(legacyTag === undefined ? [] : [wholeLine(looks, ['dim', `    tag     ${legacyTag}`])]),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}
