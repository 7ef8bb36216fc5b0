import { readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

const output = {
  dir: 'dist',
  format: 'esm',
  // Comments and white space only: a stack trace still names functions.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
};

/** Whoever keeps keys in a cloud installs its library beside Plimsoll. */
const { peerDependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const shared = { platform: 'node', external: Object.keys(peerDependencies) };

/**
 * One chunk a command, loaded when it is called. The catalog's threads have a bundle of their own, so that each loads
 * only what reading a layer takes.
 */
export default defineConfig([
  { ...shared, input: { plimsoll: 'src/cli/main.ts' }, output: { ...output, cleanDir: true } },
  { ...shared, input: { 'catalog-worker': 'src/catalog/worker.ts' }, output },
]);
