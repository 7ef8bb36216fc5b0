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
  /** An index in an index in an index. */
  indexDepth: 4,
  /** Manifests and configurations read while looking for the one of a platform. */
  manifestsRead: 64,
  /** All that is attached to one manifest, as a list: its entries, its bytes and the pages it comes in. */
  referrers: 10_000,
  referrersBytes: 16 * MiB,
  referrersPages: 1_000,
  /** A signature on an attestation on an SBOM. */
  referrerDepth: 8,
  /** Manifests that one copy takes along. */
  copiedManifests: 20_000,
  /** A write that others interfere with is tried again so often. */
  updateTries: 20,
  /**
   * A tag that was moved is looked at again after this long: where somebody had read it before and writes it now, our change
   * is made once more. Others are taken to need no longer between reading and writing.
   */
  updateSettleMs: 400,
  /** How long another process may hold a layout's lock. */
  layoutLockMs: 30_000,
  /** One layer or archive, unpacked. */
  layerBytes: 32 * GiB,
  /** Unpacked size over packed size, once past `layerExpansionFrom`: real layers stay below 100. */
  layerExpansion: 200,
  layerExpansionFrom: 1 * GiB,
  entriesPerLayer: 1_000_000,
  /** Members of an archive that holds an image: its blobs, not the files in them. */
  entriesPerImageArchive: 100_000,
  /** One pax or GNU extended header: long names and attributes. */
  tarExtendedHeaderBytes: 1 * MiB,
  pathBytes: 4 * KiB,
  symbolicLinkHops: 40,
  /** Files and folders of all layers, with the folders that nothing but a path names. */
  entriesPerImage: 2_000_000,
  /** Folders walked through to find files by their paths, over all of an image: a large one needs a few million. */
  pathSteps: 200_000_000,
  directoryDepth: 256,

  /** A file that a cataloger reads as text: lock files, manifests, package databases. */
  fileBytes: 128 * MiB,
  /** A file that a cataloger reads as a binary: executables and archives. */
  binaryBytes: 512 * MiB,
  /** Executables: headers, in which sections are looked for by name. The Linux kernel's modules have about 100 sections. */
  binarySections: 100_000,
  binarySectionNameBytes: 16 * MiB,
  /** Mach-O load commands of one architecture. */
  binaryCommandBytes: 4 * MiB,
  /** The list of modules in a Go binary: Kubernetes' is 20 KiB. */
  goBuildInfoBytes: 4 * MiB,
  /** Places that look like build information and are none; a real program has a few at most. */
  goBuildInfoMarks: 10_000,
  goLinkerFlagsLength: 64 * KiB,
  goModLineLength: 16 * KiB,
  /** The list of crates in a Rust binary, unpacked. */
  rustAuditBytes: 16 * MiB,
  /** Jar in war in ear. */
  archiveDepth: 8,
  archiveEntries: 200_000,
  /** The list of entries at the end of a ZIP archive, which is read as a whole. */
  archiveDirectoryBytes: 256 * MiB,
  /** All that is unpacked out of one archive file, nested ones included. */
  archiveBytes: 1 * GiB,
  /** One manifest, `pom.xml` or `pom.properties` inside an archive. */
  archiveMetadataBytes: 8 * MiB,
  /** Parents of a Maven project, one above the other. */
  pomParents: 64,
  xmlDepth: 200,
  xmlElements: 1_000_000,
  componentsPerFile: 200_000,
  /** Lock files and manifests that are parsed into a tree (JSON, YAML, TOML): the largest real ones are about 10 MiB. */
  lockFileBytes: 32 * MiB,
  gemspecBytes: 1 * MiB,
  autoloaderBytes: 64 * KiB,
  /** Composer's list of packages as a PHP array has 4 levels. */
  phpArrayDepth: 32,
  /** YAML, whose parse tree takes a hundred times the text; the largest real lock files are about 4 MiB. */
  yamlBytes: 8 * MiB,
  /** Characters that start something in YAML: those files have about half a million. */
  yamlMarks: 1_500_000,
  /**
   * All that the layers of one artifact say: their files' names, and what the readers make of them, as JSON. An image of
   * 900 MB with the packages of six languages comes to 18 MiB.
   */
  factsBytes: 128 * MiB,
  componentsPerArtifact: 200_000,
  dependenciesPerPackage: 10_000,
  /** Versions of one package in one lock file. */
  versionsPerName: 100,
  /** All folders that a lock file of nested packages spells out, in characters. */
  nestedPathLength: 64 * MiB,
  /** A declared licence, in characters; what is longer is a licence text, and is shown cut. */
  licenseLength: 1_000,
  /** Installed packages that are named for one virtual requirement: any one of them answers it. */
  providersPerName: 16,
  /** All paths of the packages in one package database, in characters: a few bytes of it can name a long folder again and again. */
  ownedPathLength: 256 * MiB,

  sbomBytes: 512 * MiB,
  policyBytes: 1 * MiB,
  /** Values in a policy file, with what its aliases repeat. */
  policyValues: 200_000,
  policyDepth: 32,
  policyRules: 1_000,
  policyExceptions: 10_000,
  /** Entries of one list within a rule or an exception. */
  policyListEntries: 1_000,
  /** One text in a policy file, in characters. */
  policyTextLength: 1_000,
  /** A public key in a policy file, as PEM, in characters. */
  policyKeyLength: 4_000,
  advisoryBytes: 8 * MiB,
  /** In characters; a longer version cannot be ordered. */
  versionLength: 1_024,
  /** One VEX document. */
  vexBytes: 16 * MiB,
  vexStatements: 100_000,
  /** One ecosystem's archive of advisories. */
  feedBytes: 4 * GiB,
  feedEntries: 2_000_000,
  /** Packages in one advisory, and over all of them its range events and its listed versions. */
  advisoryPackages: 50_000,
  advisoryEvents: 50_000,
  advisoryVersions: 200_000,
  /** Aliases, and upstream vulnerabilities, of one advisory: a kernel erratum names hundreds. */
  advisoryNames: 5_000,
  /** A summary, in characters; shown cut beyond. */
  advisorySummary: 1_000,
  /** A feed's list of what changed, KEV, EPSS: each unpacked. */
  feedListBytes: 256 * MiB,
  /** Up to so many changed advisories are fetched one by one; beyond, the whole archive. */
  feedDifference: 1_000,

  httpConnectMs: 10_000,
  /** No byte for this long and the answer counts as stalled. */
  httpIdleMs: 30_000,
  httpRedirects: 5,
  httpRetries: 3,
  /** So much must come within `httpIdleMs` of waiting: a trickle counts as stalled too. */
  httpProgressBytes: 16 * KiB,
  /** First pause before a retry; it doubles each time. */
  httpBackoffMs: 500,
  /** A registry that asks for a longer pause (Retry-After) is not waited for. */
  httpRetryAfterMs: 30_000,
  /** The body of a registry's error answer. */
  httpErrorBytes: 64 * KiB,
  tokenBytes: 1 * MiB,
  credentialHelperMs: 10_000,
  credentialFileBytes: 4 * MiB,

  layerMemoryBytes: 2 * GiB,

  /** An identity or issuer in a certificate, and a pattern for one, in characters. */
  identityLength: 2_048,
  identityPatternLength: 1_000,
  /** A pattern that looks at one identity for longer than this is given up. */
  identityPatternMs: 200,
  /** A key file; RSA with 8192 bits takes 6.5 KiB. */
  keyFileBytes: 64 * KiB,
  /** Larger moduli and exponents let a key decide how long we compute. */
  rsaModulusBits: 8_192,
  rsaExponent: 2n ** 32n,
  /** RSA's are as long as the modulus. */
  signatureBytes: 1_024,
  /** What a service that keeps keys answers. */
  keyServiceAnswerBytes: 1 * MiB,
  /** A cloud's library may first ask several places who it is. */
  keyServiceMs: 60_000,
  /** An OpenID Connect identity token or SPIFFE JWT-SVID; GitHub's are about 2 KiB. */
  identityTokenBytes: 64 * KiB,
  /** A trusted root or a signing configuration; that of the public Sigstore is 7 KiB. */
  trustedRootBytes: 4 * MiB,
  /** What is signed, and what is read of a signature, attestation or bundle. */
  attachmentBytes: 128 * MiB,
  /** All that is read of what is attached to one artifact. */
  attachedBytes: 512 * MiB,
  /** Signatures and attestations of one artifact that are read. */
  attachmentsRead: 1_000,
  /** Manifests and blobs of signatures and attestations that are kept for the next verification. */
  rememberedBytes: 64 * MiB,
  /** Manifests that a tree shows. */
  treeNodes: 2_000,
  signaturesPerEnvelope: 32,
  subjectsPerStatement: 1_024,
  predicateTypeLength: 1_000,
  /** The payload of a legacy signature: a digest, a name and annotations. */
  simpleSigningBytes: 1 * MiB,
  /** Values in a bundle or envelope, whose payload is one of them; a byte each at least. */
  bundleParts: 1_000_000,
  /** Values in a statement: an SBOM of 128 MiB has about 8 million. */
  statementParts: 10_000_000,
  logEntriesPerBundle: 32,
  timestampsPerBundle: 32,
  certificatesPerBundle: 16,
  /** One certificate or RFC 3161 timestamp; Fulcio's and the public authority's are about 1 KiB. */
  certificateBytes: 64 * KiB,
  timestampBytes: 64 * KiB,
  /** What a transparency log wrote down of one signature: digests, a signature, a certificate. */
  logEntryBytes: 1 * MiB,
  /** A log of 2^64 entries. */
  logProofHashes: 64,
  logCheckpointLength: 64 * KiB,
  /** Fulcio and timestamp authorities answer within a second, Rekor v2 only with its next batch. */
  signingServiceMs: 20_000,
  /** A certificate with its chain, or a log entry: both are a few KiB. */
  signingServiceAnswerBytes: 2 * MiB,
} as const;
