import { setImmediate as breathe } from 'node:timers/promises';
import { PlimsollError } from '../error.ts';
import type { DatabaseBuilder } from './builder.ts';
import { cancelled } from './download.ts';
import { badArchive, type Feed, recordsIn } from './feed.ts';
import type { Difference, Listing } from './listing.ts';
import { readOsv } from './osv.ts';

/** What to bring from one feed. */
export interface Plan {
  readonly ecosystem: string;
  readonly listing: Listing | undefined;
  readonly difference: Difference;
  /** Records that the last database has of it. */
  readonly stored: number;
}

export interface FeedResult {
  readonly ecosystem: string;
  /** `all`: its whole archive was read; `changes`: only what changed since the last update. */
  readonly route: Difference['kind'];
  readonly read: number;
  readonly removed: number;
  readonly unread: number;
}

/** A record that could not be read: it is missing in the database, and counted. */
export interface Unread {
  readonly ecosystem: string;
  readonly id: string;
  readonly reason: string;
}

interface Context {
  readonly feed: Feed;
  readonly plan: Plan;
  readonly builder: DatabaseBuilder;
  /** Gets `all.zip`. */
  readonly archive: () => Promise<string>;
  readonly signal: AbortSignal | undefined;
  readonly onUnread: (unread: Unread) => void;
  readonly onRead: (done: number, total: number | undefined) => void;
}

/** Records between two looks at what else there is to do. */
const stretch = 500;

/**
 * Brings one feed into the database.
 * @throws PlimsollError where the feed as a whole cannot be read
 */
export async function readFeed(context: Context): Promise<FeedResult> {
  const { builder, plan } = context;
  const { ecosystem, difference, listing } = plan;
  let unread = 0;
  const refuse = (id: string, reason: string) => {
    unread++;
    builder.unread(ecosystem, id, reason);
    context.onUnread({ ecosystem, id, reason });
  };
  builder.clearUnread(ecosystem);
  for (const id of listing?.refused ?? []) refuse(id, 'It is not the name of an advisory.');
  const changes = difference.kind === 'changes' ? await readChanges(context, difference, refuse) : undefined;
  // A change that is listed and not there: the archive decides.
  const read = changes ?? (await readAll(context, refuse));
  const route = changes === undefined ? 'all' : 'changes';
  const removed = route === 'changes' && difference.kind === 'changes' ? difference.removed.length : 0;
  return { ecosystem, route, read, removed, unread };
}

type Refuse = (id: string, reason: string) => void;

async function readChanges(
  context: Context,
  { changed, removed }: Difference & { kind: 'changes' },
  refuse: Refuse,
): Promise<number | undefined> {
  const { builder, feed, plan } = context;
  for (const id of removed) builder.remove(plan.ecosystem, id);
  let done = 0;
  let read = 0;
  for await (const { id, json } of feed.records(plan.ecosystem, changed)) {
    if (json === undefined) return undefined;
    builder.remove(plan.ecosystem, id);
    if (take(context, id, () => json, refuse)) read++;
    context.onRead(++done, changed.length);
    if (context.signal?.aborted === true) throw cancelled();
  }
  return read;
}

async function readAll(context: Context, refuse: Refuse): Promise<number> {
  const { builder, plan, signal } = context;
  const { ecosystem, listing } = plan;
  builder.clear(ecosystem);
  const path = await context.archive();
  const missing = new Set(listing?.modified.keys());
  let done = 0;
  let read = 0;
  for (const { id, json } of recordsIn(path)) {
    missing.delete(id);
    if (take(context, id, json, refuse)) read++;
    if (++done % stretch > 0) continue;
    context.onRead(done, listing?.modified.size);
    await breathe();
    if (signal?.aborted === true) throw cancelled();
  }
  context.onRead(done, done);
  if (read === 0 && done + missing.size + plan.stored > 0) {
    throw badArchive(path, new Error('there is not one advisory in it that can be read'));
  }
  for (const id of missing) refuse(id, 'It is listed in modified_id.csv and missing in all.zip.');
  return read;
}

function take({ builder, plan }: Context, id: string, json: () => Uint8Array, refuse: Refuse): boolean {
  try {
    const record = readOsv(json());
    const own = record.advisory.id;
    if (own !== id) refuse(id, `The record calls itself ${own}.`);
    else if (!builder.add(plan.ecosystem, record)) refuse(id, 'It is there twice; the first counts.');
    else return true;
    return false;
  } catch (thrown) {
    // What is wrong with the archive as a whole is not the record's.
    if (!(thrown instanceof PlimsollError) || thrown.code === 'vuln/bad-archive') throw thrown;
    refuse(id, thrown.message);
    return false;
  }
}
