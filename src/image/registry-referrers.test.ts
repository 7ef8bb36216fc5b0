/** What registries answer when they are asked for what is attached to an image. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { parseIndex } from './index-document.ts';
import { mediaTypes } from './media-type.ts';
import { nextPage } from './registry-referrers.ts';
import { json, testBlob, testImage } from './testing-image.ts';
import { startRegistry } from './testing-registry.ts';
import { attachable, digestOf, inRegistry, pushAll } from './testing-store.ts';

const image = testImage();
const tag = image.digest.replace(':', '-');
const entry = { mediaType: mediaTypes.ociManifest, digest: digestOf(Buffer.from('a')), size: 1 };

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly link?: string;
  readonly body: Buffer | string;
}

/** A registry whose referrers API answers this. */
function answering({ status = 200, type = mediaTypes.ociIndex, link, body }: Answer): Parameters<typeof inRegistry>[0] {
  return {
    misbehave: ({ path }, response) => {
      if (!path.includes('/referrers/')) return false;
      response.writeHead(status, { 'content-type': type, ...(link === undefined ? {} : { link }) }).end(body);
      return true;
    },
  };
}

test('the next page is found in a Link header as RFC 8288 writes it', () => {
  const rows: readonly (readonly [string | null, string | undefined])[] = [
    [null, undefined],
    ['', undefined],
    ['</next>; rel="next"', '/next'],
    ['</next>;rel=next', '/next'],
    ['</next>; REL="NEXT"', '/next'],
    ['</next>; title="a"; rel="prev next"', '/next'],
    ['</first>; rel="first", </next>; rel="next"', '/next'],
    ['</other>; rel="nextish"', undefined],
    ['</other>; rel=next-archive', undefined],
    ['</next>', undefined],
    ['</next; rel="next"', undefined],
    [`<${'a'.repeat(20_000)}>; rel="next"`, undefined],
  ];
  for (const [header, expected] of rows) assert.equal(nextPage(header), expected, header?.slice(0, 100));
  const start = performance.now();
  for (const part of ['<', '<>', ';rel="', '; rel=" ', '<a>;']) nextPage(part.repeat(16_384));
  assert.ok(performance.now() - start < 1_000);
});

test('a registry that has no referrers API is told from one that cannot answer', async () => {
  for (const [status, type] of [
    [400, 'application/json'],
    [404, 'application/json'],
    [405, 'text/plain'],
    [406, 'text/plain'],
    [200, 'text/html'],
  ] as const) {
    await inRegistry(answering({ status, type, body: '{}' }), async (store) => {
      await pushAll(store, image, '1');
      const note = await attachable(store, image, 'note');
      await store.attach(image, note, mediaTypes.ociManifest);
      assert.deepEqual(
        (await store.referrers(image.digest)).map(({ digest }) => digest),
        [digestOf(note)],
        `${status}`,
      );
    });
  }
  for (const [status, code] of [
    [401, 'image/unauthorized'],
    [403, 'image/forbidden'],
    [500, 'image/registry-error'],
    [503, 'image/registry-error'],
  ] as const) {
    await inRegistry(answering({ status, body: '' }), async (store) => {
      await assert.rejects(store.referrers(image.digest), { code, kind: 'unavailable' }, `${status}`);
    });
  }
});

