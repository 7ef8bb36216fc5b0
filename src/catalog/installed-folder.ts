const folders = /(?:^|\/)(?:node_modules|site-packages|dist-packages|usr\/share\/nodejs)\//;

/**
 * Whether a file lies among installed packages. A lock file or a list of requirements there is part of some package: it
 * says what its authors worked with, not what is installed.
 */
export function isAmongInstalled(path: string): boolean {
  return folders.test(path);
}

const testFolder = /\/(?:tests?|__tests__|testdata|fixtures?|__fixtures__)\//;

/** Whether a path, relative to an installed package, leads into its tests: packages there are made up for them. */
export function isInTests(pathInPackage: string): boolean {
  return testFolder.test(`/${pathInPackage}`);
}
