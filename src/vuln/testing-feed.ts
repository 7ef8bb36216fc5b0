/** For tests: OSV data in the layout of its bucket, as a folder or from a server on this machine. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';

export interface TestRecord {
  readonly id: string;
  readonly modified?: string;
  readonly [field: string]: unknown;
}

export function temporaryFolder(test: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-vuln-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A record that says package `name` is affected before 2.0.0. */
export function recordOf(
  ecosystem: string,
  id: string,
  name: string,
  fields: Record<string, unknown> = {},
): TestRecord {
  return {
    schema_version: '1.7.0',
    id,
    modified: '2024-01-01T00:00:00Z',
    published: '2024-01-01T00:00:00Z',
    affected: [
      {
        package: { ecosystem, name },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.0.0' }] }],
      },
    ],
    ...fields,
  };
}

/** Writes `ecosystems.txt`, and `all.zip` and `modified_id.csv` for each ecosystem. */
export function writeFeed(folder: string, ecosystems: Readonly<Record<string, readonly TestRecord[]>>): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'ecosystems.txt'), `${Object.keys(ecosystems).join('\n')}\n`);
  for (const [ecosystem, records] of Object.entries(ecosystems)) writeEcosystem(folder, ecosystem, records);
}

export function writeEcosystem(folder: string, ecosystem: string, records: readonly TestRecord[]): void {
  mkdirSync(join(folder, ecosystem), { recursive: true });
  const files = records.map((record) => ({ name: `${record.id}.json`, data: Buffer.from(JSON.stringify(record)) }));
  writeFileSync(join(folder, ecosystem, 'all.zip'), zipOf(files));
  for (const { name, data } of files) writeFileSync(join(folder, ecosystem, name), data);
  writeFileSync(join(folder, ecosystem, 'modified_id.csv'), listingOf(records));
}

export function listingOf(records: readonly TestRecord[]): string {
  return records.map(({ id, modified }) => `${modified},${id}\n`).join('');
}

/** PKWARE APPNOTE 6.3.10: deflated entries, then the central directory. */
export function zipOf(files: readonly { readonly name: string; readonly data: Buffer }[]): Buffer {
  const entries: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data } of files) {
    const packed = deflateRawSync(data, { level: 1 });
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    entries.push(Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), common, rest, Buffer.from(name));
    offset += 30 + Buffer.byteLength(name) + packed.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...entries, central, end]);
}

/** Serves a folder; `answer` may take a request for itself. Remembers which paths were asked for. */
export async function serveFolder(
  test: TestContext,
  folder: string,
  answer: (path: string, ...args: Parameters<RequestListener>) => boolean = () => false,
): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    asked.push(path);
    if (answer(path, request, response)) return;
    const file = join(folder, path);
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return { url: `http://127.0.0.1:${address.port}`, asked };
}
