import type { Inventory } from '../../sbom/index.ts';
import { columnsOf, type Looks, lineOf } from './layout.ts';
import { headingLines, unknownLines } from './table.ts';
import { shown } from './text.ts';
import { fit, pad, widthOf } from './width.ts';

const mostName = 48;
const mostVersion = 28;

/** The components of an artifact for a person: one line each, by kind and name. */
export function renderInventory(inventory: Inventory, looks: Looks): string {
  const components = inventory.components.map(({ type, name, version, licenses }) => ({
    type,
    name: shown(name),
    version: fit(shown(version ?? 'unknown'), mostVersion),
    licenses: licenses.join(', '),
  }));
  const widest = (text: (component: (typeof components)[number]) => string, most: number) =>
    components.reduce((width, component) => Math.min(Math.max(width, widthOf(text(component))), most), 0);
  const [type, name, version] = [
    widest((component) => component.type, 9),
    widest((component) => component.name, mostName),
    widest((component) => component.version, mostVersion),
  ];
  // One long name must not push the versions of all the others out of sight.
  const room = Math.min(name, columnsOf(looks) - type - version - 4);
  const rows = components
    .sort((a, b) => order(a.type, b.type) || order(a.name, b.name) || order(a.version, b.version))
    .map((component) =>
      lineOf(
        looks,
        ['dim', pad(component.type, type)],
        `  ${pad(fit(component.name, room), room)}  `,
        ...(component.licenses === ''
          ? [component.version]
          : [`${pad(component.version, version)}  `, ['dim', component.licenses] as const]),
      ),
    );
  return `${[...headingLines(inventory, looks), '', ...rows, ...unknownLines(inventory, looks)].join('\n')}\n`;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
