import { defineConfig } from 'rolldown';

/** One chunk a command, loaded when it is called; the catalog's threads have an entry of their own beside them. */
export default defineConfig({
  input: { plimsoll: 'src/cli/main.ts', 'catalog-worker': 'src/catalog/worker.ts' },
  platform: 'node',
  output: {
    dir: 'dist',
    format: 'esm',
    cleanDir: true,
    minify: false,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  },
});
