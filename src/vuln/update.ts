import { copyFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, PlimsollError, unwritable } from '../error.ts';
import { limits } from '../limits.ts';
import type { AdvisoryData } from '../sbom/index.ts';
import { ahead } from './ahead.ts';
import { buildInto } from './builder.ts';
import { type AdvisoryDatabase, openDatabase } from './database.ts';
import { cancelled, type DownloadOptions } from './download.ts';
import { parseEpss, parseKev } from './enrichment.ts';
import { type EnrichmentChoice, enrichmentFile } from './enrichment-feed.ts';
import { type Feed, openFeed, publicBucket } from './feed.ts';
import { type FeedResult, type Plan, readFeed, type Unread } from './feed-reader.ts';
import { differenceOf, parseListing } from './listing.ts';
import { makeWorkFolder, refuseOtherThanFile, type WorkFolder } from './work-folder.ts';

export interface UpdateOptions extends EnrichmentChoice, Pick<DownloadOptions, 'signal' | 'idleMs' | 'retryDelayMs'> {
  /** An address or a folder in the layout of the OSV bucket. Default: that bucket. */
  readonly from?: string | undefined;
  /** The database file to make or to replace. */
  readonly to: string;
  /** Without release (`Debian`). The database will have these and no others. Default: all that packages are looked up in. */
  readonly ecosystems?: readonly string[] | undefined;
  readonly onProgress?: ((progress: UpdateProgress) => void) | undefined;
  readonly now?: (() => Date) | undefined;
}

export interface UpdateProgress {
  /** `list`: what has changed (in ecosystems); `download` (in bytes); `read` (in records); `finish` (in steps). */
  readonly step: 'list' | 'download' | 'read' | 'finish';
  readonly ecosystem?: string | undefined;
  readonly done: number;
  /** Absent where it is not known yet. */
  readonly total?: number | undefined;
}

export interface UpdateResult {
  readonly path: string;
  readonly data: AdvisoryData;
  readonly feeds: readonly FeedResult[];
  /** What could not be read, with its reason: the first hundred of `unreadCount`. */
  readonly unread: readonly Unread[];
  readonly unreadCount: number;
}

/** Of the public bucket: about other things than the packages of an image or a project. */
const otherMatters = new Set(['Android', 'GIT', 'GSD', 'Linux', 'OSS-Fuzz', 'UVI']);
const rootList = 'ecosystems.txt';
const shownUnread = 100;

/** @throws PlimsollError `vuln/database-unwritable` */
function workFolderFor(path: string): WorkFolder {
  try {
    return makeWorkFolder(path);
  } catch (thrown) {
    throw unwritable('vuln/database-unwritable', path, thrown);
  }
}

/**
 * Builds the advisory database beside the old one and puts it in its place when it is whole. Reads only what changed
 * since, where the old one was built from the same source. All or nothing: if one ecosystem cannot be had, the old
 * database stays as it was. Two updates at once do not disturb each other; the last to finish wins.
 *
 * @throws PlimsollError `vuln/no-feed`, `vuln/no-archive`, `vuln/bad-archive`, `vuln/download-failed`, `vuln/bad-kev`,
 *   `vuln/bad-epss`, `vuln/no-regular-file`, `vuln/database-unwritable`, `vuln/update-cancelled`, `vuln/update-failed`
 */
export async function updateDatabase(given: UpdateOptions): Promise<UpdateResult> {
  const options = { ...given, to: resolve(given.to) };
  try {
    refuseOtherThanFile(options.to);
    const folder = workFolderFor(options.to);
    try {
      const file = join(folder.path, 'advisories.db');
      const feed = openFeed(options.from ?? publicBucket, folder.path, options);
      const result = await build(feed, file, options);
      if (options.signal?.aborted === true) throw cancelled();
      folder.replaceTarget(file);
      return result;
    } finally {
      folder.remove();
    }
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    throw new PlimsollError(
      'vuln/update-failed',
      `The advisory database "${options.to}" could not be built: ${messageOf(thrown)}`,
      {
        hint: 'Check that its folder can be written to and has room. The old one, if any, was kept.',
        kind: 'unavailable',
        cause: thrown,
      },
    );
  }
}

