import type { CommandEntry } from './command-entry.ts';

/** Each command is a chunk of its own, loaded when it is called. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'scan',
    summary: 'find what is vulnerable in images, folders, files and SBOMs',
    load: () => import('./scan.ts'),
  },
  { name: 'sbom', summary: 'list what is in them (CycloneDX, SPDX)', load: () => import('./sbom.ts') },
  { name: 'gate', summary: 'hold them against the policy: allow, warn or deny', load: () => import('./gate.ts') },
  { name: 'keys', summary: 'make, import and show keys to sign with', load: () => import('./keys.ts') },
  { name: 'sign', summary: 'sign an image', load: () => import('./sign.ts') },
  { name: 'attest', summary: 'attach a signed statement: an SBOM, a scan, …', load: () => import('./attest.ts') },
  { name: 'verify', summary: 'verify who signed an image', load: () => import('./verify.ts') },
  {
    name: 'verify-attestation',
    summary: 'verify who states what of an image',
    load: () => import('./verify-attestation.ts'),
  },
  { name: 'tree', summary: 'show what is attached to an image, and by whom', load: () => import('./tree.ts') },
  {
    name: 'copy',
    summary: 'copy an image with everything that is attached to it',
    load: () => import('./copy.ts'),
  },
  { name: 'save', summary: 'save it with all of that in a file', load: () => import('./save.ts') },
  { name: 'load', summary: 'put what was saved into a registry or a layout', load: () => import('./load.ts') },
  { name: 'sign-blob', summary: 'sign a file', load: () => import('./sign-blob.ts') },
  { name: 'attest-blob', summary: 'make a signed statement about files', load: () => import('./attest-blob.ts') },
  { name: 'verify-blob', summary: 'verify who signed a file', load: () => import('./verify-blob.ts') },
  {
    name: 'verify-blob-attestation',
    summary: 'verify who states what of a file',
    load: () => import('./verify-blob-attestation.ts'),
  },
  {
    name: 'provenance',
    summary: 'write and verify where software was built, from what and by whom',
    load: () => import('./provenance.ts'),
  },
  { name: 'db', summary: 'get, look at and search the advisory data', load: () => import('./db.ts') },
  { name: 'policy', summary: 'check, show or start a policy file', load: () => import('./policy.ts') },
  {
    name: 'quickstart',
    summary: 'see the whole flow on a folder, without network',
    load: () => import('./quickstart.ts'),
  },
  { name: 'version', flags: ['--version', '-V'], summary: 'print the version', load: () => import('./version.ts') },
  {
    name: 'help',
    flags: ['--help', '-h'],
    summary: 'print this help, or that of a command',
    load: async () => (await import('./help.ts')).helpOn(commands),
  },
];
