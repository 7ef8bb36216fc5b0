import type { Component } from '../sbom/index.ts';
import type { Advisory, Affected } from './advisory.ts';

/** `yes`: advisory and component are of the same module stream, or both outside modules. */
type SameStream = 'yes' | 'no' | 'unknown';

const modularBuild = /\.module[_+]/;

/**
 * RPM modularity: the packages of `nodejs:12` and `nodejs:18` have the same names, and the fixed version of one stream
 * says nothing about the other. Advisories name the stream in a purl qualifier (`rpmmod`) or in their title
 * (`Important: nodejs:12 security update`, `virt:rhel and virt-devel:rhel …`); that a package is modular at all shows in
 * its release (`.module_el8`).
 */
export function sameStream(component: Component, advisory: Advisory, affected: Affected): SameStream {
  if (component.type !== 'rpm') return 'yes';
  const label = affected.qualifiers['rpmmod'];
  const inTitle = isModular(affected) ? streamsInTitle(advisory.summary) : [];
  const stated = label === undefined ? inTitle : [streamOf(label)];
  const installed = component.module === undefined ? undefined : streamOf(component.module);
  const installedIsModular = installed !== undefined || modularBuild.test(component.version ?? '');
  if (stated.length === 0 && !isModular(affected)) return installedIsModular ? 'no' : 'yes';
  if (!installedIsModular) return 'no';
  if (stated.length === 0 || installed === undefined) return 'unknown';
  return stated.includes(installed) ? 'yes' : 'no';
}

function isModular({ ranges }: Affected): boolean {
  return ranges.some(({ events }) => events.some((event) => 'fixed' in event && modularBuild.test(event.fixed)));
}

/** `nodejs:12` of the label `nodejs:12:8030020201124152102:229f0a1c`. */
function streamOf(label: string): string {
  return label.split(':', 2).join(':');
}

/** Words such as `nodejs:12`, of which there may be several; `ALSA-2022:5468:` is the advisory's own name. */
function streamsInTitle(title = ''): readonly string[] {
  return title.split(/[\s,]+/).filter((word) => /^[A-Za-z0-9_.+-]+:[A-Za-z0-9_.+-]+$/.test(word));
}