async function build(feed: Feed, file: string, options: UpdateOptions): Promise<UpdateResult> {
  const { onProgress, signal } = options;
  const { chosen, refused } = await chosenEcosystems(feed, options.ecosystems);
  const { plans, dropped } = await planned(feed, chosen, options);
  const anew = plans.every(({ difference }) => difference.kind === 'all');
  if (!anew) copyFileSync(options.to, file);
  const database = new DatabaseSync(file);
  try {
    const builder = buildInto(database);
    if (!anew) {
      for (const ecosystem of dropped) builder.clear(ecosystem);
      for (const ecosystem of [...dropped, rootList]) builder.clearUnread(ecosystem);
    }
    const unread: Unread[] = [];
    let unreadCount = 0;
    const onUnread = (one: Unread) => {
      if (unreadCount++ < shownUnread) unread.push(one);
    };
    for (const id of refused) {
      const one = { ecosystem: rootList, id, reason: 'It is not the name of an ecosystem.' };
      builder.unread(one.ecosystem, one.id, one.reason);
      onUnread(one);
    }
    const archiveOf = (ecosystem: string, signal: AbortSignal | undefined) =>
      feed.archive(ecosystem, {
        signal,
        onBytes: (done, total) => onProgress?.({ step: 'download', ecosystem, done, total }),
      });
    const fetchAhead = async ({ ecosystem, difference }: Plan, signal: AbortSignal) =>
      difference.kind === 'all' ? archiveOf(ecosystem, signal) : undefined;
    const feeds: FeedResult[] = [];
    for await (const { item: plan, result: path } of ahead(plans, 3, fetchAhead, signal)) {
      const { ecosystem } = plan;
      const archive = async () => path ?? archiveOf(ecosystem, signal);
      const onRead = (done: number, total: number | undefined) =>
        onProgress?.({ step: 'read', ecosystem, done, total });
      feeds.push(await readFeed({ feed, plan, builder, archive, signal, onUnread, onRead }));
    }
    const kev = await enrichmentFile('kev', options.kev, feed, options);
    builder.exploited(kev === undefined ? undefined : parseKev(kev));
    const epss = await enrichmentFile('epss', options.epss, feed, options);
    builder.epss(epss === undefined ? undefined : parseEpss(epss));
    onProgress?.({ step: 'finish', done: 0, total: 1 });
    const data = builder.finish({ built: options.now?.() ?? new Date(), source: feed.source, starter: false });
    onProgress?.({ step: 'finish', done: 1, total: 1 });
    return { path: options.to, data, feeds, unread, unreadCount };
  } finally {
    database.close();
  }
}

/** What each feed says has changed since the last database, and the feeds of that one that are no longer wanted. */
async function planned(
  feed: Feed,
  chosen: readonly string[],
  { to, signal, onProgress }: UpdateOptions,
): Promise<{ readonly plans: readonly Plan[]; readonly dropped: readonly string[] }> {
  const previous = openPrevious(to, feed.source);
  try {
    const plans: Plan[] = [];
    const list = (ecosystem: string) => feed.listing(ecosystem);
    for await (const { item: ecosystem, result: csv } of ahead(chosen, 4, list, signal)) {
      const listing = csv === undefined ? undefined : parseListing(csv);
      const stored = previous?.modified(ecosystem) ?? new Map<string, string>();
      const difference = differenceOf(listing, stored, limits.feedDifference);
      plans.push({ ecosystem, listing, difference, stored: stored.size });
      onProgress?.({ step: 'list', ecosystem, done: plans.length, total: chosen.length });
    }
    return { plans, dropped: previous?.data.ecosystems.filter((name) => !chosen.includes(name)) ?? [] };
  } finally {
    previous?.close();
  }
}

/** The database to go on from: whole, and from the same source, whose times can be compared. */
function openPrevious(path: string, source: string): AdvisoryDatabase | undefined {
  let database: AdvisoryDatabase | undefined;
  try {
    database = openDatabase(path);
    database.check();
    if (database.status().source === source) return database;
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
  }
  database?.close();
  return undefined;
}

async function chosenEcosystems(
  feed: Feed,
  wanted: readonly string[] | undefined,
): Promise<{ readonly chosen: readonly string[]; readonly refused: readonly string[] }> {
  const bad = wanted?.find((name) => !isEcosystemName(name));
  if (bad !== undefined || wanted?.length === 0) {
    throw new PlimsollError('vuln/bad-ecosystem', `"${bad?.slice(0, 100) ?? ''}" is not the name of an ecosystem.`, {
      hint: 'Name them as OSV does, without release: Debian, Rocky Linux, npm, crates.io.',
    });
  }
  if (wanted !== undefined) return { chosen: [...new Set(wanted)].sort(), refused: [] };
  const listed = await feed.ecosystems();
  const chosen = listed.filter((name) => isEcosystemName(name) && !otherMatters.has(name)).sort();
  if (chosen.length === 0) {
    throw new PlimsollError('vuln/no-feed', `"${feed.source}" lists no ecosystem in its ecosystems.txt.`, {
      hint: 'Give the address or a folder in the layout of the OSV bucket.',
    });
  }
  return { chosen, refused: listed.filter((name) => !isEcosystemName(name)) };
}

/** It becomes part of addresses and paths. */
function isEcosystemName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,99}$/.test(name) && !name.includes('..');
}
