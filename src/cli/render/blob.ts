import type { PlimsollError } from '../../error.ts';
import type { Statement, VerifiedSigner } from '../../trust/index.ts';
import { type Looks, wholeLine, wrapped } from './layout.ts';
import { signerJson, signerText } from './verification.ts';

/** Who signed a file, or states something of it; with an `error` nobody who is trusted. */
export interface BlobAnswer {
  readonly file: string;
  readonly signers: readonly VerifiedSigner[];
  readonly statement?: Statement | undefined;
  readonly error?: PlimsollError | undefined;
}

export function renderBlob({ file, signers, statement, error }: BlobAnswer, looks: Looks): string {
  const lines =
    error === undefined
      ? [
          wholeLine(looks, ['green', 'VERIFIED'], '  ', ['bold', file]),
          ...(statement === undefined ? [] : [wholeLine(looks, `  ${statement.predicateType}`)]),
          ...signers.flatMap((signer) => wrapped(looks, `by ${signerText(signer)}`, { indent: '  ', hanging: '    ' })),
        ]
      : [
          error.kind === 'unavailable'
            ? wholeLine(looks, ['yellow', 'NOT KNOWN'], '  ', ['bold', file])
            : wholeLine(looks, ['red', 'NOT VERIFIED'], '  ', ['bold', file]),
          ...wrapped(looks, error.message, { indent: '  ' }),
          ...wrapped(looks, error.hint, { indent: '  hint: ', hanging: '  ' }),
        ];
  return `${lines.join('\n')}\n`;
}

/** `docs/signing.md` describes it. */
export function blobJson({ file, signers, statement, error }: BlobAnswer): string {
  const document = {
    file,
    outcome: error === undefined ? 'verified' : error.kind === 'unavailable' ? 'unknown' : 'not-verified',
    ...(statement !== undefined && { predicateType: statement.predicateType }),
    signers: signers.map(signerJson),
    ...(error !== undefined && { code: error.code, message: error.message, hint: error.hint }),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
