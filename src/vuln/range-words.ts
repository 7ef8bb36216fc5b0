import type { Affected, RangeEvent } from './advisory.ts';

/** Versions named one by one; more are counted. */
const named = 10;

/** The affected versions as a person would say them: `from 2.0 before 2.15.0; from 3.0 up to 3.1 and including it`. */
export function rangesInWords({ ranges, versions }: Pick<Affected, 'ranges' | 'versions'>): string {
  const spans = [...new Set(ranges.flatMap(({ events }) => spansOf(events)))];
  if (spans.length > 0) return spans.join('; ');
  if (versions.length === 0) return 'no version';
  const rest = versions.length - named;
  return rest > 0 ? `${versions.slice(0, named).join(', ')} and ${rest} more` : versions.join(', ');
}

function spansOf(events: readonly RangeEvent[]): readonly string[] {
  const spans: string[] = [];
  let from: string | undefined;
  const close = (end: string) => {
    const start = from === undefined || from === '0' ? '' : `from ${from} `;
    spans.push(`${start}${end}`);
    from = undefined;
  };
  for (const event of events) {
    if ('introduced' in event) {
      if (from !== undefined) close('on');
      from = event.introduced;
    } else if ('fixed' in event) {
      // Alpine's and Wolfi's way to say it.
      if (event.fixed === '0') return ['never affected'];
      close(`before ${event.fixed}`);
    } else if ('lastAffected' in event) {
      close(`up to ${event.lastAffected} and including it`);
    } else if (event.limit !== '*') {
      close(`before ${event.limit}, where what comes after is not said`);
    }
  }
  if (from === '0') spans.push('all versions');
  else if (from !== undefined) close('on');
  return spans;
}