test('a list that is none is refused, not taken for an empty one', async () => {
  const rows: readonly (readonly [string, Buffer | string])[] = [
    ['nothing', ''],
    ['no JSON', '<html>'],
    ['no index', '[]'],
    ['another version', json({ schemaVersion: 1, manifests: [] })],
    ['no list', json({ schemaVersion: 2, manifests: {} })],
    ['missing list', json({ schemaVersion: 2 })],
    ['an image as well', json({ schemaVersion: 2, manifests: [entry], layers: [] })],
    ['another media type', json({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, manifests: [] })],
    ['an entry that is none', json({ schemaVersion: 2, manifests: [entry, null] })],
    ['a digest that leads elsewhere', json({ schemaVersion: 2, manifests: [{ ...entry, digest: 'sha256:../../x' }] })],
    ['a negative size', json({ schemaVersion: 2, manifests: [{ ...entry, size: -1 }] })],
  ];
  for (const [name, body] of rows) {
    await inRegistry(answering({ body }), async (store) => {
      await assert.rejects(store.referrers(image.digest), { code: 'image/bad-index' }, name);
    });
  }
  await inRegistry({}, async (store) => {
    await pushAll(store, image, tag);
    await assert.rejects(store.referrers(image.digest), { code: 'image/bad-index' });
    const note = await attachable(store, image, 'note');
    await assert.rejects(store.attach(image, note, mediaTypes.ociManifest), { code: 'image/bad-index' });
    assert.equal((await store.manifest(tag))?.digest, image.digest);
  });
});

test('any bytes are an index or refused', () => {
  const almost = fc.record({
    schemaVersion: fc.constant(2),
    mediaType: fc.oneof(fc.constant(mediaTypes.ociIndex), fc.jsonValue()),
    manifests: fc.oneof(fc.array(fc.oneof(fc.constant(entry), fc.jsonValue())), fc.jsonValue()),
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), almost.map(json), fc.json().map(Buffer.from)), (bytes) => {
      try {
        parseIndex(Buffer.from(bytes), 'It');
      } catch (thrown) {
        assert.ok(thrown instanceof PlimsollError);
      }
    }),
    { numRuns: 500 },
  );
});

test('a page in another place is asked for without credentials, and not inside our network', async () => {
  await using other = await startRegistry({ referrers: true });
  const page = json({ schemaVersion: 2, manifests: [entry] });
  const link = `<http://localhost:${other.port}/v2/team/app/referrers/${image.digest}>; rel="next"`;
  await inRegistry(answering({ body: page, link }), async (store) => {
    assert.deepEqual(await store.referrers(image.digest), [entry]);
    assert.deepEqual(
      other.requests.map(({ authorization }) => authorization),
      [undefined],
    );
  });
  for (const target of ['http://registry.example.com/next', 'file:///etc/passwd', 'http://user:pass@127.0.0.1/']) {
    await inRegistry(answering({ body: page, link: `<${target}>; rel="next"` }), async (store) => {
      await assert.rejects(store.referrers(image.digest), { code: 'image/refused-redirect' }, target);
    });
  }
});

test('what is listed by the API and under the tag is told once, and older lists without types are not hidden', async () => {
  await inRegistry({ referrers: true }, async (store, _, registry) => {
    await pushAll(store, image, '1');
    const note = await attachable(store, image, 'new');
    const { digest } = await store.attach(image, note, mediaTypes.ociManifest);
    assert.equal(await store.manifest(tag), undefined);
    const listed = { ...entry, digest, size: note.length };
    const index = testBlob(mediaTypes.ociIndex, json({ schemaVersion: 2, manifests: [listed, entry] }));
    registry.manifests.set(`team/app@${tag}`, index);
    const digestsOf = async (type: string) => (await store.referrers(image.digest, type)).map((each) => each.digest);
    assert.deepEqual(await digestsOf('application/vnd.example.note'), [digest, entry.digest]);
    assert.deepEqual(await digestsOf('application/vnd.example.other'), [digest, entry.digest]);
    registry.manifests.delete(`team/app@${tag}`);
    assert.deepEqual(await digestsOf('application/vnd.example.other'), []);
  });
});

test('a registry that says it listed something under another subject is not believed', async () => {
  await inRegistry(
    {
      misbehave: ({ method, path }, response) => {
        if (method === 'PUT' && path.includes('/manifests/'))
          response.setHeader('oci-subject', digestOf(Buffer.from('other')));
        return false;
      },
    },
    async (store) => {
      await pushAll(store, image, '1');
      const note = await attachable(store, image, 'note');
      await store.attach(image, note, mediaTypes.ociManifest);
      assert.equal((await store.referrers(image.digest)).length, 1);
      assert.ok((await store.manifest(tag)) !== undefined);
    },
  );
});
