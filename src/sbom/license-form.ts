import parseExpression from 'spdx-expression-parse';

/** What a declared licence is to a document: an SPDX id, an SPDX expression, or only a text. */
export type LicenseForm =
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'expression'; readonly expression: string }
  | { readonly kind: 'text'; readonly text: string };

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
  try {
    const parsed = parseExpression(license);
    if (
      'license' in parsed &&
      parsed.plus !== true &&
      parsed.exception === undefined &&
      !parsed.license.includes('Ref-')
    ) {
      return { kind: 'id', id: parsed.license };
    }
    return { kind: 'expression', expression: license };
  } catch {
    return { kind: 'text', text: license };
  }
}

/** All of several licences that hold together, as one expression. */
export function allOf(expressions: readonly string[]): string {
  return expressions.length === 1
    ? (expressions[0] ?? '')
    : expressions.map((expression) => (/ OR /i.test(expression) ? `(${expression})` : expression)).join(' AND ');
}
