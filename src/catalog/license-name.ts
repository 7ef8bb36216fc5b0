import deprecatedIds from 'spdx-license-ids/deprecated.json' with { type: 'json' };
import currentIds from 'spdx-license-ids/index.json' with { type: 'json' };

/** Deprecated identifiers with one exact successor (spdx.org/licenses, "Deprecated License Identifiers"); the GNU ones follow by rule. */
const successors: Readonly<Record<string, string>> = {
  'BSD-2-Clause-FreeBSD': 'BSD-2-Clause',
  'BSD-2-Clause-NetBSD': 'BSD-2-Clause',
  'GPL-2.0-with-GCC-exception': 'GPL-2.0-only WITH GCC-exception-2.0',
  'GPL-2.0-with-autoconf-exception': 'GPL-2.0-only WITH Autoconf-exception-2.0',
  'GPL-2.0-with-bison-exception': 'GPL-2.0-only WITH Bison-exception-2.2',
  'GPL-2.0-with-classpath-exception': 'GPL-2.0-only WITH Classpath-exception-2.0',
  'GPL-2.0-with-font-exception': 'GPL-2.0-only WITH Font-exception-2.0',
  'GPL-3.0-with-GCC-exception': 'GPL-3.0-only WITH GCC-exception-3.1',
  'GPL-3.0-with-autoconf-exception': 'GPL-3.0-only WITH Autoconf-exception-3.0',
  'StandardML-NJ': 'SMLNJ',
  'eCos-2.0': 'GPL-2.0-or-later WITH eCos-exception-2.0',
  wxWindows: 'LGPL-2.0-or-later WITH WxWindows-exception-3.1',
};

/**
 * Names in use that mean exactly one licence, as `nameKey` writes them. Names that fit several licences (`BSD`, `GPL`,
 * `Artistic`) are left out on purpose: what is not exact stays the text that the package gives.
 */
