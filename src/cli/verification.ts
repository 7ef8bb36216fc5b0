/** What the commands share that verify something attached to an image. */
import { PlimsollError } from '../error.ts';
import { type OpenedStore, platformIn } from '../image/index.ts';
import { predicateTypeNames, predicateTypeUri, signaturePredicateType } from '../sbom/index.ts';
import { type ImageToVerify, type Statement, statementBytes } from '../trust/index.ts';
import { exitCodes } from './failure.ts';
import { looksFor, type Output, writeOutput } from './output.ts';
import { type ImageAnswer, outcomeOf, renderVerification, verificationJson } from './render/verification.ts';
import type { Terminal } from './terminal.ts';

/** The image that is meant: as it was named, or the one for a platform in the index that was named. */
export async function placeOf(opened: OpenedStore, platform: string | undefined): Promise<ImageToVerify> {
  const root = await opened.image();
  if (platform === undefined) return { digest: root.digest };
  const digest = await platformIn(opened.store, root, platform);
  return digest === root.digest ? { digest } : { digest, index: root.digest };
}

/** @throws PlimsollError `cli/unknown-type`, also for the type of signatures */
export function checkType(type: string): void {
  const uri = predicateTypeUri(type);
  if (uri !== undefined && uri !== signaturePredicateType) return;
  throw new PlimsollError('cli/unknown-type', `"${type.slice(0, 200)}" is not the type of an attestation`, {
    hint:
      uri === undefined
        ? `Give one of ${predicateTypeNames.join(', ')}, or a URI.`
        : 'It is that of signatures, which "plimsoll verify" verifies.',
  });
}

/** In-toto statements, one a line. */
export function statementLines(statements: readonly Statement[]): string {
  return statements.map((statement) => `${statementBytes(statement).toString('utf8')}\n`).join('');
}

export function writeAnswer(
  answer: ImageAnswer,
  outputs: readonly Output<'table' | 'json'>[],
  terminal: Terminal,
): number {
  for (const output of outputs) {
    const text =
      output.format === 'json' ? verificationJson(answer) : renderVerification(answer, looksFor(output, terminal));
    writeOutput(output, text, terminal);
  }
  return { verified: exitCodes.holds, 'not-verified': exitCodes.broken, unknown: exitCodes.unavailable }[
    outcomeOf(answer)
  ];
}
