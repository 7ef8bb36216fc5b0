import type { Component } from './component.ts';
import type { Description } from './described.ts';
import { type JsonObject, objectsIn, textIn, textsIn } from './json.ts';

export interface Relations {
  readonly needs: Description['needs'];
  /** What the document describes, by SPDX id. */
  readonly described: ReadonlySet<string>;
  /** Packages that are dependencies only of those kinds. */
  readonly scopes: ReadonlyMap<string, Component['scope']>;
  /** The package that owns the files of another. */
  readonly owners: ReadonlyMap<string, string>;
}

/** SPDX 2.3, 11.1: which side of a relationship needs the other, and what for. */
const dependencies = new Map<string, { readonly needing: 'left' | 'right'; readonly scope?: Component['scope'] }>([
  ['DEPENDS_ON', { needing: 'left' }],
  ['HAS_PREREQUISITE', { needing: 'left' }],
  ['STATIC_LINK', { needing: 'left' }],
  ['DYNAMIC_LINK', { needing: 'left' }],
  ['DEPENDENCY_OF', { needing: 'right' }],
  ['RUNTIME_DEPENDENCY_OF', { needing: 'right' }],
  ['PROVIDED_DEPENDENCY_OF', { needing: 'right' }],
  ['PREREQUISITE_FOR', { needing: 'right' }],
  ['OPTIONAL_DEPENDENCY_OF', { needing: 'right', scope: 'optional' }],
  ['DEV_DEPENDENCY_OF', { needing: 'right', scope: 'development' }],
  ['BUILD_DEPENDENCY_OF', { needing: 'right', scope: 'development' }],
  ['TEST_DEPENDENCY_OF', { needing: 'right', scope: 'development' }],
]);

export function relationsIn(document: JsonObject): Relations {
  const needs: (readonly [string, string])[] = [];
  const described = new Set(textsIn(document['documentDescribes']));
  const scopes = new Map<string, Component['scope']>();
  const owners = new Map<string, string>();
  for (const { spdxElementId, relationshipType, relatedSpdxElement, comment } of objectsIn(document['relationships'])) {
    const [left, right] = [textIn(spdxElementId), textIn(relatedSpdxElement)];
    const type = textIn(relationshipType) ?? '';
    if (left === undefined || right === undefined) continue;
    if (type === 'DESCRIBES' && left === 'SPDXRef-DOCUMENT') described.add(right);
    if (type === 'DESCRIBED_BY' && right === 'SPDXRef-DOCUMENT') described.add(left);
    // Syft: the left package's file list holds the files of the right one.
    if (type === 'OTHER' && textIn(comment)?.startsWith('ownership-by-file-overlap') === true) owners.set(right, left);
    const dependency = dependencies.get(type);
    if (dependency === undefined) continue;
    const [needing, needed] = dependency.needing === 'left' ? [left, right] : [right, left];
    needs.push([needing, needed]);
    // Needed somewhere is needed.
    scopes.set(needed, !scopes.has(needed) || scopes.get(needed) === dependency.scope ? dependency.scope : undefined);
  }
  return { needs, described, scopes, owners };
}
