import { basename } from 'node:path';
import { PlimsollError } from '../error.ts';
import { type ImageLayer, openBlob, readFileInto, readLayer, walkDirectory } from '../image/index.ts';
import { catalogers } from './catalogers.ts';
import { type Alias, collectFacts, type Facts } from './facts.ts';

/** Something to gather facts from, as plain data, so that any thread can do it. */
export type Job =
  | { readonly kind: 'layer'; readonly layer: ImageLayer; readonly aliases?: readonly Alias[] | undefined }
  | { readonly kind: 'directory'; readonly path: string; readonly aliases?: readonly Alias[] | undefined }
  | { readonly kind: 'file'; readonly path: string };

/** @param onBytes hears how many stored bytes went by since the last call */
export async function runJob(job: Job, onBytes: (bytes: number) => void): Promise<Facts> {
  switch (job.kind) {
    case 'layer': {
      const { blob, digest, diffId } = job.layer;
      if (blob === undefined) throw new TypeError('a layer without a blob is not read');
      const collector = collectFacts(catalogers, job.aliases);
      await readLayer(await openBlob(blob), { digest, diffId }, collector.onEntry, { onBytes });
      return collector.facts();
    }
    case 'directory': {
      const collector = collectFacts(catalogers, job.aliases);
      walkDirectory(job.path, collector.onEntry, collector.onUnread);
      return collector.facts();
    }
    case 'file': {
      const collector = collectFacts(catalogers);
      const name = basename(job.path);
      const sink = collector.onEntry({ path: name, kind: 'file', size: 0, sparse: false });
      if (sink !== undefined) readFileInto(job.path, name, sink, collector.onUnread);
      const facts = collector.facts();
      const [unopened] = facts.unread.filter(({ cataloger }) => cataloger === undefined);
      if (unopened !== undefined) {
        throw new PlimsollError('catalog/unreadable-file', `${job.path} cannot be read: ${unopened.reason}`, {
          hint: 'Check that it exists, is a file, and that you may read it.',
        });
      }
      return facts;
    }
  }
}
