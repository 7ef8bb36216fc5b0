/** Package types that have catalogers or advisories, by their purl name (package-url/purl-spec, "PURL types"). */
export const packageTypes = [
  'apk',
  'cargo',
  'composer',
  'deb',
  'gem',
  'generic',
  'golang',
  'maven',
  'npm',
  'nuget',
  'pypi',
  'rpm',
] as const;

export type PackageType = (typeof packageTypes)[number];

/** Where a component was seen. */
export interface Location {
  /** Relative to the root of the artifact, without a leading slash; inside an archive as `outer.war!/WEB-INF/lib/inner.jar`. */
  readonly path: string;
  /** Index into the artifact's `layers`: the layer that brought the component. Absent outside images. */
  readonly layer?: number | undefined;
}

export interface Hash {
  readonly algorithm: 'MD5' | 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';
  /** Lower-case hexadecimal. */
  readonly value: string;
}

/**
 * A package in an artifact. `id` is its canonical purl and unique in an SBOM: a package found at several places is one
 * component with several locations. Lists are sorted, so the same artifact gives the same bytes.
 */
export interface Component {
  readonly id: string;
  readonly type: PackageType;
  /** As its ecosystem spells it in full: `@scope/name`, `group:artifact`, `vendor/package`, `golang.org/x/net`. */
  readonly name: string;
  /** Absent when the source does not say: unknown, not empty. Debian and RPM epochs are part of it (`1:2.3-4`). */
  readonly version?: string | undefined;
  /** Distribution packages: what the advisories name. Debian `Source:`, Alpine `o:`, the source rpm. */
  readonly source?: { readonly name: string; readonly version?: string | undefined } | undefined;
  readonly architecture?: string | undefined;
  /** RPM modularity label, `nodejs:12:8030020201124152102:229f0a1c`. */
  readonly module?: string | undefined;
  /** Declared licences, each an SPDX expression or, where there is none, the text the package gives. */
  readonly licenses: readonly string[];
  readonly supplier?: string | undefined;
  readonly homepage?: string | undefined;
  readonly hashes: readonly Hash[];
  /** `development`: only needed to build or test. Absent: needed, or not stated. */
  readonly scope?: 'development' | 'optional' | undefined;
  readonly locations: readonly Location[];
  /** Ids of the components it needs, as far as the source states them. */
  readonly dependsOn: readonly string[];
  /** Id of the distribution package whose file list holds this component's files. */
  readonly ownedBy?: string | undefined;
  /** Compiled into a binary (Go modules, Rust crates): no distribution's feed names it apart. */
  readonly embedded?: true | undefined;
  /** Name of the cataloger that found it; for imported SBOMs the tool that wrote it, where stated. */
  readonly foundBy: string;
}

/** The Linux distribution of an artifact (freedesktop.org os-release). */
export interface Distro {
  /** `ID`, lower case: `debian`, `alpine`, `almalinux`. */
  readonly id: string;
  /** `VERSION_ID`; absent on rolling distributions and Debian testing. */
  readonly versionId?: string | undefined;
  /** `VERSION_CODENAME`. */
  readonly codename?: string | undefined;
  readonly idLike: readonly string[];
  readonly name: string;
}
