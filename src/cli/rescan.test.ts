import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rescanCommand } from './rescan.ts';

test('the command to look once more has all that the answer rests on', () => {
  const cases: readonly (readonly [string, Parameters<typeof rescanCommand>[1], string | undefined])[] = [
    ['alpine:3.20', { cache: true }, 'plimsoll scan alpine:3.20'],
    ["my app's folder; rm -rf", { cache: true }, "plimsoll scan 'my app'\\''s folder; rm -rf'"],
    ['.', { cache: true, db: 'starter' }, 'plimsoll scan --db starter .'],
    [
      'oci:my images/web',
      { cache: false, platform: 'linux/arm64', vex: ['a.json', "it's"] },
      "plimsoll scan --vex a.json --vex 'it'\\''s' --platform linux/arm64 --no-cache 'oci:my images/web'",
    ],
    [
      'host:5000/app',
      { cache: true, ubuntuPro: true, plainHttp: ['host:5000'], allowRealm: ['auth.example.org'] },
      'plimsoll scan --ubuntu-pro --plain-http host:5000 --allow-realm auth.example.org host:5000/app',
    ],
    ['docker-archive:-', { cache: true }, undefined],
    ['docker-archive:-:app:1', { cache: true }, undefined],
    ['sbom:-', { cache: true }, undefined],
  ];
  for (const [target, asked, expected] of cases) assert.equal(rescanCommand(target, asked), expected, target);
});
