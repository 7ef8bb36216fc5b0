import { defineConfig } from 'rolldown';

const output = {
  dir: 'dist',
  format: 'esm',
  minify: false,
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
};

/**
 * One chunk a command, loaded when it is called. The catalog's threads have a bundle of their own, so that each loads
 * only what reading a layer takes.
 */
export default defineConfig([
  { input: { plimsoll: 'src/cli/main.ts' }, platform: 'node', output: { ...output, cleanDir: true } },
  { input: { 'catalog-worker': 'src/catalog/worker.ts' }, platform: 'node', output },
]);
