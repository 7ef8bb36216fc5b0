import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPlatform, hostPlatform, parsePlatform, suitability } from './platform.ts';

test('platforms are read as people and other tools write them', () => {
  const cases: Record<string, string> = {
    'linux/amd64': 'linux/amd64',
    'linux/arm64/v8': 'linux/arm64/v8',
    'Linux/x86_64': 'linux/amd64',
    aarch64: 'linux/arm64',
    'linux/armhf': 'linux/arm/v7',
    'windows/amd64': 'windows/amd64',
  };
  for (const [text, name] of Object.entries(cases)) assert.equal(formatPlatform(parsePlatform(text)), name);
  for (const text of ['', '/', 'linux/', 'a/b/c/d', 'linux/amd 64', 'linux/amd64/']) {
    assert.throws(() => parsePlatform(text), { code: 'image/bad-platform' }, text);
  }
});

test('this machine asks for Linux on its own processor', () => {
  assert.equal(formatPlatform(hostPlatform('x64')), 'linux/amd64');
  assert.equal(formatPlatform(hostPlatform('arm64')), 'linux/arm64');
  assert.equal(formatPlatform(hostPlatform('s390x')), 'linux/s390x');
});

test('a processor takes its own variant first, then the nearest older one, never a newer one', () => {
  const best = (wanted: string, offers: readonly string[]) => {
    const rated = offers.map((offer) => ({ offer, fit: suitability(parsePlatform(offer), parsePlatform(wanted)) }));
    return rated.reduce<{ offer?: string; fit: number }>(
      (top, { offer, fit }) => (fit !== undefined && fit > top.fit ? { offer, fit } : top),
      { fit: -1 },
    ).offer;
  };
  assert.equal(best('linux/arm64', ['linux/arm64/v8']), 'linux/arm64/v8');
  assert.equal(best('linux/arm64/v8', ['linux/arm64']), 'linux/arm64');
  assert.equal(best('linux/arm64/v9', ['linux/arm64', 'linux/arm64/v8.2']), 'linux/arm64/v8.2');
  assert.equal(best('linux/arm64', ['linux/arm64/v9']), undefined);
  assert.equal(best('linux/arm/v7', ['linux/arm/v5', 'linux/arm/v6']), 'linux/arm/v6');
  assert.equal(best('linux/arm/v6', ['linux/arm/v7', 'linux/arm/v5']), 'linux/arm/v5');
  assert.equal(best('linux/arm', ['linux/arm/v6', 'linux/arm/v7']), 'linux/arm/v7');
  assert.equal(best('linux/amd64', ['linux/amd64/v3', 'linux/amd64']), 'linux/amd64');
  assert.equal(best('linux/amd64', ['linux/amd64/v2']), undefined);
  assert.equal(best('linux/amd64/v3', ['linux/amd64', 'linux/amd64/v2']), 'linux/amd64/v2');
  assert.equal(best('linux/amd64', ['windows/amd64', 'linux/arm64']), undefined);
});
