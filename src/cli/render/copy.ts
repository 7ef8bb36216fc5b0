import type { CopyReport } from '../../image/index.ts';
import { bytesText, throttledProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { count, shown } from './text.ts';

/** Shows on a terminal how far a copy is. */
export function copyProgress(name: string, terminal: Terminal): (report: CopyReport) => void {
  return throttledProgress(
    terminal,
    ({ blobs, blobsThereBefore, bytes, manifests, referrers }: CopyReport) =>
      `copying ${name}  ${count(blobs + blobsThereBefore, 'blob')}, ${bytesText(bytes)}, ${count(manifests + referrers, 'manifest')}`,
  );
}

export function copyText(
  verb: 'copied' | 'saved' | 'loaded',
  source: string,
  destination: string,
  digest: string,
  report: CopyReport,
): string {
  const { manifests, blobs, blobsThereBefore, bytes, referrers, legacyTags, foreign } = report;
  const before = blobsThereBefore === 0 ? '' : `, ${blobsThereBefore} of the blobs were there`;
  const elsewhere = foreign === 0 ? '' : `, ${count(foreign, 'layer')} left where it is, outside of the registry`;
  return `${verb} ${shown(source)} to ${shown(destination)}\n  ${digest}\n  ${count(manifests, 'manifest')}, ${count(blobs, 'blob')} (${bytesText(bytes)})${before}${elsewhere}\n  attached: ${count(referrers, 'referrer')}, ${count(legacyTags, 'legacy tag')}\n`;
}
