import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationOf, durationText } from './duration.ts';

const hour = 3_600_000;

test('a duration is a whole number of hours, days or weeks', () => {
  assert.equal(durationOf('24h'), 24 * hour);
  assert.equal(durationOf('7d'), 7 * 24 * hour);
  assert.equal(durationOf('2w'), 14 * 24 * hour);
  assert.equal(durationOf('0d'), 0);
  for (const text of ['', '7', 'd', '7 d', '7m', '7D', '-7d', '1.5d', '7d7h', '1000000d', '٧d']) {
    assert.equal(durationOf(text), undefined, text);
  }
});

test('a duration is told to people in days, below one in hours', () => {
  assert.equal(durationText(7 * 24 * hour), '7 days');
  assert.equal(durationText(24 * hour), '1 day');
  assert.equal(durationText(47 * hour), '1 day');
  assert.equal(durationText(5 * hour), '5 hours');
  assert.equal(durationText(0), '0 hours');
});
