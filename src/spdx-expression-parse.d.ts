declare module 'spdx-expression-parse' {
  interface LicenseNode {
    readonly license: string;
    readonly plus?: true;
    readonly exception?: string;
  }
  interface ConjunctionNode {
    readonly conjunction: 'and' | 'or';
    readonly left: LicenseNode | ConjunctionNode;
    readonly right: LicenseNode | ConjunctionNode;
  }
  /** Throws `Error` for what is not an SPDX expression. */
  const parse: (expression: string) => LicenseNode | ConjunctionNode;
  export = parse;
}
