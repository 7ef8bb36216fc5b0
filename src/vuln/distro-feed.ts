import type { Distro } from '../sbom/index.ts';

export interface FeedOptions {
  /** Whether the machine has Ubuntu Pro, so that ESM fixes are within its reach. */
  readonly ubuntuPro: boolean;
}

/** How a distribution's advisories are found in OSV data. */
export interface DistroFeed {
  readonly type: 'deb' | 'apk' | 'rpm';
  /** Whether its advisories name source packages (Debian's `Source:`, Alpine's origin, the source rpm) or binary ones. */
  readonly names: 'source' | 'binary';
  readonly firstDecides: boolean;
  /** The ecosystem to show where the database has none of `ecosystems`. */
  title(distro: Distro): string;
  /** Those of the database that are about this release. */
  ecosystems(distro: Distro, known: ReadonlySet<string>, options: FeedOptions): readonly string[];
}

/** Releases by codename, for those without VERSION_ID (testing) and purls that name only the codename. */
const debianReleases = new Map([
  ['buster', '10'],
  ['bullseye', '11'],
  ['bookworm', '12'],
  ['trixie', '13'],
  ['forky', '14'],
  ['duke', '15'],
]);

const source = { names: 'source', firstDecides: false } as const;
const binary = { names: 'binary', firstDecides: false } as const;

const debian: DistroFeed = {
  type: 'deb',
  ...source,
  ...named(({ versionId, codename }) => {
    const release = versionId === undefined ? debianReleases.get(codename ?? '') : major(versionId);
    return release === undefined ? 'Debian' : `Debian:${release}`;
  }),
};

const ubuntu: DistroFeed = {
  type: 'deb',
  names: 'source',
  // With Ubuntu Pro, its entry for a package tells the ESM fix that the plain entry does not have.
  firstDecides: true,
  title: ({ versionId }) => (versionId === undefined ? 'Ubuntu' : `Ubuntu:${versionId}`),
  ecosystems: ({ versionId = '' }, known, { ubuntuPro }) => {
    const releases = [`${versionId}:LTS`, versionId];
    const pro = ubuntuPro ? releases.map((release) => `Ubuntu:Pro:${release}`) : [];
    return [...pro, ...releases.map((release) => `Ubuntu:${release}`)].filter((ecosystem) => known.has(ecosystem));
  },
};

const alpine: DistroFeed = {
  type: 'apk',
  ...source,
  ...named(({ versionId = '' }) => {
    // Edge has the next release's number with a date (`3.21.0_alpha20240807`), and no advisories of its own.
    const release = versionId.includes('_') ? undefined : /^\d+\.\d+/.exec(versionId)?.[0];
    return release === undefined ? 'Alpine:edge' : `Alpine:v${release}`;
  }),
};

/** Red Hat names products by CPE: `Red Hat:enterprise_linux:9::appstream`. Extended-support streams are other products. */
const redHat: DistroFeed = {
  type: 'rpm',
  ...binary,
  title: ({ versionId }) => `Red Hat:enterprise_linux:${major(versionId)}`,
  ecosystems: ({ versionId }, known) => {
    const release = major(versionId);
    return [...known].filter((ecosystem) => {
      const product = /^Red Hat:enterprise_linux:(\d+)(?:\.\d+)?(?::|$)/.exec(ecosystem);
      return product !== null && product[1] === release;
    });
  },
};

/** SUSE names each product and module of a release: `SUSE:Linux Enterprise Module for Basesystem 15 SP5`. LTSS needs a subscription. */
const suse: DistroFeed = {
  type: 'rpm',
  ...source,
  title: (distro) => `SUSE:Linux Enterprise Server ${servicePack(distro)}`,
  ecosystems: (distro, known) => {
    const release = ` ${servicePack(distro)}`;
    return [...known].filter(
      (ecosystem) =>
        ecosystem.endsWith(release) && /^SUSE:Linux Enterprise (?:Server|Module for [^:]+) \d/.test(ecosystem),
    );
  },
};

const feeds: ReadonlyMap<string, DistroFeed> = new Map<string, DistroFeed>([
  ['debian', debian],
  ['ubuntu', ubuntu],
  ['alpine', alpine],
  ['wolfi', { type: 'apk', ...source, ...named(() => 'Wolfi') }],
  ['chainguard', { type: 'apk', ...source, ...named(() => 'Chainguard') }],
  ['minimos', { type: 'apk', ...source, ...named(() => 'MinimOS') }],
  ['almalinux', { type: 'rpm', ...binary, ...named(({ versionId }) => `AlmaLinux:${major(versionId)}`) }],
  ['rocky', { type: 'rpm', ...source, ...named(({ versionId }) => `Rocky Linux:${major(versionId)}`) }],
  ['rhel', redHat],
  ['redhat', redHat],
  ['sles', suse],
  ['opensuse-leap', { type: 'rpm', ...source, ...named(({ versionId = '' }) => `openSUSE:Leap ${versionId}`) }],
  ['opensuse-tumbleweed', { type: 'rpm', ...source, ...named(() => 'openSUSE:Tumbleweed') }],
  ['mageia', { type: 'rpm', ...source, ...named(({ versionId = '' }) => `Mageia:${versionId}`) }],
  ['photon', { type: 'rpm', ...source, ...named(({ versionId = '' }) => `Photon OS:${versionId}`) }],
  ['azurelinux', { type: 'rpm', ...source, ...named(({ versionId }) => `Azure Linux:${major(versionId)}`) }],
  ['mariner', { type: 'rpm', ...source, ...named(({ versionId }) => `Azure Linux:${major(versionId)}`) }],
  ['openeuler', { type: 'rpm', ...source, ...named(openEuler) }],
]);

/** A distribution's own feed. A derivative without one has none: its versions are not its parent's. */
export function distroFeed(distro: Distro): DistroFeed | undefined {
  return feeds.get(distro.id);
}

/** A release that is one ecosystem. */
function named(ecosystem: (distro: Distro) => string): Pick<DistroFeed, 'title' | 'ecosystems'> {
  return {
    title: ecosystem,
    ecosystems: (distro, known) => [ecosystem(distro)].filter((name) => known.has(name)),
  };
}

function major(versionId: string | undefined): string {
  return /^\d+/.exec(versionId ?? '')?.[0] ?? '';
}

/** `15.5` is `15 SP5`; since 16 there are no service packs. */
function servicePack({ versionId = '' }: Distro): string {
  const [release = '', pack] = versionId.split('.');
  if (Number(release) >= 16) return versionId;
  return pack === undefined || pack === '0' ? release : `${release} SP${pack}`;
}

/** os-release has the service pack only in its long name: `openEuler 22.03 (LTS-SP1)`. */
function openEuler({ versionId = '', name }: Distro): string {
  const edition = /\((LTS(?:-SP\d+)?)\)/.exec(name)?.[1];
  return edition === undefined ? `openEuler:${versionId}` : `openEuler:${versionId}-${edition}`;
}
