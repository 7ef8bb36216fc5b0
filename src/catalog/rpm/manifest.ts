import { limits } from '../../limits.ts';
import { lines } from '../lines.ts';
import { type RpmPackage, rpmVersion, stated } from './package.ts';
import { brokenDatabase } from './part.ts';

/**
 * The list that distroless images of CBL-Mariner and Azure Linux have instead of a database: a line for each package,
 * separated by tabs: name, version-release, time of installation and of build, vendor, epoch, size, architecture,
 * epoch as a number, source rpm.
 */
export function manifestPackages(text: string): readonly RpmPackage[] {
  const packages: RpmPackage[] = [];
  for (const line of lines(text)) {
    if (line.trim() === '') continue;
    const [name, version, , , vendor, , , arch, epoch, source] = line.split('\t', 10);
    if (name === undefined || name.trim() === '' || source === undefined || !/^\d+$/.test(epoch ?? '')) {
      throw brokenDatabase(`"${line.slice(0, 80)}" is no line of a container manifest`);
    }
    if (packages.length >= limits.componentsPerFile)
      throw brokenDatabase(`it lists more than ${limits.componentsPerFile} packages`);
    const full = rpmVersion(Number(epoch), stated(version), undefined);
    const architecture = stated(arch);
    const sourceRpm = stated(source);
    const supplier = stated(vendor);
    packages.push({
      name: name.trim(),
      ...(full === undefined ? {} : { version: full }),
      ...(architecture === undefined ? {} : { architecture }),
      ...(sourceRpm === undefined ? {} : { sourceRpm }),
      ...(supplier === undefined ? {} : { supplier }),
      requires: [],
      provides: [],
    });
  }
  return packages;
}
