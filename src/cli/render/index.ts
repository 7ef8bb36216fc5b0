import { PlimsollError } from '../../error.ts';
import { toCycloneDx, toSpdx } from '../../sbom/index.ts';
import type { Accepted } from './accepted.ts';
import type { Looks } from './layout.ts';
import type { Report } from './report.ts';

export type { Looks } from './layout.ts';
export type { Report } from './report.ts';

export const reportFormats = ['table', 'json', 'cyclonedx-json', 'spdx-json', 'sarif', 'markdown'] as const;
export type ReportFormat = (typeof reportFormats)[number];

export interface RenderOptions {
  /** Targets whose verdict was taken over instead of inspecting them. Tables and JSON tell of them. */
  readonly accepted?: readonly Accepted[] | undefined;
  readonly looks: Looks;
  /** Plimsoll's own version. */
  readonly toolVersion: string;
  /** RFC 3339; of SBOM documents. */
  readonly timestamp?: string | undefined;
  /** The age of advisory data is told from here; of a verdict's, from when it was judged. */
  readonly now?: Date | undefined;
}

/**
 * What was found, and where a policy was asked its verdict, in one of the formats of docs/output.md. A format's code is
 * loaded when it is asked for: what measures text on a terminal takes as long to load as many a scan.
 * @throws PlimsollError `cli/several-in-one-sbom`
 */
export async function renderReports(
  format: ReportFormat,
  reports: readonly Report[],
  options: RenderOptions,
): Promise<string> {
  const { looks, toolVersion, timestamp, now = new Date(), accepted = [] } = options;
  switch (format) {
    case 'table': {
      const [{ renderAccepted }, { renderTables }] = await Promise.all([
        import('./accepted.ts'),
        import('./table-report.ts'),
      ]);
      return `${renderAccepted(accepted, looks)}${reports.length === 0 && accepted.length > 0 ? '' : renderTables(reports, { looks, now })}`;
    }
    case 'json':
      return (await import('./json.ts')).renderJson(reports, toolVersion, accepted);
    case 'sarif':
      return (await import('./sarif.ts')).renderSarif(reports, toolVersion);
    case 'markdown':
      return (await import('./markdown.ts')).renderMarkdown(reports, now);
    case 'cyclonedx-json': {
      const report = only(reports, format);
      const { evidence } = report;
      const { analysesOf } = await import('./analysis.ts');
      const analysisOf = analysesOf(report);
      return toCycloneDx(evidence, { toolVersion, timestamp, findings: evidence.findings, analysisOf });
    }
    case 'spdx-json':
      return toSpdx(only(reports, format).evidence, { toolVersion, timestamp });
  }
}

function only(reports: readonly Report[], format: ReportFormat): Report {
  const [report, another] = reports;
  if (report !== undefined && another === undefined) return report;
  throw severalInOneSbom(format, reports.length);
}

/**
 * Refuses before anything is read what could not be written afterwards.
 * @throws PlimsollError `cli/several-in-one-sbom`
 */
export function checkTargets(formats: readonly ReportFormat[], targets: number): void {
  const sbom = formats.find((format) => format === 'cyclonedx-json' || format === 'spdx-json');
  if (sbom !== undefined && targets !== 1) throw severalInOneSbom(sbom, targets);
}

function severalInOneSbom(format: ReportFormat, targets: number): PlimsollError {
  return new PlimsollError('cli/several-in-one-sbom', `${format} describes one target, not ${targets}`, {
    hint: 'Call once for each target, or use -o json, which holds any number of them.',
  });
}
