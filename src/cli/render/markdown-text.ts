import { shown } from './text.ts';

/** All that markdown or HTML could read as more than text; letters, digits and harmless signs stay. */
const meaningful = /[^\p{L}\p{M}\p{N} .,;/…-]/gu;

/**
 * Text from outside as text and nothing else: no markup, links, images, HTML, mentions or references to issues
 * (CommonMark 0.31, 2.5: character references never begin markup). The zero-width space keeps GitHub and GitLab from
 * making a mention or a link of what is only text.
 */
export function markdownText(text: string): string {
  return shown(text)
    .replace(meaningful, entity)
    .replace(/&#(?:33|35|36|37|38|64|126);/g, '$&&#8203;')
    .replace(/&#58;\/\//g, '&#58;&#8203;//')
    .replace(/\bwww\./gi, 'www&#8203;.');
}

/** Text from outside as code, to be copied as it is; nothing in a code element becomes a mention or a link. */
export function codeSpan(text: string): string {
  return `<code>${shown(text).replace(meaningful, entity)}</code>`;
}

/** `address` is absolute, as `new URL` writes it. */
export function markdownLink(text: string, address: string): string {
  return `[${codeSpan(text)}](${address.replace(/[()<>|\\`*_[\]{}~!'"]/g, percentCode)})`;
}

function entity(character: string): string {
  return `&#${character.codePointAt(0) ?? 0xfffd};`;
}

function percentCode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