const synonyms: Readonly<Record<string, string>> = {
  'academic-free-2.1': 'AFL-2.1',
  'academic-free-3.0': 'AFL-3.0',
  'apache-software-1.1': 'Apache-1.1',
  'apache-software-2.0': 'Apache-2.0',
  'asf-2.0': 'Apache-2.0',
  'asl-1.0': 'Apache-1.0',
  'asl-1.1': 'Apache-1.1',
  'asl-2.0': 'Apache-2.0',
  apache2: 'Apache-2.0',
  'apache2.0': 'Apache-2.0',
  'al-2.0': 'Apache-2.0',
  'artistic-perl-1.0': 'Artistic-1.0-Perl',
  boost: 'BSL-1.0',
  'boost-software-1.0': 'BSL-1.0',
  'bouncy-castle': 'MIT',
  '0-clause-bsd': '0BSD',
  'bsd-zero-clause': '0BSD',
  'zero-clause-bsd': '0BSD',
  'bsd-0-clause': '0BSD',
  '2-clause-bsd': 'BSD-2-Clause',
  'two-clause-bsd': 'BSD-2-Clause',
  'bsd-2': 'BSD-2-Clause',
  bsd2: 'BSD-2-Clause',
  'bsd-2c': 'BSD-2-Clause',
  'bsd-two-clause': 'BSD-2-Clause',
  freebsd: 'BSD-2-Clause',
  'simplified-bsd': 'BSD-2-Clause',
  'bsd-simplified': 'BSD-2-Clause',
  '3-clause-bsd': 'BSD-3-Clause',
  'three-clause-bsd': 'BSD-3-Clause',
  'bsd-3': 'BSD-3-Clause',
  bsd3: 'BSD-3-Clause',
  'bsd-3c': 'BSD-3-Clause',
  'bsd-three-clause': 'BSD-3-Clause',
  'modified-bsd': 'BSD-3-Clause',
  'new-bsd': 'BSD-3-Clause',
  'bsd-new': 'BSD-3-Clause',
  'revised-bsd': 'BSD-3-Clause',
  'eclipse-distribution-1.0': 'BSD-3-Clause',
  'edl-1.0': 'BSD-3-Clause',
  '4-clause-bsd': 'BSD-4-Clause',
  'bsd-4': 'BSD-4-Clause',
  'original-bsd': 'BSD-4-Clause',
  cc0: 'CC0-1.0',
  'cc0-1.0-universal': 'CC0-1.0',
  'creative-commons-zero-1.0-universal': 'CC0-1.0',
  'public-domain-per-creative-commons-cc0': 'CC0-1.0',
  'common-development-and-distribution-1.0': 'CDDL-1.0',
  'common-development-and-distribution-1.1': 'CDDL-1.1',
  'common-public-1.0': 'CPL-1.0',
  'eclipse-public-1.0': 'EPL-1.0',
  'eclipse-public-2.0': 'EPL-2.0',
  'european-union-public-licence-1.1': 'EUPL-1.1',
  'european-union-public-1.1': 'EUPL-1.1',
  'european-union-public-1.2': 'EUPL-1.2',
  expat: 'MIT',
  'expat-mit': 'MIT',
  'mit-expat': 'MIT',
  'mit-style-expat': 'MIT',
  'mit-x11': 'MIT',
  go: 'BSD-3-Clause',
  'historical-permission-notice-and-disclaimer': 'HPND',
  'isc-iscl': 'ISC',
  iscl: 'ISC',
  'mit-no-attribution': 'MIT-0',
  'mozilla-public-1.0': 'MPL-1.0',
  'mozilla-public-1.1': 'MPL-1.1',
  'mozilla-public-2.0': 'MPL-2.0',
  'ncsa-open-source': 'NCSA',
  'university-of-illinois-ncsa-open-source': 'NCSA',
  'openssl-and-ssleay': 'OpenSSL',
  psf: 'PSF-2.0',
  psfl: 'PSF-2.0',
  'python-software-foundation': 'PSF-2.0',
  'sil-open-font-1.1': 'OFL-1.1',
  'sil-ofl-1.1': 'OFL-1.1',
  unlicense: 'Unlicense',
  'universal-permissive-1.0': 'UPL-1.0',
  upl: 'UPL-1.0',
  'wtfpl-2': 'WTFPL',
  'wtfpl-2.0': 'WTFPL',
  'zlib-libpng': 'Zlib',
  'zope-public-2.0': 'ZPL-2.0',
  'zope-public-2.1': 'ZPL-2.1',
};

/** Addresses that stand for one licence, without scheme, `www.` and file extension. */
const addresses: Readonly<Record<string, string>> = {
  'apache.org/licenses/license-1.1': 'Apache-1.1',
  'apache.org/licenses/license-2.0': 'Apache-2.0',
  'opensource.org/licenses/mit-license': 'MIT',
  'opensource.org/licenses/bsd-license': 'BSD-2-Clause',
  'opensource.org/licenses/apache2.0': 'Apache-2.0',
  'opensource.org/licenses/zlib-license': 'Zlib',
  'opensource.org/licenses/isc-license': 'ISC',
  'eclipse.org/legal/epl-v10': 'EPL-1.0',
  'eclipse.org/legal/epl-v20': 'EPL-2.0',
  'eclipse.org/org/documents/epl-v10': 'EPL-1.0',
  'eclipse.org/org/documents/epl-2.0': 'EPL-2.0',
  'eclipse.org/org/documents/edl-v10': 'BSD-3-Clause',
  'mozilla.org/mpl/mpl-1.1': 'MPL-1.1',
  'mozilla.org/mpl/2.0': 'MPL-2.0',
  'creativecommons.org/publicdomain/zero/1.0': 'CC0-1.0',
  'unlicense.org': 'Unlicense',
  'bouncycastle.org/licence': 'MIT',
  'glassfish.java.net/public/cddl+gpl_1_1': 'CDDL-1.1 OR GPL-2.0-only WITH Classpath-exception-2.0',
};

