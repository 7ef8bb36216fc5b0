import { spawn } from 'node:child_process';
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyImage, openStore, parseTarget } from '../src/image/index.ts';
import { layoutOf, testImage, writeFiles } from '../src/image/testing-image.ts';
import {
  attest,
  keyAuthority,
  keySealer,
  publicKeyPem,
  remembering,
  signImage,
  verifyImage,
} from '../src/trust/index.ts';
import { median } from './measure.ts';

const attestations = ['cyclonedx', 'vuln', 'slsaprovenance1'] as const;
const verificationsPerRound = 500;

export interface Signed {
  /** An OCI layout with the image. */
  readonly layout: string;
  readonly publicKey: string;
  /** For each second of processor time of the process that verifies. */
  readonly perCoreSecond: number;
  /** The same for bare ECDSA P-256 verification of as many signatures. */
  readonly ceiling: number;
  /** For each second of the clock, the registry on the same machine. */
  readonly perSecond: number;
}

/**
 * Signs an image with three attestations, and verifies all four again and again from a registry on loopback, in this
 * process, as a program would that has verified before.
 */
export async function verifying(scratch: string, rounds: number): Promise<Signed> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const layout = join(scratch, 'signed');
  const image = testImage();
  await writeFiles(layout, layoutOf([{ image, name: 'app:1' }]));
  const { store: local } = await openStore(await parseTarget(`oci:${layout}`), { env: {} });
  const seal = keySealer({
    publicKey: async () => publicKey,
    sign: async (payload) => sign('sha256', payload, privateKey),
  });
  await signImage(local, image.digest, seal);
  const predicate = { note: 'x'.repeat(20_000) };
  for (const type of attestations) await attest(local, image.digest, seal, { type, predicate });

  const registry = spawn(process.execPath, [join(import.meta.dirname, 'registry.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [host] = await once(registry.stdout, 'data');
    const target = await parseTarget(`${String(host).trim()}/team/app:1`);
    const { store } = await openStore(target, { env: {} });
    const root = await local.manifest(image.digest);
    if (root === undefined) throw new Error('the image is not there');
    await copyImage(local, root, store, { tag: '1' });
    const authority = keyAuthority(publicKey, 'release');
    const known = remembering(store);
    const verifyOnce = async () => {
      const question = { signatures: true, attestations };
      const { verified } = await verifyImage(known, { digest: image.digest }, [authority], question);
      if (verified.length !== attestations.length + 1) throw new Error(`${verified.length} verified`);
    };
    for (let index = 0; index < verificationsPerRound; index++) await verifyOnce();
    const runs: { readonly core: number; readonly clock: number }[] = [];
    for (let round = 0; round < rounds; round++) runs.push(await timed(verifyOnce));
    const bare = bareVerification(publicKey, sign('sha256', Buffer.from('payload'), privateKey));
    const file = join(scratch, 'release.pub');
    writeFileSync(file, publicKeyPem(publicKey));
    return {
      layout,
      publicKey: file,
      perCoreSecond: median(runs.map(({ core }) => core)),
      perSecond: median(runs.map(({ clock }) => clock)),
      ceiling: 1 / (bare * (attestations.length + 1)),
    };
  } finally {
    registry.kill();
  }
}

async function timed(work: () => Promise<void>) {
  const [started, before] = [performance.now(), process.cpuUsage()];
  for (let index = 0; index < verificationsPerRound; index++) await work();
  const { user, system } = process.cpuUsage(before);
  return {
    core: verificationsPerRound / ((user + system) / 1e6),
    clock: verificationsPerRound / ((performance.now() - started) / 1e3),
  };
}

/** Seconds of processor time for one signature. */
function bareVerification(publicKey: Parameters<typeof verify>[2], signature: Buffer): number {
  const payload = Buffer.from('payload');
  const times = 4_000;
  const before = process.cpuUsage();
  for (let index = 0; index < times; index++) verify('sha256', payload, publicKey, signature);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6 / times;
}
