/** What the commands say that verify a file. */
import { PlimsollError } from '../error.ts';
import type { Statement, VerifiedSigner } from '../trust/index.ts';
import { exitCodes } from './failure.ts';
import { looksFor, type Output, writeOutput } from './output.ts';
import { type BlobAnswer, blobJson, renderBlob } from './render/blob.ts';
import { shown } from './render/text.ts';
import type { Terminal } from './terminal.ts';
import { statementLines } from './verification.ts';

interface Proof {
  readonly signers: readonly VerifiedSigner[];
  readonly statement?: Statement | undefined;
}

/** Writes whether something is proven of a file, and gives the exit code for it. */
export async function writeBlobAnswer(
  file: string,
  outputs: readonly Output<'table' | 'json' | 'statement'>[],
  terminal: Terminal,
  prove: () => Promise<Proof>,
): Promise<number> {
  const answer = await answerOf(file, prove);
  for (const output of outputs) {
    const text = {
      table: () => renderBlob(answer, looksFor(output, terminal)),
      json: () => blobJson(answer),
      statement: () => statementLines(answer.statement === undefined ? [] : [answer.statement]),
    }[output.format]();
    writeOutput(output, text, terminal);
  }
  const { error } = answer;
  if (error === undefined) return exitCodes.holds;
  if (outputs.every(({ format }) => format === 'statement'))
    terminal.err(`error: ${shown(error.message)}\n  hint: ${shown(error.hint)}\n`);
  return error.kind === 'unavailable' ? exitCodes.unavailable : exitCodes.broken;
}

/** Whatever does not hold, or is no signature at all, is an answer: it is not verified. */
async function answerOf(file: string, prove: () => Promise<Proof>): Promise<BlobAnswer> {
  try {
    return { file, ...(await prove()) };
  } catch (error) {
    if (error instanceof PlimsollError) return { file, signers: [], error };
    throw error;
  }
}
