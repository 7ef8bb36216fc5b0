import type { Outcome, ProvenanceCheck } from '../../trust/index.ts';
import type { Style } from '../terminal.ts';
import { type Looks, lineOf, wholeLine, wrapped } from './layout.ts';

/** A provenance whose signature holds and which is about the artifact, and how it compares to what is expected of it. */
export interface CheckedProvenance {
  /** The referrer's digest, the tag, or the place in the bundle's file. */
  readonly place: string;
  readonly signer: SignerText;
  readonly predicateType: string;
  readonly outcome: Outcome;
  readonly checks: readonly ProvenanceCheck[];
}

export type SignerText =
  | { readonly kind: 'key'; readonly name: string; readonly fingerprint: string }
  | { readonly kind: 'identity'; readonly issuer: string; readonly identity: string };

export interface ProvenanceAnswer {
  /** As it was named. */
  readonly artifact: string;
  readonly digest: string;
  /** `holds`: one provenance holds in everything that was asked. `fails` also where there is none. */
  readonly outcome: Outcome;
  readonly provenance: readonly CheckedProvenance[];
  readonly rejected: readonly { readonly place: string; readonly reason: string }[];
}

const looksOf = {
  holds: { style: 'green', word: 'ok' },
  fails: { style: 'red', word: 'no' },
  unknown: { style: 'yellow', word: '?' },
} as const satisfies Record<Outcome, { readonly style: Style; readonly word: string }>;
const answers = { holds: 'VERIFIED', fails: 'NOT VERIFIED', unknown: 'NOT KNOWN' } as const satisfies Record<
  Outcome,
  string
>;

export function renderProvenance(answer: ProvenanceAnswer, looks: Looks): string {
  const { style } = looksOf[answer.outcome];
  const lines = [
    wholeLine(looks, [style, answers[answer.outcome]], '  ', ['bold', answer.artifact], `  ${answer.digest}`),
    ...answer.provenance.flatMap((each) => ['', ...provenanceLines(each, looks)]),
    ...(answer.provenance.length === 0
      ? ['', ...wrapped(looks, 'There is no provenance of it by anybody trusted.')]
      : []),
    ...(answer.rejected.length === 0 ? [] : ['', ...rejectedLines(answer.rejected, looks)]),
  ];
  return `${lines.join('\n')}\n`;
}

function provenanceLines({ place, signer, checks }: CheckedProvenance, looks: Looks): readonly string[] {
  const by = signer.kind === 'key' ? `the key ${signer.name}` : `${signer.identity} (${signer.issuer})`;
  return [
    ...wrapped(looks, `Provenance signed by ${by}`),
    ...wrapped(looks, place, { indent: '  ', style: 'dim' }),
    ...checks.flatMap(({ name, outcome, message }) => {
      const { style, word } = looksOf[outcome];
      return wrapped(looks, `${word.padEnd(4)}${name.padEnd(13)}${message}`, {
        indent: '  ',
        hanging: ' '.repeat(19),
        style,
      });
    }),
  ];
}

function rejectedLines(rejected: ProvenanceAnswer['rejected'], looks: Looks): readonly string[] {
  const shown = rejected.slice(0, 10);
  return [
    lineOf(looks, 'Not taken into account'),
    ...shown.flatMap(({ place, reason }) =>
      wrapped(looks, `${place}: ${reason}`, { indent: '  ', hanging: '    ', most: 3 }),
    ),
    ...(rejected.length > shown.length ? [lineOf(looks, `  … and ${rejected.length - shown.length} more`)] : []),
  ];
}
