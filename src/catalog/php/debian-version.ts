/** What a dpkg status file says about packages of PHP: all that is remembered of it here. */
export type PhpPackage = { readonly name: string; readonly version: string };

/**
 * The installed packages of the section `php` (deb-control(5), "Section"), with their Debian versions. What is no
 * status file has none: dpkg's own reader says what is wrong with it.
 */
export function phpPackagesIn(status: string): readonly PhpPackage[] {
  return status.split(/\n{2,}/).flatMap((stanza) => {
    if (!/^Section:[ \t]*(?:\S+\/)?php[ \t]*$/m.test(stanza)) return [];
    const [, name] = /^Package:[ \t]*(\S+)[ \t]*$/m.exec(stanza) ?? [];
    const [, version] = /^Version:[ \t]*(\S+)[ \t]*$/m.exec(stanza) ?? [];
    return name === undefined || version === undefined ? [] : [{ name, version }];
  });
}

/**
 * The version that upstream gave, which is Composer's (deb-version(7): `[EPOCH:]UPSTREAM[-REVISION]`), without the mark of
 * sources that were packed anew (Debian Developer's Reference 6.8.8.2, `5.4.53+dfsg`). `undefined` where it is not plainly
 * that: of two sources (`2.11.1+1.0.14-1`), of a snapshot, before a release.
 */
export function upstreamVersion(version: string): string | undefined {
  const upstream = version
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '')
    .replace(/[+~.](?:dfsg|ds|repack)[\d.]*$/, '');
  return /^\d{1,9}(?:\.\d{1,9}){1,3}$/.test(upstream) ? upstream : undefined;
}
