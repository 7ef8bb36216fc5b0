/** A registry on loopback, in a process of its own: prints its address, and ends with its parent. */
import { startRegistry } from '../src/image/testing-registry.ts';

const registry = await startRegistry({ referrers: true });
process.stdout.write(`${registry.host}\n`);
process.stdin.resume().on('end', () => process.exit());
