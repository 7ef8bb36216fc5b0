import { numberKey, releaseKey, textKey } from './key.ts';

const form =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|rc|c)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;

const phases = new Map([
  ['a', '\u0002'],
  ['alpha', '\u0002'],
  ['b', '\u0003'],
  ['beta', '\u0003'],
  ['c', '\u0004'],
  ['rc', '\u0004'],
  ['pre', '\u0004'],
  ['preview', '\u0004'],
]);
const beforePhases = '\u0001';
const afterPhases = '\u0005';

/** Python's version specifiers (PEP 440 as kept by packaging.python.org), normalisation included. Legacy versions have no place in the order. */
export function pep440Key(version: string): string | undefined {
  const parts = form.exec(version.trim().toLowerCase());
  if (parts === null) return undefined;
  const [
    ,
    epoch = '',
    release = '',
    phase,
    phaseNumber = '',
    implicitPost,
    post,
    postNumber = '',
    dev,
    devNumber = '',
    local,
  ] = parts;
  const isPost = implicitPost !== undefined || post !== undefined;
  return (
    numberKey(epoch) +
    releaseKey(release.split('.')) +
    phaseKey(phase, phaseNumber, dev !== undefined && !isPost) +
    (isPost ? `\u0002${numberKey(implicitPost ?? postNumber)}` : '\u0001') +
    (dev === undefined ? '\u0002' : `\u0001${numberKey(devNumber)}`) +
    (local === undefined ? '\u0001' : `\u0002${local.split(/[-_.]/).map(localKey).join('')}\u0001`)
  );
}

/** A development release of the final release comes before its pre-releases. */
function phaseKey(phase: string | undefined, number: string, onlyDev: boolean): string {
  const mark = phase === undefined ? undefined : phases.get(phase);
  if (mark !== undefined) return mark + numberKey(number);
  return onlyDev ? beforePhases : afterPhases;
}

function localKey(segment: string): string {
  return /^\d+$/.test(segment) ? numberKey(segment) : `\u0002${textKey(segment)}`;
}
