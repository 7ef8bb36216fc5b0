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

  constructor(
    code: string,
    message: string,
    options: { readonly hint: string; readonly kind?: ErrorKind; readonly cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.kind = options.kind ?? 'input';
  }
}

/** The message of whatever was thrown, for wrapping it as a `cause` in a {@link PlimsollError}. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
