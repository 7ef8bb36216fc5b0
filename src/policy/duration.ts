const day = 86_400_000;
const units = { h: 3_600_000, d: day, w: 7 * day } as const;

/** `24h`, `7d`, `2w`: a whole number and a unit. */
export const durationPattern = /^(\d{1,5})([hdw])$/;

/** In milliseconds; `undefined` for what is not a duration. */
export function durationOf(text: string): number | undefined {
  const [, count, unit] = durationPattern.exec(text) ?? [];
  if (count === undefined || (unit !== 'h' && unit !== 'd' && unit !== 'w')) return undefined;
  return Number(count) * units[unit];
}

/** For people: `7 days`, `1 day`, `5 hours`; whole units, rounded down. */
export function durationText(milliseconds: number): string {
  const [unit, size] = milliseconds >= day ? ['day', units.d] : ['hour', units.h];
  const count = Math.floor(milliseconds / size);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
