/**
 * A supplier as SPDX 2.3 (7.5) writes it: `Person: Jane Doe (jane@example.org)`, `Organization: Debian`. Packages say
 * `Jane Doe <jane@example.org>`, and not whether that is a person: what is called a team or a company is none.
 */
export function writeAgent(supplier: string | undefined): string {
  if (supplier === undefined) return 'NOASSERTION';
  const [, name, address] = /^([^<>()]+) <([^<>()\s]+)>$/.exec(supplier) ?? [];
  if (name === undefined || address === undefined) return `Organization: ${supplier.replace(/\s+/g, ' ').trim()}`;
  const kind = isGroup(name, address) ? 'Organization' : 'Person';
  return `${kind}: ${name} (${address})`;
}

/** What {@link writeAgent} and other tools wrote; `undefined` where nothing is asserted. */
export function readAgent(agent: string): string | undefined {
  const text = agent.replace(/^(?:Organization|Person|Tool):\s*/i, '').trim();
  if (text === '' || text === 'NOASSERTION' || text === 'NONE') return undefined;
  const [, name, address] = /^([^<>()]+) \(([^<>()\s]+)\)$/.exec(text) ?? [];
  if (name !== undefined && address !== undefined) return `${name} <${address}>`;
  return text.replace(/ \(\)$/, '');
}

function isGroup(name: string, address: string): boolean {
  return (
    /\b(?:team|maintainers?|developers?|group|project|packagers?|inc|ltd|llc|gmbh|foundation|corporation|linux|community)\b/i.test(
      name,
    ) || /@(?:lists|groups|tracker|alioth-lists)\./i.test(address)
  );
}
