import { numberKey } from './key.ts';

const tilde = '\u0001';
const end = '\u0002';

/** Debian policy manual 5.6.12: `[epoch:]upstream[-revision]`; an absent epoch or revision counts as 0. */
export function dpkgKey(version: string): string | undefined {
  const parts = /^(?:(\d+):)?([A-Za-z0-9.+~:-]+)$/.exec(version.trim());
  if (parts === null) return undefined;
  const [, epoch, rest = ''] = parts;
  if (epoch === undefined && rest.includes(':')) return undefined;
  const hyphen = rest.lastIndexOf('-');
  const upstream = hyphen < 0 ? rest : rest.slice(0, hyphen);
  const revision = hyphen < 0 ? '0' : rest.slice(hyphen + 1);
  if (upstream === '' || revision === '') return undefined;
  return numberKey(epoch ?? '') + partKey(upstream) + partKey(revision);
}

/**
 * Text and numbers in turn. In the text `~` sorts before its end, letters before all other characters; a number that is
 * not there counts as 0.
 */
function partKey(part: string): string {
  let key = '';
  for (const [run, text = '', digits = ''] of part.matchAll(/([^0-9]*)([0-9]*)/g)) {
    if (run !== '') key += Array.from(text, characterKey).join('') + end + numberKey(digits);
  }
  return key + end;
}

function characterKey(character: string): string {
  if (character === '~') return tilde;
  const code = character.charCodeAt(0);
  return String.fromCharCode(/[A-Za-z]/.test(character) ? code : code + 0x80);
}
