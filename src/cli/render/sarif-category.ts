import type { Report } from './report.ts';

/**
 * What SARIF 2.1.0, 3.17.2 calls the hierarchical part of `automationDetails.id`, up to its last slash: the category by
 * which code scanning knows which earlier results a run replaces. It is the same in every call, and differs between
 * targets, between the images of an index, and between a scan and each gate, so that none replaces what another said.
 */
export function categoriesOf(reports: readonly Report[]): readonly string[] {
  const taken = new Set<string>();
  return reports.map((report) => {
    const name = categoryOf(report);
    let category = name;
    // One target named twice in one call.
    for (let number = 2; taken.has(category); number++) category = `${name}#${number}`;
    taken.add(category);
    return `${category}/`;
  });
}

function categoryOf({ evidence: { artifact }, verdict }: Report): string {
  const asked = verdict === undefined ? 'scan' : `gate-${verdict.gate}`;
  const platform = artifact.kind === 'image' ? [artifact.platform] : [];
  return ['plimsoll', asked, artifact.kind, artifact.reference, ...platform].join('/');
}