const identifiers = new Map<string, string>();
const keys = new Map<string, string>();
for (const id of [...deprecatedIds, ...currentIds]) {
  const successor = successors[id] ?? gnuLicense(id.toLowerCase()) ?? id;
  identifiers.set(id.toLowerCase(), successor);
  keys.set(nameKey(id), successor);
}
for (const [key, expression] of Object.entries(synonyms)) keys.set(key, expression);
const addressIds = new Map(Object.entries(addresses));

/** The SPDX expression of one licence by its identifier, a name in use or an address; `undefined` when it is not exactly known. */
export function licenseByName(name: string): string | undefined {
  const id = identifiers.get(name.toLowerCase());
  if (id !== undefined) return id;
  if (/^(?:https?:)?\/\//i.test(name)) return licenseByAddress(name);
  const key = nameKey(name);
  const spaced = key.replace(/^([a-z]+)v(?=\d)/, '$1-');
  const exact = keys.get(key) ?? keys.get(`${key}.0`) ?? gnuLicense(key) ?? keys.get(spaced) ?? keys.get(`${spaced}.0`);
  if (exact !== undefined) return exact;
  if (key.endsWith('+')) {
    const base = keys.get(key.slice(0, -1)) ?? keys.get(`${key.slice(0, -1)}.0`);
    if (base !== undefined && !base.includes(' ')) return `${base}+`;
  }
  return undefined;
}

/** `The Apache License, Version 2.0` and `apache-2.0` have one key: lower case, words that say nothing dropped. */
function nameKey(name: string): string {
  return name
    .toLowerCase()
    .replace(/\b(?:the|licen[sc]es?|version)\b/g, ' ')
    .replace(/(?<![a-z])v\.?\s?(?=\d)/g, '')
    .replace(/[^a-z0-9.+]+/g, '-')
    .replace(/^-|-$/g, '')
    .replace(/-\+$/, '+');
}

/** The GNU licences by their many spellings: `gplv2+`, `lgpl-2.1`, `gnu-general-public-2.0-or-later`, `gfdl-niv-1.3+`. */
function gnuLicense(key: string): string | undefined {
  const short = key
    .replace(/^gnu-/, '')
    .replace(/^affero-(?:general-public|gpl)/, 'agpl')
    .replace(/^(?:lesser|library|library-or-lesser)-(?:general-public|gpl)/, 'lgpl')
    .replace(/^general-public/, 'gpl')
    .replace(/^free-documentation/, 'gfdl');
  const match =
    /^(agpl|lgpl|gpl|gfdl)(-niv|-no-invariants)?-?v?(?:(\d)(?:\.(\d))?(?:\.0)?)?(\+|-(?:only|or-later|or-newer|or-greater|or-any-later|and-later))?$/.exec(
      short,
    );
  if (match === null) return undefined;
  const [, family = '', invariants, major, minor = '0', suffix] = match;
  if (major === undefined && (family !== 'gpl' || suffix !== '+')) return undefined;
  const base = `${family}-${major ?? '1'}.${minor}${invariants === undefined ? '' : '-no-invariants'}`;
  const id = `${base}-${suffix === undefined || suffix === '-only' ? 'only' : 'or-later'}`;
  return currentIds.find((known) => known.toLowerCase() === id);
}

function licenseByAddress(address: string): string | undefined {
  const bare = address
    .toLowerCase()
    .replace(/^(?:https?:)?\/\/(?:www\.)?/, '')
    .replace(/[?#].*$/s, '')
    .replace(/\.(?:txt|html?|php|md|json)$/, '')
    .replace(/\/$/, '');
  const known = addressIds.get(bare);
  if (known !== undefined) return known;
  const named =
    /^(?:opensource\.org\/licenses?|spdx\.org\/licenses|licenses\.nuget\.org|choosealicense\.com\/licenses)\/([a-z0-9.+-]+)$/.exec(
      bare,
    )?.[1];
  if (named !== undefined) return identifiers.get(named);
  const [, kind, version] = /^creativecommons\.org\/licenses\/([a-z-]+)\/(\d\.\d)(?:\/legalcode)?$/.exec(bare) ?? [];
  return kind === undefined ? undefined : identifiers.get(`cc-${kind}-${version}`);
}
