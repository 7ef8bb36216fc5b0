/** What an archive's file name says: `commons-io-2.11.0.jar`. */
export interface ArchiveName {
  /** The name without its extension and without words like `sources` at its end. */
  readonly stem: string;
  readonly artifact: string;
  readonly version?: string | undefined;
}

/** Maven classifiers (and build habits) that follow the version and are no part of it. */
const classifiers = new Set(
  'sources javadoc tests test-sources test all shaded uber fat standalone bin exec boot plain jar-with-dependencies with-dependencies no_aop indy nodeps natives linux-x86_64 linux-aarch_64 linux-amd64 linux-arm64 linux-i686 osx-x86_64 osx-aarch_64 macos-x86_64 macos-aarch_64 windows-x86_64 windows-x86 win-amd64 linux mac mac-aarch64 win'.split(
    ' ',
  ),
);

/** Longer names are taken as they are: file systems allow 255 bytes, only entries of archives can have more. */
const longestName = 255;

const startsVersion = /^v?\d/;
/** What may follow in a version after its first number: `1.0-rc-1`, `31.1-jre`, `1.2-20200101.123456-7`, `3.0-b08`. */
const continuesVersion =
  /^(?:\d.*|(?:alpha|beta|rc|cr|ga|final|release|snapshot|sp|pre|preview|dev|build|jre|android|incubating|milestone|patch|redhat|fuse|jboss|hadoop|spark|jdk|java|empty|nightly|ea|m|b|r|p|v|rev|hotfix|fix|stable|lts|native|canary|eap)[\d._]*|[0-9a-f]{7,40}|\S*~\S*)$/i;

/** Takes the path of an archive apart. A version is only what can hardly be anything else: `log4j-1.2-api` has none. */
export function parseArchiveName(path: string): ArchiveName {
  const file = path.slice(path.lastIndexOf('/') + 1);
  const dot = file.includes('.') ? file.lastIndexOf('.') : file.length;
  const whole = file.slice(0, dot).trim() === '' ? file : file.slice(0, dot);
  if (whole.length > longestName) return { stem: whole, artifact: whole };
  const stem = withoutClassifier(whole);
  const words = stem.split('-');
  for (let index = 1; index < words.length; index++) {
    if (!startsVersion.test(words[index] ?? '')) continue;
    const artifact = words.slice(0, index).join('-');
    if (/[^-\s]/.test(artifact) && words.slice(index + 1).every((word) => continuesVersion.test(word))) {
      return { stem, artifact, version: words.slice(index).join('-') };
    }
  }
  // OSGi bundles in an update site: `org.eclipse.core.runtime_3.7.0.v20110110`.
  const [, artifact, version] = /^([^_\s].*?)_(\d+\.\d+\.\d+(?:\.[\w-]+)?)$/.exec(stem) ?? [];
  return artifact === undefined ? { stem, artifact: stem } : { stem, artifact, version };
}

/** `wagon-http-shaded` is `wagon-http`: a name without the classifier that someone put before the version. */
export function withoutTrailingClassifier(artifact: string): string {
  const end = [...classifiers].find((classifier) => artifact.endsWith(`-${classifier}`));
  return end === undefined ? artifact : artifact.slice(0, -end.length - 1);
}

function withoutClassifier(stem: string): string {
  for (let dash = stem.indexOf('-'); dash > 0; dash = stem.indexOf('-', dash + 1)) {
    if (classifiers.has(stem.slice(dash + 1)) && /-v?\d/.test(stem.slice(0, dash))) return stem.slice(0, dash);
  }
  return stem;
}
