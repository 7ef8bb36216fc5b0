/**
 * Installed PHP packages: what Composer writes to `vendor/composer/installed.json` (getcomposer.org, "Composer\InstalledVersions"
 * and "composer.json"), and what distributions leave of packages that they install without Composer.
 */
export {};
