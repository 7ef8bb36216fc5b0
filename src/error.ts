/**
 * Whose turn it is: `input` (usage, or an input that is broken or refused: exit code 2) or `unavailable`
 * (the answer could not be found out, for example network or missing data: exit code 3).
 */
export type ErrorKind = 'input' | 'unavailable';

/**
 * The one error that Plimsoll throws on purpose. The command line, HTTP problem details and the OCI error format
 * are renderings of it. Anything else that is thrown is a defect.
 */
export class PlimsollError extends Error {
  override readonly name = 'PlimsollError';
  /** Stable, `room/what-is-wrong`, for example `image/digest-mismatch`. */
  readonly code: string;
  /** What to do about it, as a sentence. */
  readonly hint: string;
  readonly kind: ErrorKind;
  /** More about it, each a line of its own: the message is one line. */
  readonly details: readonly string[];

  constructor(
    code: string,
    message: string,
    options: {
      readonly hint: string;
      readonly kind?: ErrorKind;
      readonly details?: readonly string[];
      readonly cause?: unknown;
    },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.kind = options.kind ?? 'input';
    this.details = options.details ?? [];
  }
}

/** The message of whatever was thrown, for wrapping it as a `cause` in a {@link PlimsollError}. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * What is wrong with a path itself (errno(3)), so that whoever named it has to name another. The rest, a full disk first
 * of all, is wrong with the place.
 */
const pathMistakes: ReadonlySet<unknown> = new Set([
  'EACCES',
  'EEXIST',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);

/** For a path that the user named, and what was thrown when it was to be written. */
export function unwritable(code: string, path: string, thrown: unknown): PlimsollError {
  const isMistake = thrown instanceof Error && 'code' in thrown && pathMistakes.has(thrown.code);
  return new PlimsollError(code, `${path} cannot be written: ${messageOf(thrown)}`, {
    hint: isMistake
      ? 'Check that its folder exists and that you may write there.'
      : 'Check that there is room, that the disk is in order, and that you may write there.',
    kind: isMistake ? 'input' : 'unavailable',
    cause: thrown,
  });
}
