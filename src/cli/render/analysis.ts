import type { ExceptionNote, VexAnswer } from '../../policy/index.ts';
import { type Analysis, type Finding, justifications } from '../../sbom/index.ts';
import { noteText } from './cover.ts';
import { type Report, splitFindings } from './report.ts';

/** What VEX statements and exceptions say about the findings that do not count, in CycloneDX's words. */
export function analysesOf(report: Report): (finding: Finding) => Analysis | undefined {
  const analyses = new Map(splitFindings(report).covered.map(({ finding, by }) => [finding, analysisFrom(by)]));
  return (finding) => analyses.get(finding);
}

/** An exception accepts a risk for a time. It does not say that there is none: the finding may well be exploitable. */
function analysisFrom(by: readonly ExceptionNote[]): Analysis {
  const detail = [...new Set(by.map(noteText))].join('; ');
  const vex = by.flatMap((note) => note.vex ?? [])[0];
  if (vex === undefined) return { state: 'exploitable', detail };
  return vex.status === 'fixed'
    ? { state: 'resolved', detail }
    : { state: 'not_affected', justification: justificationOf(vex), detail };
}

/** OpenVEX 0.2.0, "Status Justifications". That an adversary cannot control the code has no counterpart in CycloneDX. */
const counterparts: ReadonlyMap<string, Analysis['justification']> = new Map([
  ['component_not_present', 'code_not_present'],
  ['vulnerable_code_not_present', 'code_not_present'],
  ['vulnerable_code_not_in_execute_path', 'code_not_reachable'],
  ['inline_mitigations_already_exist', 'protected_by_mitigating_control'],
]);

function justificationOf({ justification }: VexAnswer): Analysis['justification'] {
  return (
    justifications.find((known) => known === justification) ??
    (justification === undefined ? undefined : counterparts.get(justification))
  );
}
