import parseExpression from 'spdx-expression-parse';
import { limits } from '../limits.ts';

/** What a declared licence is to a document: an id of SPDX's list, an SPDX expression, or only a text. */
export type LicenseForm =
  | { readonly kind: 'id'; readonly id: string }
  | {
      readonly kind: 'expression';
      readonly expression: string;
      /** What joins its outermost parts. */
      readonly joinedBy: 'and' | 'or' | undefined;
      /** `LicenseRef-…` in it, which SPDX wants defined. */
      readonly references: readonly string[];
    }
  | { readonly kind: 'text'; readonly text: string };

type Node = ReturnType<typeof parseExpression>;

const known = new Map<string, LicenseForm>();
const mostKnown = 10_000;

export function licenseForm(license: string): LicenseForm {
  let form = known.get(license);
  if (form === undefined) {
    form = formOf(license);
    if (known.size >= mostKnown) known.clear();
    known.set(license, form);
  }
  return form;
}

function formOf(license: string): LicenseForm {
  const text: LicenseForm = { kind: 'text', text: license };
  // The parser looks for identifiers anywhere in what is left, and again and again: it must only see what may be one.
  if (license.length > limits.licenseLength || !/^[A-Za-z0-9.+:() -]+$/.test(license)) return text;
  let node: Node;
  try {
    node = parseExpression(license);
  } catch {
    return text;
  }
  if ('license' in node && node.plus !== true && node.exception === undefined && !node.license.includes('Ref-')) {
    return { kind: 'id', id: node.license };
  }
  const references = referencesIn(node);
  // What another document defines cannot be looked up in this one.
  if (references.some((reference) => reference.startsWith('DocumentRef-'))) return text;
  return {
    kind: 'expression',
    expression: render(node),
    joinedBy: 'conjunction' in node ? node.conjunction : undefined,
    references,
  };
}

function referencesIn(node: Node): string[] {
  if ('license' in node) return node.license.includes('Ref-') ? [node.license] : [];
  return [...referencesIn(node.left), ...referencesIn(node.right)];
}

/** Operators in capitals, and no more parentheses than needed (SPDX 2.3, Annex D.4). */
function render(node: Node): string {
  if ('license' in node) {
    const license = node.plus === true ? `${node.license}+` : node.license;
    return node.exception === undefined ? license : `${license} WITH ${node.exception}`;
  }
  const side = (part: Node) =>
    node.conjunction === 'and' && 'conjunction' in part && part.conjunction === 'or'
      ? `(${render(part)})`
      : render(part);
  return `${side(node.left)} ${node.conjunction.toUpperCase()} ${side(node.right)}`;
}

/**
 * Licences that all hold, as one expression; `reference` names a text in it. One that is itself an AND stands in
 * parentheses, so that {@link licensesIn} gives back as many licences as went in.
 */
export function allOf(forms: readonly LicenseForm[], reference: (text: string) => string): string {
  return forms
    .map((form) => {
      if (form.kind === 'id') return form.id;
      if (form.kind === 'text') return reference(form.text);
      const apart = form.joinedBy === 'and' || (form.joinedBy === 'or' && forms.length > 1);
      return apart ? `(${form.expression})` : form.expression;
    })
    .join(' AND ');
}

/** The licences that an expression says all hold, each an expression; the text itself when it is no expression. */
export function licensesIn(text: string): readonly string[] {
  // Taken apart before it is parsed: what joins a hundred licences is longer than any of them may be.
  const parts = conjuncts(text).map(licenseForm);
  const licenses = parts.flatMap((form) => {
    if (form.kind === 'text') return [];
    return form.kind === 'id' ? form.id : form.expression;
  });
  return licenses.length === parts.length ? licenses : [text];
}

/** What stands between the ANDs outside of all parentheses. With an OR there, which binds less tightly, it is all one. */
function conjuncts(text: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  for (const token of text.split(/(\(|\)| AND | OR )/i)) {
    if (token === '(') depth += 1;
    else if (token === ')') depth -= 1;
    if (depth === 0 && / OR /i.test(token)) return [text.trim()];
    if (depth === 0 && / AND /i.test(token)) {
      parts.push(part.trim());
      part = '';
    } else part += token;
  }
  return [...parts, part.trim()];
}
