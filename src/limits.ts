/**
 * Every limit on untrusted input, in one place. Sizes in bytes, times in milliseconds.
 * A limit that is hit is a `PlimsollError` or an `Unknown` in the evidence, never a silent cut.
 */
const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

export const limits = {
  /** An image or index manifest, or an image configuration. The distribution specification asks registries for 4 MiB. */
  manifestBytes: 4 * MiB,
  configBytes: 16 * MiB,
  manifestsPerIndex: 1_000,
  layersPerImage: 1_000,
  /** One layer or archive, unpacked. */
  layerBytes: 32 * GiB,
  /** Unpacked size over packed size, once past `layerExpansionFrom`: real layers stay below 100. */
  layerExpansion: 200,
  layerExpansionFrom: 1 * GiB,
  entriesPerLayer: 1_000_000,
  /** One pax or GNU extended header: long names and attributes. */
  tarExtendedHeaderBytes: 1 * MiB,
  pathBytes: 4 * KiB,
  symbolicLinkHops: 40,
  directoryDepth: 256,

  /** A file that a cataloger reads as text: lock files, manifests, package databases. */
  fileBytes: 128 * MiB,
  /** A file that a cataloger reads as a binary: executables and archives. */
  binaryBytes: 512 * MiB,
  /** Jar in war in ear. */
  archiveDepth: 8,
  archiveEntries: 200_000,
  /** The list of entries at the end of a ZIP archive, which is read as a whole. */
  archiveDirectoryBytes: 256 * MiB,
  /** All that is unpacked out of one archive file, nested ones included. */
  archiveBytes: 1 * GiB,
  componentsPerFile: 200_000,
  /** A declared licence, in characters; what is longer is a licence text, and is shown cut. */
  licenseLength: 1_000,

  sbomBytes: 512 * MiB,
  policyBytes: 1 * MiB,
  advisoryBytes: 8 * MiB,
  /** One ecosystem's archive of advisories. */
  feedBytes: 4 * GiB,
  feedEntries: 2_000_000,

  httpConnectMs: 10_000,
  /** No byte for this long and the answer counts as stalled. */
  httpIdleMs: 30_000,
  httpRedirects: 5,
  httpRetries: 3,
  tokenBytes: 1 * MiB,
  credentialHelperMs: 10_000,

  layerMemoryBytes: 2 * GiB,
} as const;
