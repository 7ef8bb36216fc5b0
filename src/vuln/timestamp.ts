const rfc3339 = /^(\d{4})-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/**
 * The timestamp if it is a real one (RFC 3339), otherwise undefined: feeds write `0001-01-01T00:00:00Z` (Go's zero
 * time) and `1970-01-01T00:00:00Z` where they do not know.
 */
export function knownTime(timestamp: string | undefined): string | undefined {
  const year = Number(timestamp === undefined ? undefined : rfc3339.exec(timestamp)?.[1]);
  return year >= 1990 && !Number.isNaN(Date.parse(timestamp ?? '')) ? timestamp : undefined;
}

/** For comparing: equal instants give equal texts, and later ones sort later. Undefined where the time is not known. */
export function timeKey(timestamp: string | undefined): string | undefined {
  const known = knownTime(timestamp);
  if (known === undefined) return undefined;
  const fraction = rfc3339.exec(known)?.[2]?.replace(/0+$/, '') ?? '';
  const seconds = new Date(known).toISOString().slice(0, 19);
  return fraction === '' ? seconds : `${seconds}.${fraction}`;
}
