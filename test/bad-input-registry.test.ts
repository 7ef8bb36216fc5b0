/** Registries that are broken, that lie or that want what is not theirs: told in bounded time, with nothing given away. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { startRegistry, type TestRegistryOptions, type TestRequest } from '../src/image/testing-registry.ts';
import { assertRefused, newHome, plimsoll, plimsollProcess, workspace } from './command-line.ts';
import { sampleDatabase, sampleImage } from './sample.ts';

let database = '';
before(async () => {
  database = await sampleDatabase();
});

const image = sampleImage();
const [config, layer] = image.blobs;
assert.ok(config !== undefined && layer !== undefined);

type Part = 'manifest' | 'config' | 'layer';

/** Answers requests for one part of the image itself. */
function instead(part: Part, answer: (response: ServerResponse, request: TestRequest) => void): TestRegistryOptions {
  const digest = part === 'manifest' ? '/manifests/' : part === 'config' ? config?.digest : layer?.digest;
  return {
    misbehave: (request, response) => {
      if (!request.path.includes(digest ?? '')) return false;
      answer(response, request);
      return true;
    },
  };
}
const redirecting = (part: Part, location: string) =>
  instead(part, (response) => void response.writeHead(307, { location }).end());
const sending = (part: Part, bytes: Buffer | string) => instead(part, (response) => void response.end(bytes));
const failing = (status: number, headers: Readonly<Record<string, string>> = {}) =>
  instead(
    'manifest',
    (response) => void response.writeHead(status, headers).end('{"errors":[{"code":"X","message":"no"}]}'),
  );
/** Sends a little, then nothing. */
const stalling = (part: Part) =>
  instead(part, (response, { blob }) => {
    response.writeHead(200, { 'content-length': blob?.length ?? 1000 });
    response.write(blob?.subarray(0, 10) ?? '{');
  });
const breaking = (part: Part) =>
  instead(part, (response, { blob }) => {
    response.writeHead(200, { 'content-length': blob?.length ?? 100 });
    response.write(blob?.subarray(0, 10) ?? '{', () => response.destroy());
  });
const endless = (part: Part) =>
  instead(part, (response) => {
    const more = (): void => {
      if (!response.destroyed) response.write(Buffer.alloc(256 * 1024, ' '), () => setImmediate(more));
    };
    more();
  });

type Case = readonly [what: string, options: TestRegistryOptions, code: 2 | 3, says: RegExp];

const cases: readonly Case[] = [
  ['redirects a layer to a host without TLS', redirecting('layer', 'http://storage.example.com/x'), 3, /without TLS/],
  ['redirects a layer to a file', redirecting('layer', 'file:///etc/passwd'), 3, /redirected to file:/],
  ['redirects in circles', redirecting('manifest', '#'), 3, /redirected more than 5 times/],
  ['sends a manifest without end', endless('manifest'), 2, /sent more than 4194304 bytes/],
  ['sends a layer without end', endless('layer'), 2, /sends more bytes for blob .* of 277 bytes/],
  ['sends too much of a layer', sending('layer', Buffer.concat([layer.bytes, layer.bytes])), 2, /sends 554 bytes/],
  ['sends too little of a layer', sending('layer', layer.bytes.subarray(1)), 2, /sends 276 bytes/],
  ['sends another layer', sending('layer', Buffer.alloc(layer.bytes.length)), 2, /digest|tar archive|decompressed/],
  ['sends another configuration', sending('config', Buffer.alloc(config.bytes.length, ' ')), 2, /has the digest/],
  ['sends a manifest that is no JSON', sending('manifest', '<html>'), 2, /the manifest is not JSON/],
  ['sends a manifest of nothing', sending('manifest', '{}'), 2, /neither an image nor an index/],
  ['wants an hour of patience', failing(429, { 'retry-after': '3600' }), 3, /answered 429/],
  ['forbids', failing(403), 3, /answered 403 .*: no$/m],
];

/** Plimsoll waits, and tries again, before it gives up. */
const trying: readonly Case[] = [
  ['stalls in the manifest', stalling('manifest'), 3, /nothing came for 30 seconds/],
  ['stalls in a layer', stalling('layer'), 3, /nothing came for 30 seconds/],
  ['never answers', { misbehave: () => true }, 3, /nothing came for 30 seconds/],
  ['breaks off a layer each time', breaking('layer'), 3, /The connection to .* failed/],
  ['fails each time', failing(500), 3, /answered 500/],
];

describe('a registry that', () => {
  for (const [what, options, code, says] of [...cases, ...trying]) {
    it(what, async () => {
      await using registry = await startRegistry(options);
      registry.push('team/web', '1', image);
      const args = ['scan', `${registry.host}/team/web:1`, '--db', database];
      const started = performance.now();
      const answer = trying.some(([name]) => name === what)
        ? await plimsollProcess(args, { env: newHome(), impatient: true })
        : await plimsoll(args, newHome());
      assertRefused(answer, code, says);
      assert.ok(performance.now() - started < 15_000);
      assert.ok(registry.requests.length < 20, `${registry.requests.length} requests`);
    });
  }
});

describe('credentials', () => {
  function homeFor(host: string) {
    const file = join(workspace, `auth-${host.replace(/\W/g, '-')}.json`);
    writeFileSync(file, JSON.stringify({ auths: { [host]: { username: 'user', password: 'pass' } } }));
    return newHome({ REGISTRY_AUTH_FILE: file });
  }

  it('do not go to a token service at another host, unless the user says so', async () => {
    await using tokens = await startRegistry({ auth: { kind: 'token' } });
    const realm = () => `http://localhost:${tokens.port}/token`;
    await using registry = await startRegistry({ auth: { kind: 'token', realm } });
    registry.push('team/web', '1', image);
    const args = ['scan', `${registry.host}/team/web:1`, '--db', database];
    const home = homeFor(registry.host);
    assertRefused(await plimsoll(args, home), 3, /not sent to another host[\s\S]*--allow-realm/);
    assert.equal(tokens.requests.length, 0);
    const allowed = await plimsoll([...args, '--allow-realm', 'localhost'], home);
    assert.equal(allowed.code, 0, allowed.err);
    assert.ok(tokens.requests.some(({ authorization }) => authorization?.startsWith('Basic ')));
  });

  it('do not follow a redirect to another host', async () => {
    await using storage = await startRegistry({
      misbehave: (_, response) => {
        response.end(layer.bytes);
        return true;
      },
    });
    await using registry = await startRegistry({
      auth: { kind: 'basic', username: 'user', password: 'pass' },
      misbehave: ({ path, authorization }, response) => {
        if (authorization === undefined || !path.endsWith(layer.digest)) return false;
        response.writeHead(307, { location: `http://localhost:${storage.port}/blob` }).end();
        return true;
      },
    });
    registry.push('team/web', '1', image);
    const answer = await plimsoll(['scan', `${registry.host}/team/web:1`, '--db', database], homeFor(registry.host));
    assert.equal(answer.code, 0, answer.err);
    assert.deepEqual(
      storage.requests.map(({ authorization }) => authorization),
      [undefined],
    );
  });

  it('are asked for in plain text by no host but this machine', async () => {
    const answer = await plimsoll(['scan', 'http://registry.example.com/web:1', '--db', 'starter'], newHome());
    assertRefused(answer, 2, /cannot be looked at/);
  });
});
